/**
 * Whether a parsed text is an OpenAPI 3.0 or 3.1 document that this repository can use. The lint says more; this says
 * what must hold before anything is written: every `$ref` finds something, every operation and schema has its shape.
 */
import { at, pointerOf, resolve } from "../../openapi/document/pointer.js";
import { isObject, type Json, type JsonObject, METHODS, objectOf } from "../../openapi/document/types.js";
import { schemaFaults } from "./schema-structure.js";

const MOST_SHOWN = 20;

/** @throws {Error} that lists every fault with its pointer. */
export function requireStructure(document: JsonObject, name: string): void {
  const faults = structureFaults(document);
  if (faults.length === 0) return;
  const shown = faults.slice(0, MOST_SHOWN).map((fault) => `  ${fault}`);
  if (faults.length > MOST_SHOWN) shown.push(`  and ${faults.length - MOST_SHOWN} more`);
  throw new Error(`${name} is no usable OpenAPI document:\n${shown.join("\n")}`);
}

export function structureFaults(document: JsonObject): readonly string[] {
  const { openapi } = document;
  if (document.swagger !== undefined) return ["#/swagger: Swagger 2.0; only OpenAPI 3.0 and 3.1 are taken."];
  if (openapi === undefined) return ["#/openapi: is missing; this is no OpenAPI document."];
  if (typeof openapi !== "string" || !/^3\.[01]\.\d+$/.test(openapi))
    return [`#/openapi: ${JSON.stringify(openapi)}; only "3.0.x" and "3.1.x" are taken.`];
  const checker = new Checker(document);
  checker.document();
  return checker.faults;
}

class Checker {
  readonly #faults = new Set<string>();
  readonly #document: JsonObject;
  readonly #seen = new Set<string>();
  readonly #ids = new Map<string, string>();
  #operations = 0;

  constructor(document: JsonObject) {
    this.#document = document;
  }

  get faults(): readonly string[] {
    return [...this.#faults];
  }

  document(): void {
    const { info, paths, components, servers } = this.#document;
    for (const key of ["title", "version"])
      if (typeof objectOf(info)[key] !== "string") this.#fault(`/info/${key}`, "must be a string");
    if (paths !== undefined && !isObject(paths)) {
      this.#fault("/paths", "must be an object");
      return;
    }
    if (components !== undefined && !isObject(components)) {
      this.#fault("/components", "must be an object");
      return;
    }
    (Array.isArray(servers) ? servers : []).forEach((server, index) => {
      if (typeof objectOf(server).url !== "string") this.#fault(`/servers/${index}/url`, "must be a string");
    });
    this.#security(this.#document.security, "/security");
    this.#each("/paths", (pointer, path) => {
      if (!path.startsWith("/")) this.#fault(pointer, "a path begins with /");
      this.#pathItem(pointer, path);
    });
    if (this.#operations === 0) this.#fault("/paths", "there is no operation in the document");
    for (const [kind, visit] of Object.entries(this.#components))
      this.#each(`/components/${kind}`, (pointer) => visit(pointer));
  }

  readonly #components: Readonly<Record<string, (pointer: string) => void>> = {
    schemas: (pointer) => this.#schema(pointer),
    responses: (pointer) => this.#response(pointer),
    parameters: (pointer) => this.#parameter(pointer),
    requestBodies: (pointer) => this.#body(pointer),
    headers: (pointer) => this.#header(pointer),
    examples: (pointer) => void this.#object(pointer),
    securitySchemes: (pointer) => this.#scheme(pointer),
    callbacks: (pointer) => this.#callback(pointer),
  };

  #pathItem(pointer: string, path?: string): void {
    const item = this.#object(pointer);
    if (!item) return;
    this.#list(`${item.pointer}/parameters`, (each) => this.#parameter(each));
    for (const method of METHODS)
      if (item.value[method] !== undefined) this.#operation(`${item.pointer}/${method}`, item.value, path);
  }

