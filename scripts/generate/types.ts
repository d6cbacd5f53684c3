import openapiTS, { astToString, COMMENT_HEADER, type OpenAPI3 } from "openapi-typescript";
import ts from "typescript";
import { uniqueName } from "../../openapi/document/names.js";
import type { JsonObject } from "../../openapi/document/types.js";

/** The document's TypeScript types, with the values of its enums as arrays. */
export async function typesOf(document: JsonObject): Promise<string> {
  const ast = await openapiTS(withRanges(structuredClone(document)) as unknown as OpenAPI3, {
    // Else every property with a default would be required in requests.
    defaultNonNullable: false,
    enumValues: true,
    alphabetize: false,
    transform: (schema) => (schema.format === "binary" ? binary(schema.nullable === true) : undefined),
    silent: true,
  });
  return COMMENT_HEADER + astToString(withPlainValues(ast));
}

/** Says meaning and range of each number in its description, which is all that an editor shows of it. */
function withRanges<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const each of Object.values(value)) withRanges(each);
  const schema = value as Readonly<Record<string, unknown>> & { description?: unknown };
  const { type, minimum, maximum, description = "", "x-meaning": meaning = "" } = schema;
  const bounded = (type === "integer" || type === "number") && minimum !== undefined && maximum !== undefined;
  if (!bounded || typeof description !== "string") return value;
  const range = `${type === "integer" ? "A whole number" : "A number"} from ${minimum} to ${maximum}`;
  const sentences = [description.replace(/\.$/, ""), meaning, range].filter((each) => each !== "");
  schema.description = `${sentences.join(". ")}.`;
  return value;
}

/** Bytes are a Blob, in a form and in a response. */
function binary(nullable: boolean): ts.TypeNode {
  const blob = ts.factory.createTypeReferenceNode("Blob");
  return nullable
    ? ts.factory.createUnionTypeNode([blob, ts.factory.createLiteralTypeNode(ts.factory.createNull())])
    : blob;
}

/**
 * Types the arrays of enum values by the values themselves. openapi-typescript types them by a path through `components`,
 * which does not hold where a schema is put together of others or may be null; and it may give two arrays one name.
 */
function withPlainValues(ast: readonly ts.Node[]): ts.Node[] {
  const taken = new Set<string>();
  const helpers = ["FlattenedDeepRequired", "ReadonlyArray"];
  return ast.flatMap((node) => {
    if (ts.isTypeAliasDeclaration(node) && helpers.includes(node.name.text)) return [];
    const declaration = ts.isVariableStatement(node) ? node.declarationList.declarations[0] : undefined;
    const values = declaration?.initializer;
    if (!values || !ts.isArrayLiteralExpression(values) || !ts.isIdentifier(declaration.name)) return [node];
    const literals = values.elements.map((each) => ts.factory.createLiteralTypeNode(each as ts.LiteralExpression));
    const type = ts.factory.createTypeReferenceNode("ReadonlyArray", [ts.factory.createUnionTypeNode(literals)]);
    const { text } = declaration.name;
    const valid = /^[A-Za-z_$][\w$]*$/.test(text) ? text : `_${text.replace(/[^A-Za-z0-9_$]+/g, "_")}`;
    const name = uniqueName(valid, taken);
    const typed = ts.factory.createVariableDeclaration(name, undefined, type, values);
    const list = ts.factory.createVariableDeclarationList([typed], ts.NodeFlags.Const);
    return [ts.factory.createVariableStatement([ts.factory.createModifier(ts.SyntaxKind.ExportKeyword)], list)];
  });
}
