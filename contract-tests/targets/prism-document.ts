/** What of a document the mock is given. */
import { isObject, type Json, type JsonObject } from "../../scripts/document/types.js";

/**
 * The document without `callbacks`: Prism calls them, after refused requests too, so a run would send requests to whatever
 * address a case names.
 */
export function mockDocument(document: JsonObject): JsonObject {
  const copy = structuredClone(document);
  for (const item of Object.values(isObject(copy.paths) ? copy.paths : {})) {
    for (const operation of Object.values(isObject(item) ? item : {})) drop(operation, "callbacks");
  }
  drop(copy.components, "callbacks");
  return copy;
}

function drop(holder: Json | undefined, key: string): void {
  if (isObject(holder)) delete holder[key];
}