  #operation(pointer: string, item: JsonObject, path: string | undefined): void {
    const operation = at(this.#document, pointer);
    if (!isObject(operation)) {
      this.#fault(pointer, "must be an object");
      return;
    }
    this.#operations++;
    const { operationId } = operation;
    if (operationId !== undefined) {
      if (typeof operationId !== "string") this.#fault(`${pointer}/operationId`, "must be a string");
      else if (this.#ids.has(operationId))
        this.#fault(`${pointer}/operationId`, `"${operationId}" is that of #${this.#ids.get(operationId)} too`);
      else this.#ids.set(operationId, pointer);
    }
    this.#list(`${pointer}/parameters`, (each) => this.#parameter(each));
    if (path !== undefined) this.#template(pointer, path, [item.parameters, operation.parameters]);
    if (operation.requestBody !== undefined) this.#body(`${pointer}/requestBody`);
    this.#security(operation.security, `${pointer}/security`);
    this.#each(`${pointer}/callbacks`, (each) => this.#callback(each));
    if (!isObject(operation.responses) || Object.keys(operation.responses).length === 0) {
      this.#fault(`${pointer}/responses`, "must declare at least one response");
      return;
    }
    this.#each(`${pointer}/responses`, (each, status) => {
      if (status.startsWith("x-")) return;
      if (!/^(?:[1-5](?:\d\d|XX)|default)$/.test(status)) this.#fault(each, `"${status}" is no status`);
      this.#response(each);
    });
  }

  /** The names in the path's braces and the path parameters are the same. */
  #template(pointer: string, path: string, lists: readonly (Json | undefined)[]): void {
    const declared = new Set<string>();
    for (const entry of lists.flatMap((list) => (Array.isArray(list) ? list : []))) {
      const parameter = this.#resolved(entry);
      if (parameter.in === "path" && typeof parameter.name === "string") declared.add(parameter.name);
    }
    const named = [...path.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1] ?? "");
    for (const name of named)
      if (!declared.delete(name)) this.#fault(pointer, `the path's {${name}} is no declared parameter`);
    for (const name of declared) this.#fault(pointer, `the path parameter "${name}" is not in the path ${path}`);
  }

  #parameter(pointer: string): void {
    const parameter = this.#object(pointer);
    if (!parameter) return;
    const { name, in: place, schema, content } = parameter.value;
    if (typeof name !== "string" || name === "") this.#fault(`${parameter.pointer}/name`, "must be a string");
    if (!["path", "query", "header", "cookie"].includes(String(place)))
      this.#fault(`${parameter.pointer}/in`, "must be path, query, header or cookie");
    if (schema === undefined && content === undefined) this.#fault(parameter.pointer, "has neither schema nor content");
    if (schema !== undefined) this.#schema(`${parameter.pointer}/schema`);
    this.#content(parameter.pointer);
  }

  #header(pointer: string): void {
    const header = this.#object(pointer);
    if (!header) return;
    if (header.value.schema !== undefined) this.#schema(`${header.pointer}/schema`);
    this.#content(header.pointer);
  }

  #body(pointer: string): void {
    const body = this.#object(pointer);
    if (!body) return;
    if (!isObject(body.value.content)) this.#fault(`${body.pointer}/content`, "must be an object");
    this.#content(body.pointer);
  }

  #response(pointer: string): void {
    const response = this.#object(pointer);
    if (!response) return;
    this.#content(response.pointer);
    this.#each(`${response.pointer}/headers`, (each) => this.#header(each));
  }

  #content(holder: string): void {
    this.#each(`${holder}/content`, (pointer, mediaType) => {
      if (!/^[^/\s]+\/[^/\s]+/.test(mediaType)) this.#fault(pointer, `"${mediaType}" is no media type`);
      const entry = this.#object(pointer);
      if (entry?.value.schema !== undefined) this.#schema(`${entry.pointer}/schema`);
      if (entry) this.#each(`${entry.pointer}/examples`, (each) => void this.#object(each));
    });
  }

  #callback(pointer: string): void {
    const callback = this.#object(pointer);
    if (callback) this.#each(callback.pointer, (each) => this.#pathItem(each));
  }

  #scheme(pointer: string): void {
    const scheme = this.#object(pointer);
    if (scheme && typeof scheme.value.type !== "string") this.#fault(`${scheme.pointer}/type`, "must be a string");
  }

  #security(value: Json | undefined, pointer: string): void {
    if (value === undefined) return;
    if (!Array.isArray(value)) {
      this.#fault(pointer, "must be a list");
      return;
    }
    const known = objectOf(objectOf(this.#document.components).securitySchemes);
    value.forEach((entry, index) => {
      for (const name of Object.keys(objectOf(entry)))
        if (!Object.hasOwn(known, name))
          this.#fault(`${pointer}/${index}`, `the security scheme "${name}" is not declared`);
    });
  }

  #schema(pointer: string): void {
    schemaFaults(this.#document, pointer, this.#seen, (where, what) => this.#fault(where, what));
  }

  /** What stands at a pointer, through its `$ref`s; a fault where it is no object. */
  #object(pointer: string): { readonly value: JsonObject; readonly pointer: string } | undefined {
    try {
      const found = resolve(this.#document, pointer);
      if (isObject(found.value)) {
        if (found.pointer === pointer) return { value: found.value, pointer };
        // A component is looked at where it stands.
        return /^\/components\//.test(found.pointer) ? undefined : { value: found.value, pointer: found.pointer };
      }
      this.#fault(pointer, "must be an object");
    } catch (error) {
      this.#fault(pointer, error instanceof Error ? error.message : String(error));
    }
    return undefined;
  }

  #resolved(entry: Json): JsonObject {
    const ref = isObject(entry) ? entry.$ref : undefined;
    if (typeof ref !== "string") return objectOf(entry);
    try {
      return objectOf(resolve(this.#document, decodeURIComponent(ref.slice(1))).value);
    } catch {
      return {};
    }
  }

  #each(pointer: string, visit: (pointer: string, key: string) => void): void {
    const value = at(this.#document, pointer);
    if (value === undefined) return;
    if (!isObject(value)) {
      this.#fault(pointer, "must be an object");
      return;
    }
    for (const key of Object.keys(value)) visit(pointer + pointerOf([key]), key);
  }

  #list(pointer: string, visit: (pointer: string) => void): void {
    const value = at(this.#document, pointer);
    if (value === undefined) return;
    if (!Array.isArray(value)) {
      this.#fault(pointer, "must be a list");
      return;
    }
    value.forEach((_, index) => {
      visit(`${pointer}/${index}`);
    });
  }

  #fault(pointer: string, what: string): void {
    this.#faults.add(`#${pointer}: ${what}`);
  }
}
