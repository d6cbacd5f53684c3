/** Responses of the sandbox. */
import type { InvalidParam } from "../errors/api-error.js";
import { utf8 } from "../util/bytes.js";

/** A response other than success, thrown to where responses are made. */
export class Refusal extends Error {
  readonly status: number;
  /** The invalid parameters, each with the rule that it breaks. */
  readonly params: readonly InvalidParam[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Refusal["headers"] = {}, params: Refusal["params"] = []) {
    super(message);
    this.status = status;
    this.headers = headers;
    this.params = params;
  }
}

/** A 400 about one parameter or header. */
export function invalidParam(name: string, reason: string): Refusal {
  return new Refusal(400, reason, {}, [{ name, reason }]);
}

/** What a header of the request says. @throws {Refusal} 400 where the function throws. */
export function readHeader<T>(request: Request, name: string, parse: (text: string) => T): T | undefined {
  const text = request.headers.get(name);
  try {
    return text === null ? undefined : parse(text);
  } catch (error) {
    throw invalidParam(name, `Header '${name}': ${(error as Error).message}`);
  }
}

/** A response with a body that is in memory. */
export function response(
  status: number,
  type: string,
  content: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Response {
  const body = typeof content === "string" ? utf8(content) : content;
  if ([204, 205, 304].includes(status)) return new Response(null, { status, headers });
  const length = String(body.length);
  return new Response(body, { status, headers: { "content-type": type, "content-length": length, ...headers } });
}

export function json(status: number, value: unknown, headers: Record<string, string> = {}): Response {
  return response(status, "application/json", JSON.stringify(value), headers);
}

/** The declared shape of an error; a 400 is `application/problem+json` where the client accepts nothing else. */
export function refusalResponse({ status, message, params, headers }: Refusal, accept: string): Response {
  const acceptsOnlyProblem = /application\/problem\+json/i.test(accept) && !/application\/json|\*\/\*/i.test(accept);
  if (status !== 400 || !acceptsOnlyProblem) return json(status, { message }, headers);
  const problem = { message, invalid_params: params };
  return json(400, { problem }, { ...headers, "content-type": "application/problem+json" });
}
