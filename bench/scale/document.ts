/**
 * A document of many operations: numbered copies of what is vendored and of the suite's document of every shape, half of the
 * operations each. A quarter of the copies has no operation ids.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Contract } from "../../contract-tests/contract.js";
import { loadOverlays, loadVendored, ROOT } from "../../openapi/document/load.js";
import { operationsOf } from "../../openapi/document/operations.js";
import { isObject, type JsonObject, objectOf } from "../../openapi/document/types.js";
import { parseYaml } from "../../openapi/document/yaml.js";

export function scaleDocument(operations: number): JsonObject {
  const shapes = readFileSync(join(ROOT, "contract-tests/test/shapes.yaml"), "utf8");
  const sources = [new Contract(loadVendored(), loadOverlays()).document, parseYaml(shapes, "shapes.yaml")];
  const paths: JsonObject = {};
  const components: Record<string, JsonObject> = {};
  let index = 0;
  for (const source of sources)
    for (let count = 0; count < operations / sources.length; count += operationsOf(source).length) {
      const copy = copyOf(source, ++index);
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
  const copy = JSON.parse(text, (key, value) => {
    // The example of this media type contradicts its schema, which is a known finding about the page.
    if (key === "application/problem+json") return { schema: value.schema };
    // `nullable` without a type is refused by the intake.
    if (isObject(value) && value.type === undefined && value.nullable === true) delete value.nullable;
    return value;
  }) as JsonObject;
  for (const item of Object.values(objectOf(copy.paths)))
    for (const operation of Object.values(objectOf(item))) {
      if (!isObject(operation)) continue;
      operation.security ??= source.security ?? [];
      if (index % 4 === 0) delete operation.operationId;
    }
  return copy;
}
