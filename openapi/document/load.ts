/** Reads `openapi/` from disk: the vendored documents, the overlays, and the effective document they make. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { mergeDocuments } from "./merge.js";
import { applyOverlays, type Overlay, readOverlay, type UnmatchedAction } from "./overlay.js";
import type { JsonObject } from "./types.js";
import { parseYaml } from "./yaml.js";

/** The repository's root folder. */
export const ROOT: string = fileURLToPath(new URL("../../", import.meta.url));
export const OPENAPI_DIR: string = join(ROOT, "openapi");

export interface VendoredDocument {
  /** File name in `openapi/`, e.g. `upscaler-precision.yaml`. */
  readonly name: string;
  readonly text: string;
  readonly document: JsonObject;
}

/** The vendored documents, by file name. */
export function loadVendored(dir: string = OPENAPI_DIR): VendoredDocument[] {
  const names = readdirSync(dir)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort();
  return names.map((name) => {
    const text = readFileSync(join(dir, name), "utf8");
    return { name, text, document: parseYaml(text, `openapi/${name}`) };
  });
}

/** The overlays in the order of their file names, which is the order they are applied in. */
export function loadOverlays(dir: string = OPENAPI_DIR): Overlay[] {
  const folder = join(dir, "overlays");
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder)
    .filter((name) => name.endsWith(".overlay.yaml"))
    .sort();
  return names.map((name) =>
    readOverlay(parseYaml(readFileSync(join(folder, name), "utf8"), `openapi/overlays/${name}`), name),
  );
}

export interface EffectiveDocument {
  readonly document: JsonObject;
  readonly unmatched: readonly UnmatchedAction[];
}

/** Vendored documents plus overlays, merged. Pure: what is wrong with an overlay is returned or thrown, nothing is written. */
export function effectiveDocument(
  vendored: readonly VendoredDocument[],
  overlays: readonly Overlay[],
): EffectiveDocument {
  const known = new Set(vendored.map((each) => each.name));
  const stray = overlays.find((overlay) => !known.has(overlay.extends));
  if (stray) throw new Error(`${stray.name} extends "${stray.extends}", which is not in openapi/.`);
  const unmatched: UnmatchedAction[] = [];
  const parts = vendored.map(({ name, document }) => {
    const result = applyOverlays(
      document,
      overlays.filter((overlay) => overlay.extends === name),
    );
    unmatched.push(...result.unmatched);
    return { name, document: result.document };
  });
  return { document: mergeDocuments(parts), unmatched };
}

/** {@link effectiveDocument} for generation: an action that matched nothing is an error. */
export function requireEffectiveDocument(
  vendored: readonly VendoredDocument[],
  overlays: readonly Overlay[],
): JsonObject {
  const { document, unmatched } = effectiveDocument(vendored, overlays);
  if (unmatched.length > 0) {
    const list = unmatched.map((each) => `  ${each.overlay}, action ${each.index}: ${each.target}`).join("\n");
    throw new Error(`Overlay actions that match nothing (the page changed, or the target is misspelt):\n${list}`);
  }
  return document;
}
