/** The valid request that every case of an operation starts from. */
import { at, resolve } from "../../openapi/document/pointer.js";
import { isObject, type Json, type JsonObject, objectOf } from "../../openapi/document/types.js";
import { DocumentSchemas } from "../../openapi/document/validation.js";
import { Builder, type Size } from "./build.js";
import type { WireRequest } from "./case.js";
import { type Example, examplesAt, type OperationModel, type Parameter } from "./model.js";
import { bodyText, requestOf } from "./wire.js";

export interface Base {
  readonly values: ReadonlyMap<Parameter, Json>;
  /** Why this is not a valid request: no value was found that the document accepts. */
  readonly unfit?: string | undefined;
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
    this.builder = new Builder(document, "request", (pointer, value) => this.fits(pointer, value));
  }

  /** Whether a request may carry the value, as far as its schema says. */
  fits(schema: string | undefined, value: Json): boolean {
    return schema === undefined || this.schemas.validator(schema, "open", "request")(value);
  }

  /** A valid request; `mediaType` picks its body's, else the first that can be written. */
  of(operation: OperationModel, size: Size, mediaType?: string): Base {
    const needed = operation.parameters.filter((parameter) => size === "full" || parameter.required);
    const values = new Map(needed.map((parameter) => [parameter, this.parameter(parameter)]));
    const wanted = operation.bodyRequired || size === "full" || mediaType !== undefined;
    const body = wanted ? this.#body(operation, size, mediaType) : undefined;
    const wrong = needed.find((parameter) => !this.fits(parameter.schema, values.get(parameter) ?? null));
    const place = wrong
      ? `${wrong.in}.${wrong.name}`
      : body && !this.fits(body.schema, body.value)
        ? "body"
        : undefined;
    const unfit = place && `no value was found for ${place} that its schema accepts`;
    return { values, body, ...(unfit ? { unfit } : {}) };
  }

  request(operation: OperationModel, base: Base): WireRequest {
    const request = requestOf(operation, base.values, base.body);
    return base.unfit === undefined ? request : { ...request, unfit: base.unfit };
  }

  parameter(parameter: Parameter): Json {
    // A wrong example is a finding of its own, and the base of nothing.
    const example = parameter.examples.find(({ value }) => this.fits(parameter.schema, value));
    return example ? example.value : this.builder.at(parameter.schema, "full");
  }

  #body(operation: OperationModel, size: Size, wanted?: string): Base["body"] {
    for (const { mediaType, pointer, schema } of operation.request) {
      if (wanted !== undefined && mediaType !== wanted) continue;
      const example = examplesAt(this.document, pointer).find(({ value }) => this.fits(schema, value));
      const built = schema === undefined ? (example?.value ?? "contract") : this.#built(mediaType, schema, size);
      // The provider's own values are the likeliest to mean something to it.
      const merged = example ? withValuesOf(example.value, built) : built;
      const value = this.fits(schema, merged) ? merged : built;
      const text = bodyText(mediaType, value);
      if (text !== undefined) return { mediaType, schema, value, text };
    }
    return undefined;
  }

  #built(mediaType: string, schema: string, size: Size): Json {
    const built = this.builder.at(schema, size);
    if (bodyText(mediaType, built) !== "") return built;
    // A form without a field is an absent one, so that the smallest one has some field.
    const fields = Object.entries(objectOf(this.builder.at(schema, "full")));
    const [one] = fields.map(([name, value]) => ({ [name]: value })).filter((value) => this.fits(schema, value));
    return one ?? built;
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
