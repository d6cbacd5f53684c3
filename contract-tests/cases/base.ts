/** The valid request that every case of an operation starts from. */
import { at, resolve } from "../../openapi/document/pointer.js";
import { isObject, type Json, type JsonObject } from "../../openapi/document/types.js";
import { DocumentSchemas } from "../../openapi/document/validation.js";
import { Builder, type Size } from "./build.js";
import type { WireRequest } from "./case.js";
import { type Example, examplesAt, type OperationModel, type Parameter } from "./model.js";
import { bodyText, requestOf } from "./wire.js";

export interface Base {
  readonly values: ReadonlyMap<Parameter, Json>;
  readonly body?:
    | { readonly mediaType: string; readonly schema?: string | undefined; readonly value: Json; readonly text: string }
    | undefined;
}

export class Bases {
  readonly document: JsonObject;
  readonly schemas: DocumentSchemas;
  readonly builder: Builder;

  constructor(document: JsonObject, schemas: DocumentSchemas = new DocumentSchemas(document)) {
    this.document = document;
    this.schemas = schemas;
    this.builder = new Builder(document);
  }

  /** A valid request; `mediaType` picks its body's, else the first that can be written. */
  of(operation: OperationModel, size: Size, mediaType?: string): Base {
    const needed = operation.parameters.filter((parameter) => size === "full" || parameter.required);
    const values = new Map(needed.map((parameter) => [parameter, this.parameter(parameter)]));
    const wanted = operation.bodyRequired || size === "full" || mediaType !== undefined;
    return { values, body: wanted ? this.#body(operation, size, mediaType) : undefined };
  }

  request(operation: OperationModel, base: Base): WireRequest {
    return requestOf(operation, base.values, base.body);
  }

  parameter(parameter: Parameter): Json {
    const [example] = parameter.examples;
    return example ? example.value : this.builder.at(parameter.schema, "full");
  }

  #body(operation: OperationModel, size: Size, wanted?: string): Base["body"] {
    for (const { mediaType, pointer, schema } of operation.request) {
      if (wanted !== undefined && mediaType !== wanted) continue;
      const [example] = examplesAt(this.document, pointer);
      const built = schema === undefined ? (example?.value ?? "contract") : this.builder.at(schema, size);
      // The provider's own values are the likeliest to mean something to it.
      const value = example ? withValuesOf(example.value, built) : built;
      const text = bodyText(mediaType, value);
      if (text !== undefined) return { mediaType, schema, value, text };
    }
    return undefined;
  }

  /** The root schema's own example, which a mock responds with and a request may be made of. */
  rootExample(schema: string): Example | undefined {
    const pointer = `${resolve(this.document, schema).pointer}/example`;
    const value = at(this.document, pointer);
    return value === undefined ? undefined : { name: "default", pointer, value };
  }
}

/** The built value with the example's values in the places that both have. */
function withValuesOf(example: Json, built: Json): Json {
  if (!isObject(built) || !isObject(example))
    return typeof built === typeof example && !Array.isArray(built) ? example : built;
  const merged = Object.entries(built).map(([key, value]) => [
    key,
    Object.hasOwn(example, key) ? withValuesOf(example[key] ?? null, value) : value,
  ]);
  return Object.fromEntries(merged);
}
