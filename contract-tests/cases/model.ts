/** Everything an operation declares, resolved, with JSON pointers: what the derivation of cases reads. */
import { type DocumentResponse, type Operation, operationsOf } from "../../openapi/document/operations.js";
import { pointerOf, resolve } from "../../openapi/document/pointer.js";
import { type Json, type JsonObject, objectOf } from "../../openapi/document/types.js";
import type { Credential } from "./case.js";

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header" | "cookie";
  readonly required: boolean;
  readonly pointer: string;
  readonly schema: string;
  readonly style: string;
  readonly explode: boolean;
  readonly examples: readonly Example[];
}

/** An example of a parameter, header or media type. */
export interface Example {
  /** `default` for a single `example`. */
  readonly name: string;
  readonly pointer: string;
  readonly value: Json;
}

export interface ResponseHeader {
  /** Lower case. */
  readonly name: string;
  readonly required: boolean;
  readonly pointer: string;
  readonly schema?: string | undefined;
}

export interface ResponseModel extends DocumentResponse {
  readonly headers: readonly ResponseHeader[];
}

export interface OperationModel extends Omit<Operation, "responses"> {
  readonly parameters: readonly Parameter[];
  readonly responses: readonly ResponseModel[];
  /** Alternatives, any of which suffices; each lists what it needs together. An empty alternative: no credential needed. */
  readonly security: readonly (readonly Credential[])[];
  readonly securityPointer: string;
}

/** All operations a client can call; callbacks, which the provider calls, are listed with {@link Operation.callback}. */
export function modelOf(document: JsonObject): OperationModel[] {
  return operationsOf(document).map((operation) => {
    const own = objectOf(resolve(document, operation.pointer).value);
    return {
      ...operation,
      parameters: parametersOf(document, operation),
      responses: operation.responses.map((each) => ({ ...each, headers: headersOf(document, each.pointer) })),
      security: securityOf(document, own.security ?? document.security),
      securityPointer: own.security === undefined ? "/security" : `${operation.pointer}/security`,
    };
  });
}

/** Header parameters that OpenAPI wants ignored: media types and security say what goes there. */
export function isIgnored(parameter: JsonObject): boolean {
  return parameter.in === "header" && /^(?:accept|content-type|authorization)$/i.test(String(parameter.name));
}

function isPlace(place: Json | undefined): place is Parameter["in"] {
  return place === "path" || place === "query" || place === "header" || place === "cookie";
}

function parametersOf(document: JsonObject, operation: Operation): Parameter[] {
  const item = operation.pointer.slice(0, operation.pointer.lastIndexOf("/"));
  const found = new Map<string, Parameter>();
  for (const holder of [item, operation.pointer]) {
    const list = objectOf(resolve(document, holder).value).parameters;
    if (!Array.isArray(list)) continue;
    list.forEach((_, index) => {
      const parameter = parameterAt(document, `${holder}/parameters/${index}`);
      if (parameter) found.set(`${parameter.in} ${parameter.name.toLowerCase()}`, parameter);
    });
  }
  return [...found.values()];
}

function parameterAt(document: JsonObject, at: string): Parameter | undefined {
  const { value, pointer } = resolve(document, at);
  const own = objectOf(value);
  const place = own.in;
  if (!isPlace(place) || typeof own.name !== "string" || own.schema === undefined) return undefined;
  if (isIgnored(own)) return undefined;
  const style = typeof own.style === "string" ? own.style : place === "query" || place === "cookie" ? "form" : "simple";
  return {
    name: own.name,
    in: place,
    required: own.required === true,
    pointer,
    schema: `${pointer}/schema`,
    style,
    explode: typeof own.explode === "boolean" ? own.explode : style === "form",
    examples: examplesAt(document, pointer),
  };
}

/** The `example` and `examples` of a parameter, header or media type; a `$ref` gives the example where it really stands. */
export function examplesAt(document: JsonObject, at: string): Example[] {
  const { value: holder, pointer } = resolve(document, at);
  const own = objectOf(holder);
  const named = Object.keys(objectOf(own.examples)).flatMap((name) => {
    const found = resolve(document, pointer + pointerOf(["examples", name]));
    const value = objectOf(found.value).value;
    return value === undefined ? [] : [{ pointer: found.pointer, value, name }];
  });
  return own.example === undefined
    ? named
    : [{ pointer: `${pointer}/example`, value: own.example, name: "default" }, ...named];
}

function headersOf(document: JsonObject, response: string): ResponseHeader[] {
  const headers = objectOf(objectOf(resolve(document, response).value).headers);
  return Object.keys(headers).map((name) => {
    const { value, pointer } = resolve(document, response + pointerOf(["headers", name]));
    const own = objectOf(value);
    return {
      name: name.toLowerCase(),
      required: own.required === true,
      pointer,
      schema: own.schema === undefined ? undefined : `${pointer}/schema`,
    };
  });
}

function securityOf(document: JsonObject, requirements: Json | undefined): Credential[][] {
  if (!Array.isArray(requirements)) return [];
  return requirements.map((alternative) =>
    Object.keys(objectOf(alternative)).flatMap((scheme) => credentialOf(document, scheme) ?? []),
  );
}

function credentialOf(document: JsonObject, scheme: string): Credential | undefined {
  const { value } = resolve(document, `/components/securitySchemes${pointerOf([scheme])}`);
  const own = objectOf(value);
  if (own.type === "apiKey" && typeof own.name === "string") {
    const place = own.in;
    if (place === "header" || place === "query" || place === "cookie") {
      return { scheme, in: place, name: place === "header" ? own.name.toLowerCase() : own.name, form: "plain" };
    }
  }
  if (own.type === "http" && own.scheme === "basic")
    return { scheme, in: "header", name: "authorization", form: "basic" };
  if (own.type === "http" || own.type === "oauth2" || own.type === "openIdConnect") {
    return { scheme, in: "header", name: "authorization", form: "bearer" };
  }
  return undefined;
}

/** A status number that falls under a response's key: itself, the first of a range, or one that `default` stands for. */
export function codeOf(status: string, responses: readonly { readonly status: string }[]): number {
  if (/^\d{3}$/.test(status)) return Number(status);
  const range = /^(\d)XX$/i.exec(status);
  if (range) return Number(range[1]) * 100;
  const declared = new Set(responses.map((response) => response.status));
  return [500, 502, 503, 504, 520].find((code) => !declared.has(String(code)) && !declared.has("5XX")) ?? 599;
}

/** The response that a status is declared by: exact, then range, then `default`. */
export function responseFor<R extends { readonly status: string }>(
  responses: readonly R[],
  code: number,
): R | undefined {
  const keys = [String(code), `${Math.floor(code / 100)}XX`, "DEFAULT"];
  return keys.map((key) => responses.find(({ status }) => status.toUpperCase() === key)).find((found) => found);
}
