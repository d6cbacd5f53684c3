import {
  type Alias,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
} from "yaml";
import { isObject, type JsonObject } from "./types.js";

/** Documents of APIs stay far below these; what goes beyond them is a bomb. */
const MOST_NODES = 1_000_000;
const MOST_CHARACTERS = 100_000_000;
const DEEPEST = 300;

/**
 * Parses YAML or JSON under YAML's core schema: `2024-01-01` stays a string and `no` stays a string.
 *
 * @throws {Error} naming the file and the line, for broken syntax, duplicate keys, alias bombs or a text that is no mapping.
 */
export function parseYaml(text: string, name: string): JsonObject {
  const value = valueIn(text, name);
  if (!isObject(value))
    throw new Error(`${name}: expected a mapping at the top, found ${value === null ? "nothing" : typeof value}.`);
  return value;
}

function valueIn(text: string, name: string): unknown {
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
    return new Reader(text, document).value();
  } catch (error) {
    // The parser goes down by recursion.
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`${name}: ${/Maximum call stack/.test(message) ? "nested too deeply." : message}`);
  }
}

/**
 * From the parser's nodes to plain values. Not the parser's own way, which looks through the whole document for each alias;
 * and each alias becomes a copy of its own, so that an overlay changes one place only.
 */
class Reader {
  readonly #text: string;
  readonly #contents: unknown;
  readonly #targets = new Map<Alias, Node>();
  readonly #anchors = new Map<string, Node>();
  #nodes = 0;
  #characters = 0;

  constructor(text: string, document: Document.Parsed) {
    this.#text = text;
    this.#contents = document.contents;
  }

  value(): unknown {
    this.#bind(this.#contents);
    return this.#read(this.#contents, 0);
  }

  /** An alias stands for the last node with its anchor that comes before it. */
  #bind(node: unknown): void {
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source);
      if (!target) throw new Error(`The alias *${node.source}${this.#line(node)} has no anchor before it.`);
      this.#targets.set(node, target);
    } else if (isPair(node)) {
      this.#bind(node.key);
      this.#bind(node.value);
    } else if (isScalar(node) || isCollection(node)) {
      if (node.anchor) this.#anchors.set(node.anchor, node);
      if (isCollection(node)) for (const item of node.items) this.#bind(item);
    }
  }

  #read(node: unknown, depth: number): unknown {
    if (depth > DEEPEST) throw new Error(`nested more than ${DEEPEST} levels deep, or an alias contains itself.`);
    this.#count(0);
    if (isAlias(node)) return this.#read(this.#targets.get(node), depth + 1);
    if (isSeq(node)) return node.items.map((item) => this.#read(item, depth + 1));
    if (isMap(node)) {
      const result: Record<string, unknown> = {};
      for (const { key, value } of node.items) {
        const word = this.#key(key);
        if (Object.hasOwn(result, word))
          throw new Error(`Map keys must be unique: "${word}"${this.#line(key)} stands twice.`);
        result[word] = this.#read(value, depth + 1);
      }
      return result;
    }
    return isScalar(node) ? this.#scalar(node.value) : null;
  }

  #scalar(value: unknown): unknown {
    if (typeof value === "string") this.#count(value.length);
    if (typeof value === "bigint" || (typeof value === "number" && !Number.isFinite(value)))
      throw new Error(`${String(value)} is a number that JSON cannot hold.`);
    return value;
  }

  /** A key is the text that was written: `200`, `1.0`, `null`. */
  #key(key: unknown): string {
    if (!isScalar(key)) {
      const what = isAlias(key) ? "An alias" : "A mapping or a list";
      throw new Error(`${what} cannot be a key${this.#line(key)}.`);
    }
    const word = typeof key.value === "string" ? key.value : (key.source ?? String(key.value));
    if (word === "__proto__") throw new Error(`"__proto__"${this.#line(key)} cannot be a key.`);
    this.#count(word.length);
    return word;
  }

  #count(characters: number): void {
    this.#nodes++;
    this.#characters += characters;
    if (this.#nodes > MOST_NODES || this.#characters > MOST_CHARACTERS)
      throw new Error("its aliases expand to more than any API's document: an alias bomb.");
  }

  #line(node: unknown): string {
    const start = (isScalar(node) || isCollection(node) || isAlias(node)) && node.range ? node.range[0] : undefined;
    return start === undefined ? "" : ` at line ${this.#text.slice(0, start).split("\n").length}`;
  }
}
