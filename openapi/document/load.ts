/** Reads `openapi/` from disk: the vendored documents, the overlays, and the effective documents they make. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { adjusted, readLock } from "./lock.js";
import { claims, mergeDocuments, type NamedDocument, operationPointers } from "./merge.js";
import {
  applyOverlays,
  inFileOrder,
  type Overlay,
  type OverlayResult,
  overlaysOf,
  readOverlay,
  type UnmatchedAction,
} from "./overlay.js";
import { at, pointerOf } from "./pointer.js";
import { type JsonObject, objectOf } from "./types.js";
import { parseYaml } from "./yaml.js";

export const ROOT: string = fileURLToPath(new URL("../../", import.meta.url));
export const OPENAPI_DIR: string = join(ROOT, "openapi");

/** The path of the operation that the client uses unless another is named. Its document comes first. */
export const DEFAULT_PATH = "/v1/ai/image-upscaler-precision";

export interface VendoredDocument extends NamedDocument {
  /** As it came. */
  readonly text: string;
  /** As it came, but for the server and the skipped places that its lock entry names. */
  readonly document: JsonObject;
}

/** The vendored documents, by file name, the default one first. @param isWanted by its text and name; the others are not parsed. */
export function loadVendored(
  dir: string = OPENAPI_DIR,
  isWanted: (text: string, name: string) => boolean = () => true,
): VendoredDocument[] {
  const lock = readLock(dir);
  const names = readdirSync(dir).filter((name) => /\.ya?ml$/.test(name));
  const documents = names.flatMap((name) => {
    const text = readFileSync(join(dir, name), "utf8");
    return isWanted(text, name)
      ? [{ name, text, document: adjusted(parseYaml(text, `openapi/${name}`), lock[name]) }]
      : [];
  });
  return inOrder(documents);
}

/** The document of the default operation with its overlays, as if nothing else were vendored. */
export function loadDefault(): {
  readonly vendored: readonly VendoredDocument[];
  readonly overlays: readonly Overlay[];
} {
  const path = new RegExp(`^ *["']?${DEFAULT_PATH}["']?:`, "m");
  const vendored = loadVendored(OPENAPI_DIR, (text) => path.test(text)).slice(0, 1);
  return { vendored, overlays: overlaysOf(vendored[0]?.name ?? "", loadOverlays()) };
}

export function inOrder<T extends NamedDocument>(documents: readonly T[]): T[] {
  const key = ({ name, document }: T) => (at(document, pointerOf(["paths", DEFAULT_PATH, "post"])) ? "" : name);
  return [...documents].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** The overlays in the order of their file names, which is the order they are applied in; those of the provider come last. */
export function loadOverlays(dir: string = OPENAPI_DIR): Overlay[] {
  const folder = join(dir, "overlays");
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith(".overlay.yaml"));
  const overlays = names.map((name) =>
    readOverlay(parseYaml(readFileSync(join(folder, name), "utf8"), `openapi/overlays/${name}`), name),
  );
  return overlays.sort(inFileOrder);
}

/** Each vendored document with its overlays. Pure: nothing is written. @throws {Error} for an overlay of no document. */
export function effectiveDocuments(
  vendored: readonly NamedDocument[],
  overlays: readonly Overlay[],
): { readonly documents: readonly NamedDocument[]; readonly unmatched: readonly UnmatchedAction[] } {
  const known = new Set(vendored.map((each) => each.name));
  const stray = overlays.find((overlay) => overlay.extends !== undefined && !known.has(overlay.extends));
  if (stray) throw new Error(`${stray.name} extends "${stray.extends}", which is not in openapi/.`);
  const unmatched: UnmatchedAction[] = [];
  const documents = vendored.map(({ name, document }) => {
    const result = applyOverlays(document, overlaysOf(name, overlays));
    unmatched.push(...result.unmatched);
    return { name, document: result.document };
  });
  return { documents, unmatched };
}

/** {@link effectiveDocuments} as one, for tools that take a single document. */
export function effectiveDocument(vendored: readonly NamedDocument[], overlays: readonly Overlay[]): OverlayResult {
  const { documents, unmatched } = effectiveDocuments(vendored, overlays);
  // An operation that an overlay adds gives way to a page of it, and to an overlay before it.
  for (const { name, document, owner, path, method } of claims(documents, ownersOf(vendored)))
    if (owner !== name) delete objectOf(objectOf(document.paths)[path])[method];
  return { document: mergeDocuments(documents), unmatched };
}

/** The document that has each operation itself, by the operation's pointer. */
export function ownersOf(vendored: readonly NamedDocument[]): ReadonlyMap<string, string> {
  return new Map(
    vendored.flatMap(({ name, document }) => operationPointers(document).map((pointer) => [pointer, name] as const)),
  );
}

/** @throws {Error} when an overlay action matched nothing. */
export function requireMatches(unmatched: readonly UnmatchedAction[]): void {
  if (unmatched.length === 0) return;
  const list = unmatched.map((each) => `  ${each.overlay}, action ${each.index}: ${each.target}`).join("\n");
  throw new Error(`Overlay actions that match nothing (the page changed, or the target is misspelt):\n${list}`);
}

/** {@link effectiveDocument} where an action that matched nothing is an error. */
export function requireEffectiveDocument(vendored: readonly NamedDocument[], overlays: readonly Overlay[]): JsonObject {
  const { document, unmatched } = effectiveDocument(vendored, overlays);
  requireMatches(unmatched);
  return document;
}
