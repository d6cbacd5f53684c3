/** Another version of a vendored document behind the mock: what `--mock-document` puts there. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { effectiveDocument, type VendoredDocument } from "../../openapi/document/load.js";
import type { Overlay } from "../../openapi/document/overlay.js";
import { resolve } from "../../openapi/document/pointer.js";
import type { Json, JsonObject } from "../../openapi/document/types.js";
import { parseYaml } from "../../openapi/document/yaml.js";
import type { Violation } from "../checks/check.js";

export interface BehindTheMock {
  readonly documents: readonly VendoredDocument[];
  /** The copy with our overlays. */
  readonly document: JsonObject;
  /** Overlay actions that find nothing in the copy. */
  readonly violations: readonly Violation[];
}

/** @throws {Error} when the copy cannot be read, or when its name is not that of one of several documents. */
export function behindTheMock(
  vendored: readonly VendoredDocument[],
  overlays: readonly Overlay[],
  file: string,
): BehindTheMock {
  const text = readFileSync(file, "utf8");
  const document = parseYaml(text, file);
  const [first, ...others] = vendored;
  const replaced = vendored.find((each) => each.name === basename(file)) ?? (others.length === 0 ? first : undefined);
  if (!replaced)
    throw new Error(`Name the copy like the document it stands for: ${vendored.map((each) => each.name).join(", ")}.`);
  const documents = vendored.map((each) => (each === replaced ? { name: each.name, text, document } : each));
  const effective = effectiveDocument(documents, overlays);
  requireTargets(effective.document, effective.document);
  return {
    documents,
    document: effective.document,
    violations: effective.unmatched.map((each) => ({
      check: "document",
      message: `${each.overlay}, action ${each.index}: ${each.target} matches nothing in the copy`,
    })),
  };
}

/** @throws {Error} for a `$ref` to nothing, of which the mock would only say that it did not start. */
function requireTargets(document: JsonObject, value: Json): void {
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === "$ref" && typeof inner === "string" && inner.startsWith("#"))
      resolve(document, decodeURIComponent(inner.slice(1)));
    else requireTargets(document, inner);
  }
}
