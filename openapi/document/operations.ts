/** Lists what a document offers: its operations, their bodies and responses, and its callbacks, with JSON pointers. */
import { uniqueName } from "./names.js";
import { pointerOf, resolve } from "./pointer.js";
import { isObject, type JsonObject, METHODS, type Method, objectOf } from "./types.js";

export interface MediaType {
  readonly mediaType: string;
  /** Pointer of the media type object. */
  readonly pointer: string;
  /** Pointer of its schema, where it has one. */
  readonly schema?: string;
}

export interface DocumentResponse {
  /** As written: `200`, `2XX` or `default`. */
  readonly status: string;
  readonly pointer: string;
  readonly content: readonly MediaType[];
}

export interface Operation {
  /** `operationId`, or a name made of method and path where there is none. Unique, and a valid identifier. */
  readonly id: string;
  /** As the document writes it; absent where it has none. */
  readonly operationId?: string;
  readonly method: Method;
  /** Path template, e.g. `/v1/ai/image-upscaler-precision/{task-id}`; of a callback, its runtime expression. */
  readonly path: string;
  readonly pointer: string;
  readonly callback: boolean;
  readonly request: readonly MediaType[];
  /** Whether a request without a body is wrong. */
  readonly bodyRequired: boolean;
  readonly responses: readonly DocumentResponse[];
}

/** Those that are plain JSON and have a schema. */
export function jsonOf(content: readonly MediaType[] = []): (MediaType & { readonly schema: string })[] {
  return content.flatMap(({ schema, ...media }) =>
    /^application\/json\b/.test(media.mediaType) && schema !== undefined ? [{ ...media, schema }] : [],
  );
}

/** All operations in document order, callbacks after the operation that has them. @throws {Error} for a `$ref` to nothing. */
export function operationsOf(document: JsonObject): Operation[] {
  const taken = new Set<string>();
  return pathItems(document, "/paths", false, taken);
}

function pathItems(document: JsonObject, base: string, callback: boolean, taken: Set<string>): Operation[] {
  const items = objectOf(resolve(document, base).value);
  return Object.keys(items).flatMap((path) => {
    const item = resolve(document, base + pointerOf([path]));
    return METHODS.flatMap((method) => {
      const operation = objectOf(item.value)[method];
      if (!isObject(operation)) return [];
      const pointer = item.pointer + pointerOf([method]);
      const { operationId } = operation;
      const body = operation.requestBody === undefined ? undefined : resolve(document, `${pointer}/requestBody`);
      const own: Operation = {
        id: identifier(operation, method, path, taken),
        ...(typeof operationId === "string" && operationId !== "" ? { operationId } : {}),
        method,
        path,
        pointer,
        callback,
        request: body ? mediaTypes(document, body.pointer) : [],
        bodyRequired: objectOf(body?.value).required === true,
        responses: Object.keys(objectOf(operation.responses)).map((status) => {
          const response = resolve(document, pointer + pointerOf(["responses", status]));
          return { status, pointer: response.pointer, content: mediaTypes(document, response.pointer) };
        }),
      };
      const callbacks = Object.keys(objectOf(operation.callbacks)).flatMap((name) => {
        const target = resolve(document, pointer + pointerOf(["callbacks", name]));
        return pathItems(document, target.pointer, true, taken);
      });
      return [own, ...callbacks];
    });
  });
}

function mediaTypes(document: JsonObject, holder: string): MediaType[] {
  const { value, pointer } = resolve(document, holder);
  const content = objectOf(objectOf(value).content);
  return Object.entries(content).map(([mediaType, entry]) => {
    const own = pointer + pointerOf(["content", mediaType]);
    return { mediaType, pointer: own, ...(objectOf(entry).schema === undefined ? {} : { schema: `${own}/schema` }) };
  });
}

function identifier({ operationId }: JsonObject, method: string, path: string, taken: Set<string>): string {
  const source = typeof operationId === "string" && operationId !== "" ? operationId : `${method} ${path}`;
  const words = source.split(/[^A-Za-z0-9_$]+/).filter(Boolean);
  const camel = words
    .map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)))
    .join("");
  return uniqueName(/^[A-Za-z_$]/.test(camel) ? camel : `_${camel}`, taken);
}
