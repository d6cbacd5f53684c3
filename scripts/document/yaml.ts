import { parseDocument } from "yaml";
import { isObject, type JsonObject } from "./types.js";

/**
 * Parses YAML or JSON under YAML's core schema: `2024-01-01` stays a string and `no` stays a string.
 *
 * @throws {Error} naming the file and the line, for broken syntax, duplicate keys, alias bombs or a text that is no mapping.
 */
export function parseYaml(text: string, name: string): JsonObject {
  const document = parseDocument(text, { schema: "core", version: "1.2", uniqueKeys: true, prettyErrors: true });
  const [error] = document.errors;
  if (error) throw new Error(`${name}: ${error.message}`);
  const value: unknown = document.toJS({ maxAliasCount: 200 });
  if (!isObject(value))
    throw new Error(`${name}: expected a mapping at the top, found ${value === null ? "nothing" : typeof value}.`);
  // Anchored nodes arrive as shared objects; a copy makes each one its own, so that an overlay changes one place only.
  return structuredCloneTree(value) as JsonObject;
}

function structuredCloneTree(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(structuredCloneTree);
  if (isObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, structuredCloneTree(inner)]));
  return value;
}
