/**
 * A schema with its `allOf` parts taken together, so that moving a field from one part to another is not a change.
 * Keeps the place of everything.
 */
import { isDeepStrictEqual } from "node:util";
import { at, pointerOf } from "../../../openapi/document/pointer.js";
import { partsOf, schemaAt } from "../../../openapi/document/properties.js";
import { type Json, type JsonObject, objectOf } from "../../../openapi/document/types.js";

export interface Found {
  readonly value: Json;
  readonly pointer: string;
}

export interface SchemaView {
  /** Pointer of the schema itself, after its `$ref`s. */
  readonly pointer: string;
  /** The keywords of every part. One that a second part sets to another value is called "another …". */
  readonly keywords: ReadonlyMap<string, Found>;
  /** Pointer of each property's schema. */
  readonly properties: ReadonlyMap<string, string>;
  /** Names required, with the pointer of the list that says so. */
  readonly required: ReadonlyMap<string, string>;
  /** The types allowed, `null` among them; `undefined` when any is. */
  readonly types: ReadonlySet<string> | undefined;
}

/** They say nothing about values, or are read apart. */
const LEFT_OUT = /^(?:\$ref|allOf|properties|required|description|title|examples?|externalDocs|xml|\$comment|x-.*)$/;

export function viewOf(document: JsonObject, pointer: string): SchemaView {
  const top = schemaAt(document, pointer);
  const keywords = new Map<string, Found>();
  const properties = new Map<string, string>();
  const required = new Map<string, string>();
  const keep = (keyword: string, found: Found) => {
    if (isDeepStrictEqual(keywords.get(keyword)?.value, found.value)) return;
    let name = keyword;
    while (keywords.has(name)) name = `another ${name}`;
    keywords.set(name, found);
  };
  for (const { pointer: part, value: schema } of partsOf(document, top, ["allOf"])) {
    if (at(document, part) === false) keep("not", { value: {}, pointer: part });
    for (const [key, value] of Object.entries(schema))
      if (!LEFT_OUT.test(key)) keep(key, { value, pointer: part + pointerOf([key]) });
    for (const [name, value] of Object.entries(objectOf(schema.properties))) {
      const place = part + pointerOf(["properties", name]);
      // A property that a second part describes too is compared as one value.
      if (properties.has(name)) keep(`second description of property "${name}"`, { value, pointer: place });
      else properties.set(name, place);
    }
    for (const name of Array.isArray(schema.required) ? schema.required : [])
      if (typeof name === "string" && !required.has(name)) required.set(name, `${part}/required`);
  }
  const type = keywords.get("type")?.value;
  const nullable = keywords.get("nullable")?.value === true ? ["null"] : [];
  const types = type === undefined ? undefined : new Set([...[type].flat().map(String), ...nullable]);
  return { pointer: top, keywords, properties, required, types };
}
