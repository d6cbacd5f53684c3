/** One of several vendored documents, as if it were vendored alone. */
import type { VendoredDocument } from "../../openapi/document/load.js";
import { type Overlay, overlaysOf } from "../../openapi/document/overlay.js";

export interface Vendored {
  readonly vendored: readonly VendoredDocument[];
  readonly overlays: readonly Overlay[];
}

/** @param name with or without its ending. @throws {Error} when there is no such document. */
export function only(name: string, { vendored, overlays }: Vendored): Vendored {
  const file = name.endsWith(".yaml") ? name : `${name}.yaml`;
  const own = vendored.filter((each) => each.name === file);
  if (own.length === 0)
    throw new Error(`There is no ${file} in openapi/. There are: ${vendored.map((each) => each.name).join(", ")}.`);
  return { vendored: own, overlays: overlaysOf(file, overlays) };
}
