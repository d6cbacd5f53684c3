/**
 * Compiles the schemas of one document with ajv. The generator writes what this compiles to `generated/`; the contract
 * suite compiles any document with it at run time. One place, so that both judge alike.
 */
import { _, type ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import { formats } from "./formats.js";
import { jsonSchemaOf, type Variant } from "./json-schema.js";
import { uniqueName } from "./names.js";
import { resolve } from "./pointer.js";
import { isObject, type Json, type JsonObject, objectOf } from "./types.js";

/**
 * Which way a value travels: a request need not have what is `readOnly`, nor a response what is `writeOnly`. `any`: a value
 * that could travel either way has to have neither.
 */
export type Direction = "request" | "response" | "any";

const MARKS: Readonly<Record<Direction, readonly string[]>> = {
  request: ["readOnly"],
  response: ["writeOnly"],
  any: ["readOnly", "writeOnly"],
};

export class DocumentSchemas {
  readonly ajv: Ajv2020;
  readonly #document: JsonObject;
  /** Variant and pointer of every schema met so far → its id. */
  readonly #ids = new Map<string, string>();
  readonly #taken = new Set<string>();
  /** Whether a direction makes any difference in this document. */
  readonly #directed: boolean;

  /** @param options.standalone keeps the source of the compiled functions, for https://ajv.js.org/standalone.html. */
  constructor(document: JsonObject, options: { readonly standalone?: boolean } = {}) {
    this.#document = document;
    this.#directed = /"(?:readOnly|writeOnly)":true/.test(JSON.stringify(document));
    this.ajv = new Ajv2020({
      strict: true,
      // The provider writes `required` and bounds without `type`, which is valid.
      strictTypes: false,
      strictRequired: false,
      allErrors: true,
      inlineRefs: false,
      formats,
      ...(options.standalone ? { code: { source: true, esm: true, lines: true, formats: _`formats` } } : {}),
    });
  }

  /** Adds the schema at a pointer, with all it refers to, and returns the id under which ajv knows it. */
  id(pointer: string, variant: Exclude<Variant, "branch">, direction: Direction = "any"): string {
    return this.#id(`#${pointer}`, variant, direction);
  }

  /** The compiled validator of the schema at a pointer. @throws {Error} for a schema with a keyword ajv does not know. */
  validator(pointer: string, variant: Exclude<Variant, "branch">, direction: Direction = "any"): ValidateFunction {
    const validate = this.ajv.getSchema(this.id(pointer, variant, direction));
    if (!validate) throw new Error(`The schema at #${pointer} does not compile.`);
    return validate;
  }

  #id(ref: string, variant: Variant, direction: Direction): string {
    const { pointer, value } = resolve(this.#document, decodeURIComponent(ref.slice(1)));
    const way = this.#directed && direction !== "any" ? `.${direction}` : "";
    const key = `${variant}${way}${pointer}`;
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.#freshId(variant, way, pointer);
    // Named before it is converted: a schema may refer to itself.
    this.#ids.set(key, id);
    const besideRef = /^3\.1/.test(String(this.#document.openapi));
    const schema = jsonSchemaOf(value as Json, variant, {
      refer: (inner, at) => this.#id(inner, at, direction),
      besideRef,
      leftOut: (property) => this.#marked(property, MARKS[direction]),
    });
    try {
      this.ajv.addSchema(isObject(schema) ? { $id: id, ...schema } : { $id: id, allOf: [schema] });
    } catch (error) {
      throw new Error(`The schema at #${pointer} cannot be used: ${error instanceof Error ? error.message : error}`);
    }
    return id;
  }

  #marked(property: Json | undefined, marks: readonly string[]): boolean {
    const { $ref, ...own } = objectOf(property);
    if (marks.some((mark) => own[mark] === true)) return true;
    if (typeof $ref !== "string") return false;
    return this.#marked(resolve(this.#document, decodeURIComponent($ref.slice(1))).value, marks);
  }

  #freshId(variant: Variant, way: string, pointer: string): string {
    const plain = pointer
      .replace(/^\/components\/schemas\//, "")
      .replace(/[^A-Za-z0-9_-]+/g, ".")
      .replace(/^\./, "");
    return uniqueName(`${variant === "open" ? plain : `${plain}.${variant}`}${way}`, this.#taken, ".");
  }
}
