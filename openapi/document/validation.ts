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
import { isObject, type Json, type JsonObject } from "./types.js";

export class DocumentSchemas {
  readonly ajv: Ajv2020;
  readonly #document: JsonObject;
  /** Variant and pointer of every schema met so far → its id. */
  readonly #ids = new Map<string, string>();
  readonly #taken = new Set<string>();

  /** @param options.standalone keeps the source of the compiled functions, for https://ajv.js.org/standalone.html. */
  constructor(document: JsonObject, options: { readonly standalone?: boolean } = {}) {
    this.#document = document;
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
  id(pointer: string, variant: Exclude<Variant, "branch">): string {
    return this.#id(`#${pointer}`, variant);
  }

  /** The compiled validator of the schema at a pointer. @throws {Error} for a schema with a keyword ajv does not know. */
  validator(pointer: string, variant: Exclude<Variant, "branch">): ValidateFunction {
    const validate = this.ajv.getSchema(this.id(pointer, variant));
    if (!validate) throw new Error(`The schema at #${pointer} does not compile.`);
    return validate;
  }

  #id(ref: string, variant: Variant): string {
    const { pointer, value } = resolve(this.#document, decodeURIComponent(ref.slice(1)));
    const key = `${variant}${pointer}`;
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.#freshId(variant, pointer);
    // Named before it is converted: a schema may refer to itself.
    this.#ids.set(key, id);
    const besideRef = /^3\.1/.test(String(this.#document.openapi));
    const schema = jsonSchemaOf(value as Json, variant, (inner, at) => this.#id(inner, at), besideRef);
    try {
      this.ajv.addSchema(isObject(schema) ? { $id: id, ...schema } : { $id: id, allOf: [schema] });
    } catch (error) {
      throw new Error(`The schema at #${pointer} cannot be used: ${error instanceof Error ? error.message : error}`);
    }
    return id;
  }

  #freshId(variant: Variant, pointer: string): string {
    const plain = pointer
      .replace(/^\/components\/schemas\//, "")
      .replace(/[^A-Za-z0-9_-]+/g, ".")
      .replace(/^\./, "");
    return uniqueName(variant === "open" ? plain : `${plain}.${variant}`, this.#taken, ".");
  }
}
