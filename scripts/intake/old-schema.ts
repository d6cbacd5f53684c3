/** The schemas of the older form of pages: `schemaArray`, `refIdentifier`, `requiredProperties`, `enum<string>`. */
import { isDeepStrictEqual } from "node:util";
import { isObject, type Json, type JsonObject, objectOf } from "../../openapi/document/types.js";

/** What a top schema says about the thing it belongs to. */
export interface More {
  readonly required: boolean;
  readonly deprecated: boolean;
}

const REF = "#/components/schemas/";

export class OldSchemas {
  readonly components: JsonObject;
  readonly #given: ReadonlySet<string>;
  readonly #whole: JsonObject;
  readonly #lost: string[];

  /** @param lost takes what could not be carried over. */
  constructor(components: JsonObject, whole: JsonObject, lost: string[]) {
    this.components = { ...components };
    this.#given = new Set(Object.keys(components));
    this.#whole = whole;
    this.#lost = lost;
  }

  /** The schema that a `schemaArray` (of a parameter: `schema`) stands for. */
  of(array: Json | undefined, at: string): { readonly schema: JsonObject; readonly more: More } {
    if (!Array.isArray(array) || array.length === 0)
      throw new Error(`The page is of the older form and cannot be converted: ${at} has no list of schemas.`);
    const parts = array.map((each) => objectOf(each));
    const more = {
      required: parts.some((part) => part.required === true),
      deprecated: parts.some((part) => part.deprecated === true),
    };
    const [first] = parts;
    if (first && parts.length === 1) return { schema: this.#top(first, at), more };
    this.#lost.push(
      `Whether ${at} is one of its ${parts.length} schemas or any of them (oneOf or anyOf): anyOf, the wider, is written.`,
    );
    return { schema: { anyOf: parts.map((part, index) => this.#top(part, `${at}/${index}`)) }, more };
  }

  /** The older form does not name its version: what only one version knows decides. */
  version(): string {
    const text = JSON.stringify(this.#whole);
    const before = /"nullable":(?:true|false)|"exclusiveM(?:in|ax)imum":(?:true|false)/.test(text);
    const after = /"type":\[|"type":"null"|"const":/.test(text);
    if (before && after)
      this.#lost.push("The version of OpenAPI: the page uses keywords of both 3.0 and 3.1; 3.1.0 is written.");
    return after ? "3.1.0" : "3.0.0";
  }

  #top(part: JsonObject, at: string): JsonObject {
    const { refIdentifier, requiredProperties, required, deprecated, ...rest } = part;
    if (required !== undefined && typeof required !== "boolean")
      throw new Error(`The page is of the older form and cannot be converted: ${at} has a list named "required".`);
    const schema: JsonObject = {
      ...typed(rest, at),
      ...(isObject(rest.properties) ? { properties: properties(rest.properties, at) } : {}),
      ...(rest.items === undefined ? {} : { items: unwrapped(rest.items) }),
      ...(Array.isArray(requiredProperties) && requiredProperties.length > 0 ? { required: requiredProperties } : {}),
    };
    if (isObject(schema.properties) && Object.keys(schema.properties).length === 0) delete schema.properties;
    return typeof refIdentifier === "string" ? this.#named(refIdentifier, schema, at) : schema;
  }

  /** A top schema that has a name becomes a component again, where the page does not say otherwise. */
  #named(refIdentifier: string, schema: JsonObject, at: string): JsonObject {
    const name = refIdentifier.startsWith(REF) ? refIdentifier.slice(REF.length) : "";
    if (!/^[A-Za-z0-9._-]+$/.test(name)) {
      this.#lost.push(`The name ${refIdentifier} of the schema at ${at}.`);
      return schema;
    }
    const known = this.components[name];
    if (known === undefined) this.components[name] = schema;
    else if (!isDeepStrictEqual(known, schema) && !this.#given.has(name)) {
      this.#lost.push(
        `The name ${refIdentifier} at ${at}: another schema of the page has it too, so this one is written out.`,
      );
      return schema;
    } else if (!isDeepStrictEqual(known, schema)) {
      // The component is the provider's own text; the top schema is the tool's flattening of it.
      this.#lost.push(`The flattened copy of ${refIdentifier} at ${at}: the component itself is referred to.`);
    }
    return { $ref: REF + name };
  }
}

function typed(schema: JsonObject, at: string): JsonObject {
  const { type, contentEncoding, ...rest } = schema;
  if (type === undefined) return schema;
  if (type === "any") return rest;
  if (type === "file") return { ...rest, type: "string", format: contentEncoding === "base64" ? "byte" : "binary" };
  if (typeof type !== "string" || /^(?:string|number|integer|boolean|object|array|null)$/.test(type)) return schema;
  const inner = /^enum<(string|number|integer|boolean)>$/.exec(type)?.[1];
  if (inner === undefined)
    throw new Error(`The page is of the older form and cannot be converted: ${at} has the unknown type "${type}".`);
  return { ...schema, type: inner };
}

/** Each property stands in an `allOf` of its own; one that says more than that keeps it. */
function properties(value: JsonObject, at: string): JsonObject {
  return Object.fromEntries(
    Object.entries(value).map(([name, property]) => [name, typed(unwrapped(property), `${at}/properties/${name}`)]),
  );
}

function unwrapped(value: Json): JsonObject {
  const schema = objectOf(value);
  const [only, ...others] = Array.isArray(schema.allOf) ? schema.allOf : [];
  return isObject(only) && others.length === 0 && Object.keys(schema).length === 1 ? only : schema;
}
