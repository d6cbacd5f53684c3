import { loadOverlays, loadVendored, requireEffectiveDocument } from "../document/load.js";
import { constantsOf } from "./constants.js";
import { typesOf } from "./types.js";
import { validatorsOf } from "./validators.js";

/** What `generated/` must hold, by file name: a pure function of `openapi/`. */
export async function generatedFiles(openapiDir?: string): Promise<ReadonlyMap<string, string>> {
  const document = requireEffectiveDocument(loadVendored(openapiDir), loadOverlays(openapiDir));
  const [types, validators] = await Promise.all([typesOf(document), validatorsOf(document)]);
  return new Map([
    ["constants.ts", constantsOf(document)],
    ["openapi.json", `${JSON.stringify(document, null, 2)}\n`],
    ["schema.ts", types],
    ...Object.entries(validators),
  ]);
}
