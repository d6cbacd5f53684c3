/** The valid request that every case of an operation starts from. */
import { at, resolve } from "../../openapi/document/pointer.js";
import { isObject, type Json, type JsonObject } from "../../openapi/document/types.js";
import { DocumentSchemas } from "../../openapi/document/validation.js";
import { Builder, type Size } from "./build.js";
import type { WireRequest } from "./case.js";
import { examplesAt, type OperationModel, type Parameter } from "./model.js";
import { bodyText, requestOf } from "./wire.js";

export interface Base {
  readonly values: ReadonlyMap<Parameter, Json>;
  readonly body?: { readonly mediaType: string; readonly schema?: string; readonly value: Json; readonly text: string };
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
    const values = new Map<Parameter, Json>();
    for (const parameter of operation.parameters) {
      if (size === "full" || parameter.required) values.set(parameter, this.parameter(parameter));
    }
    const body =
      operation.bodyRequired || size === "full" || mediaType !== undefined
        ? this.#body(operation, size, mediaType)
        : undefined;
    return { values, ...(body ? { body } : {}) };
  }

  request(operation: OperationModel, base: Base): WireRequest {
    return requestOf(operation, base.values, base.body);
  }

  parameter(parameter: Parameter): Json {
    const [example] = parameter.examples;
    return example ? example.value : this.builder.at(parameter.schema, "full");
  }

  #body(operation: OperationModel, size: Size, wanted?: string): Base["body"] {
    for (const media of operation.request) {
      if (wanted !== undefined && media.mediaType !== wanted) continue;
      const [example] = examplesAt(this.document, media.pointer);
      const built = media.schema === undefined ? (example?.value ?? "contract") : this.builder.at(media.schema, size);
      // The provider's own values are the likeliest to mean something to it.
      const value = example ? likened(built, example.value) : built;
      const text = bodyText(media.mediaType, value);
      if (text !== undefined)
        return {
          mediaType: media.mediaType,
          value,
          text,
          ...(media.schema === undefined ? {} : { schema: media.schema }),
        };
    }
    return undefined;
  }

  /** The root schema's own example, which a mock answers with and a request may be made of. */
  rootExample(schema: string): { readonly pointer: string; readonly value: Json } | undefined {
    const { value, pointer } = resolve(this.document, schema);
    const found = isObject(value) ? at(this.document, `${pointer}/example`) : undefined;
    return found === undefined ? undefined : { pointer: `${pointer}/example`, value: found };
  }
}

/** The built value with the example's values in the places that both have. */
function likened(built: Json, example: Json): Json {
  if (!isObject(built) || !isObject(example))
    return typeof built === typeof example && !Array.isArray(built) ? example : built;
  return Object.fromEntries(
    Object.entries(built).map(([key, value]) => [
      key,
      Object.hasOwn(example, key) ? likened(value, example[key] ?? null) : value,
    ]),
  );
}
