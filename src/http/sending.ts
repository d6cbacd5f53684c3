/** How one attempt is sent: its body, its request, and what is done with the answer as it comes. */

import type { OpenBody } from "../image/body.js";
import type { Settings } from "../options.js";
import { type AbortScope, orAborted } from "../util/abort-scope.js";
import { redirect, streamsRequests, uncached } from "../util/runtime.js";
import type { Call, Sending } from "./call.js";
import { type RawAnswer, readAnswer } from "./read-response.js";

/** How far an attempt has come. */
export interface Progress {
  answer: RawAnswer | undefined;
  /** Whether the head of an answer has come. */
  answered: boolean;
  key: string | undefined;
}

/** The key in use, which no error may hold. */
export function keysOf({ key }: Progress): string[] {
  return key === undefined ? [] : [key];
}

/** A fetch may bring a `Request` of its own that takes bodies as async iterables, as `nodeFetch()` does. */
export type Fetch = typeof globalThis.fetch & { readonly LightRequest?: typeof Request };

export type Payload = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | Blob;

export function payloadOf(body: OpenBody, fetch: Fetch): Payload | Promise<Blob> {
  if (fetch.LightRequest !== undefined) return body;
  const pieces = body.pieces();
  if (!streamsRequests()) return blobOf(pieces);
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: () => body.close(),
    },
    // Nothing is read ahead: what was pulled tells how far the sending came.
    { highWaterMark: 0 },
  );
}

async function blobOf(pieces: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<Blob> {
  const parts: Blob[] = [];
  for await (const piece of pieces) parts.push(new Blob([piece]));
  return new Blob(parts);
}

/** What of `Request` openapi-fetch needs: it says where to, and what is sent is said here. The platform's own costs more than all the rest of a call. */
class PlainRequest {
  readonly url: string;
  readonly method: string;
  constructor(url: string, { method = "GET" }: RequestInit) {
    this.url = url;
    this.method = method;
  }
}

/**
 * What openapi-fetch is given back once the answer was read here: it has nothing left to do. No `Headers`, for which the
 * runtime would load its whole `fetch` when this file is imported.
 */
const READ = { ok: true, status: 204, headers: { get: () => null } } as unknown as Response;

export function sendingOf(
  settings: Settings,
  fetch: Fetch,
  call: Call,
  scope: AbortScope,
  payload: Payload | undefined,
  state: Progress,
): Sending {
  const streamed = payload !== undefined && !(payload instanceof Blob);
  const length = streamed ? call.body?.length : undefined;
  // Plain objects of one shape: spreads and late fields would cost more than the headers themselves.
  const headers: Record<string, string> = { accept: "application/json, application/problem+json" };
  headers[settings.keyHeader] = state.key ?? "";
  if (payload !== undefined) headers["content-type"] = "application/json";
  if (length !== undefined) headers["content-length"] = String(length);
  const body = (payload ?? null) as BodyInit | null;
  const ask = ({ url, method }: PlainRequest): Promise<Response> => {
    const { LightRequest } = fetch;
    if (LightRequest !== undefined)
      return fetch(new LightRequest(url, { method, redirect: redirect(), headers, body, signal: scope.signal }));
    return fetch(url, {
      method,
      redirect: redirect(),
      headers: new Headers(headers),
      signal: scope.signal,
      ...(body === null ? {} : { body }),
      ...(streamed ? { duplex: "half" } : {}),
      ...(call.kind === "read" ? uncached() : {}),
    } as RequestInit);
  };
  const answered = async (asked: Promise<Response>): Promise<Response> => {
    const response = await asked;
    // A fetch that does not heed its signal may answer when nobody listens any more.
    if (scope.signal.aborted) {
      response.body?.cancel().catch(() => undefined);
      return READ;
    }
    state.answered = true;
    const answer = await readAnswer(response, keysOf(state));
    if (!scope.signal.aborted) state.answer = answer;
    return READ;
  };
  return {
    // Text, so that openapi-fetch reads nothing more into it.
    parseAs: "text",
    Request: PlainRequest as unknown as typeof Request,
    fetch: (request) => orAborted(scope.signal, answered(ask(request as PlainRequest))),
  };
}
