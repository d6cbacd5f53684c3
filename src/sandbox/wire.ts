/** Putting an answer on the wire, whole or with a fault. */
import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Answer, json } from "./answer.js";
import type { Fault } from "./faults.js";

/** Sends the answer. Rejects when the client goes away before its end. */
export async function send(response: ServerResponse, answer: Answer, withoutBody: boolean): Promise<void> {
  const { body } = answer;
  if (response.destroyed) {
    if (body instanceof Readable) body.destroy();
    return;
  }
  response.writeHead(answer.status, withLength(answer));
  if (withoutBody) {
    if (body instanceof Readable) body.destroy();
    response.end();
  } else if (body instanceof Readable) await pipeline(body, response);
  else response.end(body);
}

/** The answer a fault gives in place of ours, where it gives one. */
export function replacement(fault: Fault): Answer | undefined {
  switch (fault.kind) {
    case "html": {
      const body = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n";
      return { status: fault.status ?? 502, headers: { "content-type": "text/html" }, body: Buffer.from(body) };
    }
    case "error": {
      const status = fault.status ?? 503;
      return json(status, { message: fault.message ?? messageOf(status) });
    }
    case "rate_limited": {
      const { retryAfter = "1", reset = 1, message = "Too many requests. Please slow down." } = fault;
      const headers = { "x-ratelimit-limit": "50", "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(reset) };
      return json(429, { message }, retryAfter === "" ? headers : { ...headers, "retry-after": retryAfter });
    }
    case "redirect": {
      const headers = { location: fault.location ?? "/moved", "content-type": "text/plain" };
      return { status: fault.status ?? 302, headers, body: Buffer.from("Moved\n") };
    }
    default:
      return undefined;
  }
}

/** Plays a fault that breaks off; `answer` is what would have been sent. */
export async function breakOff(response: ServerResponse, fault: Fault, answer: Answer | undefined): Promise<void> {
  const afterBytes = fault.kind === "reset" || fault.kind === "stall" ? fault.afterBytes : undefined;
  if (answer !== undefined && afterBytes !== undefined) {
    response.writeHead(answer.status, withLength(answer));
    const begun = (await bytesOf(answer.body)).subarray(0, afterBytes);
    response.flushHeaders();
    await new Promise<void>((resolve) => response.write(begun, () => resolve()));
  } else if (answer?.body instanceof Readable) answer.body.destroy();
  if (fault.kind === "reset") response.socket?.resetAndDestroy();
}

/** The answer with the second half of its JSON gone. */
export async function truncated(answer: Answer): Promise<Answer> {
  const body = await bytesOf(answer.body);
  const { "content-length": _, ...headers } = answer.headers;
  return { ...answer, headers, body: body.subarray(0, Math.floor(body.length / 2)) };
}

function withLength({ headers, body }: Answer): Record<string, string> {
  return body instanceof Readable ? { ...headers } : { "content-length": String(body.length), ...headers };
}

async function bytesOf(body: Buffer | Readable): Promise<Buffer> {
  if (!(body instanceof Readable)) return body;
  const chunks: Buffer[] = [];
  for await (const chunk of body as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function messageOf(status: number): string {
  if (status === 500) return "Internal Server Error";
  return status === 503 ? "Service Unavailable. Please try again later." : `Answered with ${status}, as scripted`;
}
