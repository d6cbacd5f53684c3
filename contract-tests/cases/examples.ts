/** Lists every example of a document, wherever it stands, with the schema that it must satisfy. */
import { pointerOf } from "../../openapi/document/pointer.js";
import { isObject, type Json, type JsonObject } from "../../openapi/document/types.js";
import { type DocumentNode, nodesOf } from "./walk.js";

export interface DocumentExample {
  readonly pointer: string;
  readonly value: Json;
  /** What it is an example of; `component` for one that only others refer to. */
  readonly of: "request" | "response" | "parameter" | "header" | "schema" | "component";
  readonly schema?: string | undefined;
}

export function examplesOf(document: JsonObject): DocumentExample[] {
  return [...nodesOf(document)].flatMap((node) => {
    const { kind, pointer, value, parent } = node;
    const of = ownerOf(node);
    const make = (steps: readonly (string | number)[], example: Json, schema: string | undefined): DocumentExample => ({
      pointer: pointer + pointerOf(steps),
      value: example,
      of,
      schema,
    });
    if (kind === "example") {
      const schema = isObject(parent?.value.schema) ? `${parent.pointer}/schema` : undefined;
      return value.value === undefined ? [] : [make([], value.value, schema)];
    }
    const schema = kind === "schema" ? pointer : isObject(value.schema) ? `${pointer}/schema` : undefined;
    const single = value.example === undefined ? [] : [make(["example"], value.example, schema)];
    // OpenAPI 3.1 writes a list in schemas. A property called "example" is a schema itself and does not appear here.
    const list = kind === "schema" && Array.isArray(value.examples) ? value.examples : [];
    return [...single, ...list.map((one, index) => make(["examples", index], one, schema))];
  });
}

/** What schemas state besides examples, and could state wrongly: defaults and the values of enums. */
export function statedOf(document: JsonObject): DocumentExample[] {
  return [...nodesOf(document)].flatMap(({ kind, pointer, value }) => {
    if (kind !== "schema") return [];
    const make = (steps: readonly (string | number)[], stated: Json | undefined): DocumentExample[] =>
      // A null among strings is how many write nullable.
      stated === undefined || stated === null
        ? []
        : [{ pointer: pointer + pointerOf(steps), value: stated, of: "schema", schema: pointer }];
    const values = Array.isArray(value.enum) ? value.enum : [];
    return [...make(["default"], value.default), ...values.flatMap((one, index) => make(["enum", index], one))];
  });
}

function ownerOf({ kind, parent }: DocumentNode): DocumentExample["of"] {
  if (kind === "schema" || kind === "parameter" || kind === "header" || kind === "response") return kind;
  if (kind === "request body") return "request";
  return parent ? ownerOf(parent) : "component";
}
