/** The fields of the submit's request, from the effective document. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../openapi/document/load.js";
import type { RequestField } from "./options.js";

interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly $ref?: string;
}

interface Document {
  readonly paths: Readonly<Record<string, { readonly post?: Operation }>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

interface Operation {
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

export function requestFields(path: string): RequestField[] {
  const document = JSON.parse(readFileSync(join(ROOT, "generated/openapi.json"), "utf8")) as Document;
  const resolved = (schema: Schema): Schema =>
    schema.$ref === undefined ? schema : (document.components.schemas[schema.$ref.split("/").at(-1) ?? ""] ?? {});
  const body = document.paths[path]?.post?.requestBody?.content["application/json"]?.schema;
  if (body === undefined) throw new Error(`${path} takes no JSON.`);
  const { properties = {}, required = [] } = resolved(body);
  return Object.entries(properties).map(([name, property]) => {
    const schema = resolved(property);
    const { minimum, maximum } = schema;
    return {
      name,
      type:
        name === "image"
          ? "ImageInput"
          : (schema.enum?.map((one) => JSON.stringify(one)).join(" | ") ?? schema.type ?? ""),
      range: minimum === undefined && maximum === undefined ? "" : `${minimum ?? ""} to ${maximum ?? ""}`,
      standard: schema.default === undefined ? "" : JSON.stringify(schema.default),
      description: `${required.includes(name) ? "Required. " : ""}${(property.description ?? schema.description ?? "").trim()}`,
    };
  });
}
