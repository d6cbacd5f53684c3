/** One HTTP exchange with a server that may be hostile: bounded in time and size, redirects not followed, never a throw. */
import { once } from "node:events";
import { type Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";

export interface HttpResponse {
  readonly status: number;
  /** Lower-case names; several of one name are joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type Exchange = HttpResponse | { readonly failure: Failure; readonly detail: string };

export type Failure = "refused" | "reset" | "timeout" | "too large" | "not HTTP";

export interface Limits {
  /** Milliseconds for the whole exchange, its body included. */
  readonly deadline: number;
  /** Largest response in bytes. */
  readonly bytes: number;
}

export const LIMITS: Limits = { deadline: 10_000, bytes: 4_000_000 };

export interface Message {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

export async function exchange(message: Message, limits: Limits = LIMITS, agent?: Agent): Promise<Exchange> {
  const { url, method } = message;
  const body = message.body === undefined ? undefined : Buffer.from(message.body);
  const headers = { ...message.headers, ...(body ? { "content-length": String(body.length) } : {}) };
  const signal = AbortSignal.timeout(limits.deadline);
  try {
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    const request = send(url, { method, headers, signal, ...(agent ? { agent } : {}) });
    // Once a response has begun, its own stream reports errors.
    request.on("error", () => {});
    request.end(body);
    // An interim response (100, 103) is not the response; a flood of them ends at the deadline.
    const [response] = (await once(request, "response")) as [IncomingMessage];
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limits.bytes) return { failure: "too large", detail: `more than ${limits.bytes} bytes` };
      chunks.push(chunk);
    }
    const joined = Object.entries(response.headers).map(([name, value]) => [name, [value ?? ""].flat().join(", ")]);
    return {
      status: response.statusCode ?? 0,
      headers: Object.fromEntries(joined),
      body: Buffer.concat(chunks).toString("utf8"),
    };
  } catch (error) {
    if (signal.aborted) return { failure: "timeout", detail: `no complete response within ${limits.deadline} ms` };
    const { code = "", message: detail } = error as NodeJS.ErrnoException;
    if (["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"].includes(code)) return { failure: "refused", detail };
    return { failure: code.startsWith("HPE_") ? "not HTTP" : "reset", detail };
  }
}
