import { type Alias, isAlias, isCollection, isMap, isScalar, isSeq, type Node, parseDocument } from "yaml";
import { isObject, type JsonObject } from "./types.js";

/** In values and thousands of characters. An API's document stays far below it; what goes beyond it is a bomb. */
const LARGEST = 500_000;
const DEEPEST = 300;

/**
 * Parses YAML or JSON under YAML's core schema: `2024-01-01` stays a string and `no` stays a string.
 *
 * @throws {Error} naming the file and the line, for broken syntax, duplicate keys, alias bombs or a text that is not a mapping.
 */
export function parseYaml(text: string, name: string): JsonObject {
  let value: unknown;
  try {
    // The parser's own check of duplicate keys is quadratic in a mapping's size; ours below is linear.
    const options = { schema: "core", version: "1.2", uniqueKeys: false, resolveKnownTags: false } as const;
    const { errors, warnings, contents } = parseDocument(text, options);
    // A warning is a tag that JSON has no type for, such as !!binary.
    const [error] = [...errors, ...warnings];
    if (error) throw new Error(error.message.trim());
    value = new Reader(text).read(contents, 0);
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
 * From the parser's nodes to plain values. The parser's own conversion searches the whole document for each alias; here
 * each alias becomes a copy, so that an overlay changes one place only.
 */
class Reader {
  readonly #text: string;
  /** The last node with each anchor so far. */
  readonly #anchors = new Map<string, Node>();
  readonly #targets = new Map<Alias, Node>();
  readonly #anchored = new Set<Node>();
  #size = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(node: unknown, depth: number): unknown {
    if (depth > DEEPEST) throw new Error(`nested more than ${DEEPEST} levels deep, or an alias contains itself.`);
    this.#count(1);
    if (isAlias(node)) return this.read(this.#target(node), depth + 1);
    if (!isScalar(node) && !isCollection(node)) return null;
    // What an alias stands for is read again, but its anchors are not set again.
    if (node.anchor !== undefined && !this.#anchored.has(node)) {
      this.#anchored.add(node);
      this.#anchors.set(node.anchor, node);
    }
    if (isSeq(node)) return node.items.map((item) => this.read(item, depth + 1));
    if (isMap(node)) {
      const result: Record<string, unknown> = {};
      for (const { key, value } of node.items) {
        const word = this.#key(key);
        if (Object.hasOwn(result, word))
          throw new Error(`Map keys must be unique: "${word}"${this.#line(key)} is there twice.`);
        result[word] = this.read(value, depth + 1);
      }
      return result;
    }
    const { value } = node as { value: unknown };
    if (typeof value === "string") this.#count(value.length / 1000);
    if (typeof value === "bigint" || (typeof value === "number" && !Number.isFinite(value)))
      throw new Error(`JSON cannot hold the number ${String(value)}${this.#line(node)}.`);
    return value;
  }

  #target(alias: Alias): Node {
    const target = this.#targets.get(alias) ?? this.#anchors.get(alias.source);
    if (!target) throw new Error(`The alias *${alias.source}${this.#line(alias)} has no anchor before it.`);
    this.#targets.set(alias, target);
    return target;
  }

  /** A key is the text that was written: `200`, `1.0`, `null`. */
  #key(key: unknown): string {
    if (!isScalar(key)) throw new Error(`Only text can be a key, not an alias or a collection${this.#line(key)}.`);
    const word = typeof key.value === "string" ? key.value : (key.source ?? String(key.value));
    if (word === "__proto__") throw new Error(`"__proto__"${this.#line(key)} cannot be a key.`);
    this.#count(word.length / 1000);
    return word;
  }

  #count(size: number): void {
    this.#size += size;
    if (this.#size > LARGEST) throw new Error("its aliases expand to more than any API's document: an alias bomb.");
  }

  #line(node: unknown): string {
    const start = (isScalar(node) || isCollection(node) || isAlias(node)) && node.range ? node.range[0] : undefined;
    return start === undefined ? "" : ` at line ${this.#text.slice(0, start).split("\n").length}`;
  }
}
