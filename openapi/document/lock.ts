/** `openapi/vendor.lock.json`: what was vendored, from where, and when. */
import { canonicalJson, sha256 } from "./hash.js";
import type { JsonObject } from "./types.js";

export interface LockEntry {
  /** Where the page came from, as given to `npm run vendor`; a path is reduced to its file name. */
  readonly source: string;
  /** sha256 of the page's bytes. */
  readonly page_sha256: string;
  /** sha256 of the document's bytes. */
  readonly document_sha256: string;
  /** sha256 of the document as canonical JSON: unchanged when only layout or the order of keys changed. */
  readonly canonical_sha256: string;
  /** The day it was taken in, YYYY-MM-DD. */
  readonly date: string;
  /** `document`: the source was an OpenAPI document without a page around it. */
  readonly form?: "document";
}

/** By the document's file name in `openapi/`. */
export type Lock = Readonly<Record<string, LockEntry>>;

export function lockEntry(
  source: string,
  page: Uint8Array,
  text: string,
  document: JsonObject,
  date: string,
): LockEntry {
  return {
    source,
    page_sha256: sha256(page),
    document_sha256: sha256(text),
    canonical_sha256: sha256(canonicalJson(document)),
    date,
  };
}
