import { type Document, isAlias, isMap, isScalar, isSeq, type Node, parseDocument, type YAMLMap } from "yaml";
import { isObject, type JsonObject } from "./types.js";

/** Documents of APIs stay far below these; what goes beyond them is a bomb. */
const MOST_NODES = 2_000_000;
const MOST_CHARACTERS = 100_000_000;
const DEEPEST = 300;

/**
 * Parses YAML or JSON under YAML's core schema: `2024-01-01` stays a string and `no` stays a string.
 *
 * @throws {Error} naming the file and the line, for broken syntax, duplicate keys, alias bombs or a text that is no mapping.
 */
export function parseYaml(text: string, name: string): JsonObject {
  const value = plainCopy(parsed(text, name), name);
  if (!isObject(value))
    throw new Error(`${name}: expected a mapping at the top, found ${value === null ? "nothing" : typeof value}.`);
  return value as JsonObject;
}

function parsed(text: string, name: string): unknown {
  try {
    // The parser's own check of duplicate keys takes the square of a mapping's size; ours below is linear.
    const document = parseDocument(text, {
      schema: "core",
      version: "1.2",
      uniqueKeys: false,
      resolveKnownTags: false,
    });
    // A warning is a tag outside JSON's types, such as !!binary: what it means is not in the text.
    const [error] = [...document.errors, ...document.warnings];
    if (error) throw new Error(error.message.trim());
    settleKeys(document, text);
    // Aliases become shared objects here, whatever they would expand to: the copy below counts.
    return document.toJS({ maxAliasCount: -1 });
  } catch (error) {
    // The parser and the walk go down by recursion.
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`${name}: ${/Maximum call stack/.test(message) ? "nested too deeply." : message}`);
  }
}

/** Makes every key the string that was written (`200`, `1.0`, `null`), and refuses one that stands twice. */
function settleKeys(document: Document.Parsed, text: string): void {
  const visit = (node: unknown): void => {
    if (isSeq(node)) for (const item of node.items) visit(item);
    else if (isMap(node)) {
      const seen = new Set<string>();
      for (const { key, value } of (node as YAMLMap<Node>).items) {
        const word = keyOf(key, text);
        if (seen.has(word)) throw new Error(`Map keys must be unique: "${word}"${lineOf(key, text)} stands twice.`);
        seen.add(word);
        visit(value);
      }
    }
  };
  visit(document.contents);
}

function keyOf(key: Node, text: string): string {
  if (!isScalar(key)) {
    const what = isAlias(key) ? "An alias" : "A mapping or a list";
    throw new Error(`${what} cannot be a key${lineOf(key, text)}.`);
  }
  if (typeof key.value !== "string") key.value = key.source ?? String(key.value);
  return key.value as string;
}

function lineOf(node: Node, text: string): string {
  return node.range ? ` at line ${text.slice(0, node.range[0]).split("\n").length}` : "";
}

/**
 * Anchored nodes arrive as shared objects; a copy makes each one its own, so that an overlay changes one place only.
 * Numbers that JSON cannot hold, and anchors that contain themselves, are refused.
 */
function plainCopy(root: unknown, name: string): unknown {
  let nodes = 0;
  let characters = 0;
  const copy = (value: unknown, depth: number): unknown => {
    if (depth > DEEPEST)
      throw new Error(`${name}: nested more than ${DEEPEST} levels deep, or an alias contains itself.`);
    if (typeof value === "string") characters += value.length;
    if (++nodes > MOST_NODES || characters > MOST_CHARACTERS)
      throw new Error(`${name}: its aliases expand to more than any API's document: an alias bomb.`);
    if (typeof value === "bigint" || (typeof value === "number" && !Number.isFinite(value)))
      throw new Error(`${name}: ${String(value)} is a number that JSON cannot hold.`);
    if (Array.isArray(value)) return value.map((item) => copy(item, depth + 1));
    if (!isObject(value)) return value;
    const result: Record<string, unknown> = {};
    for (const [key, inner] of Object.entries(value)) {
      if (key === "__proto__") throw new Error(`${name}: "__proto__" cannot be a key.`);
      characters += key.length;
      result[key] = copy(inner, depth + 1);
    }
    return result;
  };
  return copy(root, 0);
}
