/** Visits every object of an OpenAPI document that has a kind: what examples, facts and mutants are collected from. */
import { pointerOf } from "../../openapi/document/pointer.js";
import { isObject, type Json, type JsonObject, METHODS } from "../../openapi/document/types.js";

export type NodeKind =
  | "path item"
  | "operation"
  | "parameter"
  | "header"
  | "request body"
  | "response"
  | "media type"
  | "schema"
  | "security scheme"
  | "example";

export interface DocumentNode {
  readonly kind: NodeKind;
  readonly pointer: string;
  readonly value: JsonObject;
  /** The nearest node around it, for a component none. */
  readonly parent?: DocumentNode | undefined;
}

/** A key, how many maps or lists deep its members are, and what they are. */
type Child = readonly [key: string, depth: 0 | 1 | 2, kind: NodeKind];

const WITH_SCHEMA: readonly Child[] = [
  ["schema", 0, "schema"],
  ["examples", 1, "example"],
  ["content", 1, "media type"],
];
const SCHEMA_MAPS = "properties patternProperties $defs dependentSchemas allOf anyOf oneOf prefixItems".split(" ");
const SCHEMA_SINGLES =
  "items additionalProperties not if then else contains propertyNames unevaluatedProperties unevaluatedItems".split(
    " ",
  );

const CHILDREN: Readonly<Record<NodeKind, readonly Child[]>> = {
  "path item": [["parameters", 1, "parameter"], ...METHODS.map((method): Child => [method, 0, "operation"])],
  operation: [
    ["parameters", 1, "parameter"],
    ["requestBody", 0, "request body"],
    ["responses", 1, "response"],
    ["callbacks", 2, "path item"],
  ],
  "request body": [["content", 1, "media type"]],
  response: [
    ["content", 1, "media type"],
    ["headers", 1, "header"],
  ],
  parameter: WITH_SCHEMA,
  header: WITH_SCHEMA,
  "media type": WITH_SCHEMA,
  schema: [
    ...SCHEMA_MAPS.map((key): Child => [key, 1, "schema"]),
    ...SCHEMA_SINGLES.map((key): Child => [key, 0, "schema"]),
  ],
  "security scheme": [],
  example: [],
};

const COMPONENTS: readonly Child[] = [
  ["schemas", 1, "schema"],
  ["parameters", 1, "parameter"],
  ["headers", 1, "header"],
  ["requestBodies", 1, "request body"],
  ["responses", 1, "response"],
  ["examples", 1, "example"],
  ["securitySchemes", 1, "security scheme"],
  ["callbacks", 2, "path item"],
];

/** In document order: paths first, then components. A `$ref` is visited where it stands, not followed. */
export function* nodesOf(document: JsonObject): Generator<DocumentNode> {
  yield* nodesBelow(document, "", [["paths", 1, "path item"]]);
  if (isObject(document.components)) yield* nodesBelow(document.components, "/components", COMPONENTS);
}

function* nodesBelow(
  value: JsonObject,
  pointer: string,
  children: readonly Child[],
  parent?: DocumentNode,
): Generator<DocumentNode> {
  for (const [key, depth, kind] of children) {
    for (const [at, inner] of membersOf(value[key], pointer + pointerOf([key]), depth)) {
      const node = { kind, pointer: at, value: inner, parent };
      yield node;
      yield* nodesBelow(inner, at, CHILDREN[kind], node);
    }
  }
}

function* membersOf(value: Json | undefined, pointer: string, depth: number): Generator<[string, JsonObject]> {
  if (depth === 0) {
    if (isObject(value)) yield [pointer, value];
  } else if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) yield* membersOf(inner, pointer + pointerOf([key]), depth - 1);
  }
}
