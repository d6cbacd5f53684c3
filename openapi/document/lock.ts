/** `openapi/vendor.lock.json`: what was vendored, from where, and when. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { canonicalJson, sha256 } from "./hash.js";
import { at, stepsOf } from "./pointer.js";
import { isObject, type JsonObject } from "./types.js";

export interface LockEntry {
  /** Where the page came from, as given to `npm run vendor`; a path is reduced to its file name. */
  readonly source: string;
  readonly page_sha256: string;
  readonly document_sha256: string;
  /** sha256 of the document as canonical JSON: unchanged when only layout or the order of keys changed. */
  readonly canonical_sha256: string;
  /** The day it was taken in, YYYY-MM-DD. */
  readonly date: string;
  /** `document`: the source was an OpenAPI document without a page around it. */
  readonly form?: "document";
  /** The server in place of those that the document names. */
  readonly server?: string;
  /** Pointers of what is left out of the document on request. */
  readonly skip?: readonly string[];
  /** Pointers of empty lists of alternatives, which no value could match: they are left out. */
  readonly repaired?: readonly string[];
  /** Pointers of `nullable` without a `type`, which OpenAPI gives no meaning: null is allowed there. */
  readonly nullable_without_type?: readonly string[];
  /** Pointers of examples that contradict their schema: they stay as they came. */
  readonly wrong_examples?: readonly string[];
  /** Words stood on the line of the page's fence. */
  readonly glued?: true;
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

/** @param dir an `openapi/` folder. */
export function readLock(dir: string): Lock {
  const path = join(dir, "vendor.lock.json");
  try {
    return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Lock) : {};
  } catch (error) {
    throw new Error(`openapi/vendor.lock.json: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The document with the server, and without the places, that its lock entry names. @throws {Error} for a place that is not there. */
export function adjusted(
  document: JsonObject,
  { server, skip = [], repaired = [] }: Partial<LockEntry> = {},
): JsonObject {
  const places = [...skip, ...repaired];
  if (server === undefined && places.length === 0) return document;
  const result = structuredClone(document);
  if (server !== undefined) result.servers = [{ url: server }];
  for (const pointer of places) {
    const parent = at(result, pointer.slice(0, pointer.lastIndexOf("/")));
    const key = stepsOf(pointer).at(-1) ?? "";
    if (Array.isArray(parent) && Number(key) in parent) parent.splice(Number(key), 1);
    else if (isObject(parent) && Object.hasOwn(parent, key)) delete parent[key];
    else throw new Error(`--skip ${pointer}: the document has nothing there.`);
  }
  return result;
}
