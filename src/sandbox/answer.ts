/** An answer as data, before it meets the wire. */
import type { Readable } from "node:stream";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | Readable;
  /** For the log. */
  readonly reason?: string;
}

/** An answer other than success, thrown to where answers are made. */
export class Refusal extends Error {
  readonly status: number;
  /** Parameters at fault, with the rule that each broke. */
  readonly params: readonly InvalidParam[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, options: RefusalOptions = {}) {
    super(message);
    this.status = status;
    this.params = options.params ?? [];
    this.headers = options.headers ?? {};
  }
}

export interface InvalidParam {
  readonly name: string;
  readonly reason: string;
}

interface RefusalOptions {
  readonly params?: readonly InvalidParam[];
  readonly headers?: Readonly<Record<string, string>>;
}

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status,
    headers: { "content-type": "application/json", ...headers },
    body: Buffer.from(JSON.stringify(value)),
  };
}

/** The declared shape of an error; a 400 as `application/problem+json` where the client asks for nothing else. */
export function refused(refusal: Refusal, accept: string | undefined): Answer {
  const { message } = refusal;
  if (refusal.status === 400 && accept !== undefined && wantsProblem(accept)) {
    const problem = { message, invalid_params: refusal.params };
    const headers = { ...refusal.headers, "content-type": "application/problem+json" };
    return { ...json(400, { problem }, headers), reason: message };
  }
  return { ...json(refusal.status, { message }, refusal.headers), reason: message };
}

function wantsProblem(accept: string): boolean {
  const types = accept.split(",").map((part) => part.split(";")[0]?.trim().toLowerCase());
  return (
    types.includes("application/problem+json") && !types.some((type) => type === "application/json" || type === "*/*")
  );
}
