import openapiTS, { astToString, COMMENT_HEADER, type OpenAPI3 } from "openapi-typescript";
import ts from "typescript";
import { type JsonObject, objectOf } from "../../openapi/document/types.js";

/** The document's TypeScript types, with the values of its enums as arrays. */
export async function typesOf(document: JsonObject): Promise<string> {
  const ast = await openapiTS(structuredClone(document) as unknown as OpenAPI3, {
    // Else every property with a default would be required in requests.
    defaultNonNullable: false,
    enumValues: true,
    alphabetize: false,
    transform: (schema) => (schema.format === "binary" ? binary(schema.nullable === true) : undefined),
    silent: true,
  });
  return COMMENT_HEADER + astToString(settled(ast, document));
}

/** Octets are no JSON: a Blob in a form, a Blob in an answer. */
function binary(nullable: boolean): ts.TypeNode {
  const blob = ts.factory.createTypeReferenceNode("Blob");
  return nullable
    ? ts.factory.createUnionTypeNode([blob, ts.factory.createLiteralTypeNode(ts.factory.createNull())])
    : blob;
}

/**
 * What openapi-typescript leaves to mend in its arrays of enum values. Two arrays can get the same name; and the path that
 * an array's type takes through the types does not hold where a schema is put together of others or may be null: the
 * values themselves are its type there.
 */
function settled(ast: readonly ts.Node[], document: JsonObject): ts.Node[] {
  const taken = new Set<string>();
  return ast.map((node) => {
    const declaration = ts.isVariableStatement(node) ? node.declarationList.declarations[0] : undefined;
    if (!declaration || !ts.isVariableStatement(node) || !ts.isIdentifier(declaration.name)) return node;
    const { name, exclamationToken, initializer } = declaration;
    const type = isPlainProperty(pathOf(declaration.type), document) ? declaration.type : valuesType(initializer);
    const fresh = ts.factory.createIdentifier(freshName(name.text, taken));
    const whole = ts.factory.updateVariableDeclaration(declaration, fresh, exclamationToken, type, initializer);
    const list = ts.factory.updateVariableDeclarationList(node.declarationList, [whole]);
    return ts.factory.updateVariableStatement(node, node.modifiers, list);
  });
}

/** The keys in `ReadonlyArray<Flattened<components>["schemas"]["task"]["status"]>`. */
function pathOf(type: ts.TypeNode | undefined): string[] {
  const keys: string[] = [];
  let node = type && ts.isTypeReferenceNode(type) ? type.typeArguments?.[0] : undefined;
  for (; node && ts.isIndexedAccessTypeNode(node); node = node.objectType) {
    const { indexType } = node;
    if (!ts.isLiteralTypeNode(indexType) || !ts.isStringLiteral(indexType.literal)) return [];
    keys.unshift(indexType.literal.text);
  }
  return keys;
}

/** A property with values of its own, in a component that is nothing but an object. */
function isPlainProperty(
  [schemas, name = "", property = "", ...more]: readonly string[],
  document: JsonObject,
): boolean {
  if (schemas !== "schemas" || more.length > 0) return false;
  const schema = objectOf(objectOf(objectOf(document.components).schemas)[name]);
  const inner = objectOf(objectOf(schema.properties)[property]);
  const put = ["allOf", "anyOf", "oneOf", "nullable", "not"].some(
    (key) => schema[key] !== undefined || inner[key] !== undefined,
  );
  return !put && schema.type === "object" && typeof inner.type === "string" && Array.isArray(inner.enum);
}

function valuesType(initializer: ts.Expression | undefined): ts.TypeNode {
  const elements = initializer && ts.isArrayLiteralExpression(initializer) ? initializer.elements : [];
  const literals = elements.map((each) => ts.factory.createLiteralTypeNode(each as ts.LiteralExpression));
  return ts.factory.createTypeReferenceNode("ReadonlyArray", [ts.factory.createUnionTypeNode(literals)]);
}

function freshName(wanted: string, taken: Set<string>): string {
  const plain = isIdentifier(wanted) ? wanted : `_${wanted.replace(/[^A-Za-z0-9_$]+/g, "_")}`;
  let name = plain;
  for (let count = 2; taken.has(name); count++) name = `${plain}${count}`;
  taken.add(name);
  return name;
}

function isIdentifier(text: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(text);
}
