import { type Alias, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from "yaml";
import { isObject, type Json, type JsonObject } from "./types.js";

/** In values and thousands of characters. An API's document stays far below it; what goes beyond it is a bomb. */
const LARGEST = 500_000;
const DEEPEST = 300;

/**
 * Parses YAML or JSON under YAML's core schema: `2024-01-01` and `no` stay strings, and a key is the text that was written.
 *
 * @throws {Error} naming the file and the line, for broken syntax, duplicate keys, alias bombs or a text that is not a mapping.
 */
export function parseYaml(text: string, name: string): JsonObject {
  let value: Json;
  try {
    value = readValue(text);
  } catch (error) {
    // The parser is recursive.
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`${name}: ${/Maximum call stack/.test(message) ? "nested too deeply." : message}`);
  }
  if (!isObject(value))
    throw new Error(`${name}: expected a mapping at the top, found ${value === null ? "nothing" : typeof value}.`);
  return value;
}

/**
 * The parser's own conversion searches the whole document for each alias, and its check of duplicate keys is quadratic.
 * Here each alias becomes a copy, so that an overlay changes one place only.
 */
function readValue(text: string): Json {
  const lines = new LineCounter();
  const options = { schema: "core", stringKeys: true, uniqueKeys: false, resolveKnownTags: false } as const;
  const document = parseDocument(text, { ...options, lineCounter: lines });
  // A warning is a tag that JSON has no type for, such as !!binary.
  const [error] = [...document.errors, ...document.warnings];
  if (error) throw new Error(error.message.trim());
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node | undefined>();
  visit(document, {
    Alias: (_, alias) => void targets.set(alias, anchors.get(alias.source)),
    Value: (_, node) => void (node.anchor !== undefined && anchors.set(node.anchor, node)),
  });
  let size = 0;
  const count = (more: number) => {
    size += more;
    if (size > LARGEST) throw new Error("its aliases expand to more than any API's document: an alias bomb.");
  };
  const at = (node: unknown) => ` at line ${lines.linePos((node as Node).range?.[0] ?? 0).line}`;
  const read = (node: unknown, depth: number): Json => {
    if (depth > DEEPEST) throw new Error(`nested more than ${DEEPEST} levels deep, or an alias contains itself.`);
    count(1);
    if (isAlias(node)) {
      const target = targets.get(node);
      if (!target) throw new Error(`The alias *${node.source}${at(node)} has no anchor before it.`);
      return read(target, depth + 1);
    }
    if (isSeq(node)) return node.items.map((item) => read(item, depth + 1));
    if (isMap(node)) {
      const result: JsonObject = {};
      for (const { key, value } of node.items) {
        const word = isScalar(key) ? String(key.value) : "";
        if (Object.hasOwn(result, word))
          throw new Error(`Map keys must be unique: "${word}"${at(key)} is there twice.`);
        if (word === "__proto__") throw new Error(`"__proto__"${at(key)} cannot be a key.`);
        count(word.length / 1000);
        result[word] = read(value, depth + 1);
      }
      return result;
    }
    const value = isScalar(node) ? (node.value as Json) : null;
    if (typeof value === "string") count(value.length / 1000);
    if (typeof value === "number" && !Number.isFinite(value))
      throw new Error(`JSON cannot hold the number ${value}${at(node)}.`);
    return value;
  };
  return read(document.contents, 0);
}
