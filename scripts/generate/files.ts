import { loadOverlays, loadVendored, requireEffectiveDocument } from "../../openapi/document/load.js";
import type { JsonObject } from "../../openapi/document/types.js";
import { constantsOf } from "./constants.js";
import { typesOf } from "./types.js";
import { validatorsOf } from "./validators.js";

/** What `generated/` must hold, by file name: a pure function of `openapi/`. */
export async function generatedFiles(openapiDir?: string): Promise<ReadonlyMap<string, string>> {
  return await filesOf(requireEffectiveDocument(loadVendored(openapiDir), loadOverlays(openapiDir)));
}

/** {@link generatedFiles} of an effective document that is not on disk yet. */
export async function filesOf(document: JsonObject): Promise<ReadonlyMap<string, string>> {
  const [types, validators] = await Promise.all([typesOf(document), validatorsOf(document)]);
  return new Map([
    ["constants.ts", constantsOf(document)],
    ["openapi.json", `${JSON.stringify(document, null, 2)}\n`],
    ["schema.ts", types],
    ...Object.entries(validators),
  ]);
}
