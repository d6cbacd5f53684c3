/** The value that a response carries. */
import type { Json } from "../../openapi/document/types.js";
import { isJson } from "../cases/wire.js";
import type { HttpResponse } from "../targets/exchange.js";

/** `text/html; charset=utf-8` → `text/html`. */
export function essence(mediaType: string | undefined): string {
  return (mediaType ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}

/** Parsed JSON, else the text. @throws {SyntaxError} for a body that is labelled JSON and cannot be parsed. */
export function parseBody(response: HttpResponse): Json {
  return isJson(essence(response.headers["content-type"])) ? (JSON.parse(response.body) as Json) : response.body;
}

/** `undefined` for a body that cannot be parsed. */
export function valueIn(response: HttpResponse): Json | undefined {
  try {
    return parseBody(response);
  } catch {
    return undefined;
  }
}
