import openapiTS, { astToString, COMMENT_HEADER, type OpenAPI3 } from "openapi-typescript";
import ts from "typescript";
import type { JsonObject } from "../document/types.js";

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
  return COMMENT_HEADER + astToString(settled(ast));
}

/** Octets are no JSON: a Blob in a form, a Blob in an answer. */
function binary(nullable: boolean): ts.TypeNode {
  const blob = ts.factory.createTypeReferenceNode("Blob");
  return nullable
    ? ts.factory.createUnionTypeNode([blob, ts.factory.createLiteralTypeNode(ts.factory.createNull())])
    : blob;
}

/**
 * What openapi-typescript leaves to mend in its arrays of enum values: a property's name that is no identifier stands
 * without quotes in their types, and two arrays can get the same name.
 */
function settled(ast: readonly ts.Node[]): ts.Node[] {
  const taken = new Set<string>();
  return ast.map((node) => {
    if (!ts.isVariableStatement(node)) return node;
    const visit = (inner: ts.Node): ts.Node => {
      if (ts.isVariableDeclaration(inner) && ts.isIdentifier(inner.name)) {
        const name = ts.factory.createIdentifier(freshName(inner.name.text, taken));
        const { exclamationToken, type, initializer } = inner;
        const same = ts.factory.updateVariableDeclaration(inner, name, exclamationToken, type, initializer);
        return ts.visitEachChild(same, visit, undefined);
      }
      if (ts.isPropertySignature(inner) && ts.isIdentifier(inner.name) && !isIdentifier(inner.name.text)) {
        const name = ts.factory.createStringLiteral(inner.name.text);
        return ts.factory.updatePropertySignature(inner, inner.modifiers, name, inner.questionToken, inner.type);
      }
      return ts.visitEachChild(inner, visit, undefined);
    };
    return visit(node);
  });
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
