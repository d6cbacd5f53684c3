/** One HTTP exchange with a server that may be hostile: bounded in time and size, redirects not followed, never a throw. */
import { type Agent, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";

export type Exchange =
  | {
      readonly answered: true;
      readonly status: number;
      /** Lower-case names; several of one name are joined by a comma. */
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    }
  | { readonly answered: false; readonly failure: Failure; readonly detail: string };

export type Failure = "refused" | "reset" | "timeout" | "too large" | "not HTTP";

export interface Limits {
  /** Milliseconds for the whole exchange, its body included. */
  readonly deadline: number;
  /** Largest answer in bytes. */
  readonly bytes: number;
}

export const LIMITS: Limits = { deadline: 10_000, bytes: 4_000_000 };

export interface Message {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export function exchange(url: URL, message: Message, limits: Limits = LIMITS, agent?: Agent): Promise<Exchange> {
  return new Promise((resolve) => {
    let settled = false;
    const settle = (result: Exchange): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      resolve(result);
    };
    const fail = (failure: Failure, detail: string): void => {
      settle({ answered: false, failure, detail });
      request.destroy();
    };
    const body = message.body === undefined ? undefined : Buffer.from(message.body);
    const headers = { ...message.headers, ...(body ? { "content-length": String(body.length) } : {}) };
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    const request = send(url, { method: message.method, headers, ...(agent ? { agent } : {}) });
    const timer = setTimeout(() => fail("timeout", `no whole answer within ${limits.deadline} ms`), limits.deadline);
    request.on("error", (error: NodeJS.ErrnoException) => fail(failureOf(error), error.message));
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size > limits.bytes) fail("too large", `more than ${limits.bytes} bytes`);
        else chunks.push(chunk);
      });
      response.on("error", (error) => fail("reset", error.message));
      response.on("aborted", () => fail("reset", "the connection ended inside the answer"));
      response.on("end", () =>
        settle({
          answered: true,
          status: response.statusCode ?? 0,
          headers: Object.fromEntries(
            Object.entries(response.headers).map(([name, value]) => [
              name,
              Array.isArray(value) ? value.join(", ") : (value ?? ""),
            ]),
          ),
          body: Buffer.concat(chunks).toString("utf8"),
        }),
      );
    });
    // An interim answer (100, 103) is not the answer; a flood of them ends at the deadline.
    request.end(body);
  });
}

function failureOf(error: NodeJS.ErrnoException): Failure {
  if (error.code === "ECONNREFUSED" || error.code === "ENOTFOUND" || error.code === "EAI_AGAIN") return "refused";
  return error.code?.startsWith("HPE_") ? "not HTTP" : "reset";
}
