/** One of several vendored documents, as if it were vendored alone. */
import { loadOverlays, loadVendored, OPENAPI_DIR, type VendoredDocument } from "../../openapi/document/load.js";
import { readLock } from "../../openapi/document/lock.js";
import { type Overlay, overlaysOf } from "../../openapi/document/overlay.js";

export interface Vendored {
  readonly vendored: readonly VendoredDocument[];
  readonly overlays: readonly Overlay[];
}

/** @param name with or without its ending. @throws {Error} when there is no such document. */
export function loadOnly(name: string): Vendored {
  const file = name.endsWith(".yaml") ? name : `${name}.yaml`;
  const vendored = loadVendored(OPENAPI_DIR, (_, each) => each === file);
  if (vendored.length === 0)
    throw new Error(`There is no ${file} in openapi/. There are: ${Object.keys(readLock(OPENAPI_DIR)).join(", ")}.`);
  return { vendored, overlays: overlaysOf(file, loadOverlays()) };
}
