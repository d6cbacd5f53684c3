/** Lists every example of a document, wherever it stands, with the schema that it must satisfy. */
import { pointerOf } from "../../openapi/document/pointer.js";
import { isObject, type Json, type JsonObject } from "../../openapi/document/types.js";
import { type DocumentNode, nodesOf } from "./walk.js";

export interface Example {
  readonly pointer: string;
  readonly value: Json;
  /** `named`: an entry of `examples` of a media type, parameter or header. `single`: its `example`. `schema`: a schema's own. */
  readonly form: "named" | "single" | "schema";
  readonly of: "request" | "response" | "parameter" | "header" | "schema" | "component";
  readonly schema?: string;
}

export function examplesOf(document: JsonObject): Example[] {
  return [...nodesOf(document)].flatMap((node) => examplesAtNode(node));
}

function examplesAtNode(node: DocumentNode): Example[] {
  const { kind, pointer, value, parent } = node;
  if (kind === "schema") {
    // OpenAPI 3.1 writes a list, 3.0 a single one. A property called "example" is a schema itself and is not met here.
    const list = Array.isArray(value.examples) ? value.examples : [];
    const many = list.map(
      (one, index): Example => ({
        pointer: `${pointer}/examples/${index}`,
        value: one,
        form: "schema",
        of: "schema",
        schema: pointer,
      }),
    );
    return value.example === undefined
      ? many
      : [
          { pointer: `${pointer}/example`, value: value.example, form: "schema", of: "schema", schema: pointer },
          ...many,
        ];
  }
  const schema = isObject(value.schema) ? { schema: `${pointer}/schema` } : {};
  if (kind === "example" && parent && value.value !== undefined) {
    return [
      {
        pointer,
        value: value.value,
        form: "named",
        of: ownerOf(parent),
        ...(isObject(parent.value.schema) ? { schema: `${parent.pointer}/schema` } : {}),
      },
    ];
  }
  if (kind === "example" && !parent && value.value !== undefined)
    return [{ pointer, value: value.value, form: "named", of: "component" }];
  if ((kind === "media type" || kind === "parameter" || kind === "header") && value.example !== undefined) {
    return [
      { pointer: pointer + pointerOf(["example"]), value: value.example, form: "single", of: ownerOf(node), ...schema },
    ];
  }
  return [];
}

function ownerOf(node: DocumentNode): Example["of"] {
  if (node.kind === "parameter" || node.kind === "header") return node.kind;
  for (let at: DocumentNode | undefined = node; at; at = at.parent) {
    if (at.kind === "request body") return "request";
    if (at.kind === "response") return "response";
    if (at.kind === "header" || at.kind === "parameter") return at.kind;
  }
  return "component";
}
