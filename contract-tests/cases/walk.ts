/** Visits every object of an OpenAPI document that has a kind: what examples, facts and mutants are collected from. */
import { pointerOf } from "../../openapi/document/pointer.js";
import { isObject, type Json, type JsonObject, METHODS, objectOf } from "../../openapi/document/types.js";

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
  readonly parent?: DocumentNode;
}

const SCHEMA_MAPS = ["properties", "patternProperties", "$defs", "dependentSchemas"];
const SCHEMA_LISTS = ["allOf", "anyOf", "oneOf", "prefixItems"];
const SCHEMA_SINGLES = [
  "items",
  "additionalProperties",
  "not",
  "if",
  "then",
  "else",
  "contains",
  "propertyNames",
  "unevaluatedProperties",
  "unevaluatedItems",
];

type Visit = (node: DocumentNode) => Generator<DocumentNode>;

/** In document order: paths first, then components. A `$ref` is visited where it stands, not followed. */
export function* nodesOf(document: JsonObject): Generator<DocumentNode> {
  yield* members(document.paths, "/paths", "path item", undefined, pathItem);
  const components: [string, NodeKind, Visit][] = [
    ["schemas", "schema", schema],
    ["parameters", "parameter", parameter],
    ["headers", "header", parameter],
    ["requestBodies", "request body", content],
    ["responses", "response", response],
    ["examples", "example", leaf],
    ["securitySchemes", "security scheme", leaf],
    ["callbacks", "path item", callback],
  ];
  const holder = objectOf(document.components);
  for (const [name, kind, visit] of components) {
    yield* members(holder[name], `/components/${name}`, kind, undefined, visit);
  }
}

type Parent = DocumentNode | undefined;

/** The members of a map or a list. */
function* members(
  holder: Json | undefined,
  base: string,
  kind: NodeKind,
  parent: Parent,
  visit: Visit,
): Generator<DocumentNode> {
  if (!isObject(holder) && !Array.isArray(holder)) return;
  for (const [key, value] of Object.entries(holder)) {
    if (isObject(value)) yield* visit({ kind, pointer: base + pointerOf([key]), value, ...(parent ? { parent } : {}) });
  }
}

function inside(node: DocumentNode, key: string, kind: NodeKind, visit: Visit): Generator<DocumentNode> {
  return members(node.value[key], node.pointer + pointerOf([key]), kind, node, visit);
}

function* single(node: DocumentNode, key: string, kind: NodeKind, visit: Visit): Generator<DocumentNode> {
  const value = node.value[key];
  if (isObject(value)) yield* visit({ kind, pointer: node.pointer + pointerOf([key]), value, parent: node });
}

function* leaf(node: DocumentNode): Generator<DocumentNode> {
  yield node;
}

function* pathItem(node: DocumentNode): Generator<DocumentNode> {
  yield node;
  yield* inside(node, "parameters", "parameter", parameter);
  for (const method of METHODS) yield* single(node, method, "operation", operation);
}

function* callback(node: DocumentNode): Generator<DocumentNode> {
  for (const path of Object.keys(node.value)) yield* single(node, path, "path item", pathItem);
}

function* operation(node: DocumentNode): Generator<DocumentNode> {
  yield node;
  yield* inside(node, "parameters", "parameter", parameter);
  yield* single(node, "requestBody", "request body", content);
  yield* inside(node, "responses", "response", response);
  yield* inside(node, "callbacks", "path item", callback);
}

function* response(node: DocumentNode): Generator<DocumentNode> {
  yield* content(node);
  yield* inside(node, "headers", "header", parameter);
}

function* content(node: DocumentNode): Generator<DocumentNode> {
  yield node;
  yield* inside(node, "content", "media type", parameter);
}

/** A parameter, header or media type: each has a schema and examples. */
function* parameter(node: DocumentNode): Generator<DocumentNode> {
  yield node;
  yield* single(node, "schema", "schema", schema);
  yield* inside(node, "examples", "example", leaf);
  yield* inside(node, "content", "media type", parameter);
}

function* schema(node: DocumentNode): Generator<DocumentNode> {
  yield node;
  for (const key of SCHEMA_MAPS) yield* inside(node, key, "schema", schema);
  for (const key of SCHEMA_LISTS) yield* inside(node, key, "schema", schema);
  for (const key of SCHEMA_SINGLES) yield* single(node, key, "schema", schema);
}
