import openapiTS, { astToString, COMMENT_HEADER, type OpenAPI3 } from "openapi-typescript";
import type { JsonObject } from "../document/types.js";

/** The document's TypeScript types, with the values of its enums as arrays. */
export async function typesOf(document: JsonObject): Promise<string> {
  const ast = await openapiTS(structuredClone(document) as unknown as OpenAPI3, {
    // Else every property with a default would be required in requests.
    defaultNonNullable: false,
    enumValues: true,
    alphabetize: false,
  });
  return COMMENT_HEADER + astToString(ast);
}
