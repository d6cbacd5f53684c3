/**
 * A document of many operations: numbered copies of what is vendored and of the suite's document of every shape, half of the
 * operations each. A quarter of the copies has no operation ids. It has the flaws that the provider's own full document has, so
 * that it needs what the intake repairs, leaves out and knows as a finding.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Contract } from "../../contract-tests/contract.js";
import type { KnownFinding } from "../../contract-tests/run/findings.js";
import { loadOverlays, loadVendored, ROOT } from "../../openapi/document/load.js";
import { operationPointers } from "../../openapi/document/merge.js";
import { at, pointerOf } from "../../openapi/document/pointer.js";
import { type JsonObject, objectOf } from "../../openapi/document/types.js";
import { parseYaml } from "../../openapi/document/yaml.js";

const PATH = "/v1/ai/image-upscaler-precision";
const FULL = "/requestBody/content/application~1json/examples/full";
/** It refers to a component that does not exist. */
export const SKIPPED = pointerOf(["paths", `/copy-2${PATH}`, "post"]);
/** The images that are cut, besides what is known of the provider's pages. */
export const CUT: KnownFinding = { pointer: `/paths/*/*${FULL}`, checks: ["schema"], reason: "The image is cut." };

export function scaleDocument(operations: number): JsonObject {
  const shapes = readFileSync(join(ROOT, "contract-tests/test/shapes.yaml"), "utf8");
  const sources = [new Contract(loadVendored(), loadOverlays()).document, parseYaml(shapes, "shapes.yaml")];
  const paths: JsonObject = {};
  const components: Record<string, JsonObject> = {};
  let index = 0;
  for (const source of sources)
    for (let count = 0; count < operations / sources.length; count += operationPointers(source).length) {
      const copy = copyOf(source, ++index);
      if (source === sources[0]) spoil(copy, index);
      for (const [path, item] of Object.entries(objectOf(copy.paths))) paths[`/copy-${index}${path}`] = item;
      for (const [group, items] of Object.entries(objectOf(copy.components))) {
        const suffix = group === "securitySchemes" ? "" : `_${index}`;
        components[group] ??= {};
        for (const [name, item] of Object.entries(objectOf(items))) components[group][name + suffix] = item;
      }
    }
  return { ...sources[0], paths, components };
}

/** With operation ids and references to components of the same number, and the document's security at each operation. */
function copyOf(source: JsonObject, index: number): JsonObject {
  const text = JSON.stringify(source)
    .replaceAll(/"#\/components\/\w+\/[^"/]+/g, `$&_${index}`)
    .replaceAll(/"operationId":"\w+/g, `$&_${index}`);
  const copy = JSON.parse(text) as JsonObject;
  for (const item of Object.values(objectOf(copy.paths)))
    for (const operation of Object.values(objectOf(item)).map(objectOf)) {
      operation.security ??= source.security ?? [];
      if (index % 4 === 0) delete operation.operationId;
    }
  return copy;
}

/** Each operation has the page's example of problem details already, which contradicts its schema; other flaws are rare. */
function spoil(copy: JsonObject, index: number): void {
  const post = objectOf(at(copy, pointerOf(["paths", PATH, "post"])));
  const responses = objectOf(post.responses);
  if (index === 2) responses["200"] = { $ref: "#/components/responses/undefined" };
  if (index === 3)
    responses["418"] = { description: "", content: { "text/plain": { schema: { type: "string", anyOf: [] } } } };
  if (index % 25 === 0) objectOf(at(post, `${FULL}/value`)).image = "iVBORw0KGgo*";
}
