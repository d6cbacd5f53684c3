/** How one attempt is sent: its body, its `Request`, and what is done with the answer as it comes. */
import { type RawAnswer, readAnswer } from "./answer.js";
import type { Call, Sending } from "./call.js";
import type { OpenBody } from "./image/body.js";
import type { Settings } from "./options.js";
import { redirect, streamsRequests, uncached } from "./platform.js";
import { orAborted, type Scope } from "./scope.js";

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

export async function payloadOf(body: OpenBody, fetch: Fetch): Promise<Payload> {
  const pieces = body.pieces();
  if (fetch.LightRequest !== undefined) return pieces;
  if (streamsRequests())
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
  const parts: Blob[] = [];
  for await (const piece of pieces) parts.push(new Blob([piece]));
  return new Blob(parts);
}

/** What of `Request` openapi-fetch and a fetch need. The platform's own costs more than all the rest of a call. */
class PlainRequest {
  readonly method: string;
  readonly url: string;
  readonly init: RequestInit;
  constructor(url: string, init: RequestInit) {
    this.url = url;
    this.init = init;
    this.method = init.method ?? "GET";
  }
}

/** What openapi-fetch is given back once the answer was read here: it has nothing left to do. */
const READ = { ok: true, status: 204, headers: new Headers() } as Response;

export function sendingOf(
  settings: Settings,
  fetch: Fetch,
  call: Call,
  scope: Scope,
  payload: Payload | undefined,
  state: Progress,
): Sending {
  const ask = (request: Request | PlainRequest): Promise<Response> =>
    request instanceof PlainRequest ? fetch(request.url, request.init) : fetch(request);
  const streamed = payload !== undefined && !(payload instanceof Blob);
  const length = streamed ? call.body?.length : undefined;
  return {
    headers: {
      [settings.keyHeader]: state.key ?? "",
      accept: "application/json, application/problem+json",
      ...(length === undefined ? {} : { "content-length": String(length) }),
    },
    signal: scope.signal,
    redirect: redirect(),
    parseAs: "text",
    Request: fetch.LightRequest ?? (PlainRequest as unknown as typeof Request),
    fetch: async (request) => {
      const response = await orAborted(scope.signal, droppedIfLate(scope, ask(request)));
      state.answered = true;
      state.answer = await orAborted(scope.signal, readAnswer(response));
      return READ;
    },
    ...(payload === undefined ? {} : { bodySerializer: () => payload }),
    ...(streamed ? { duplex: "half" as const } : {}),
    ...(call.kind === "read" ? uncached() : {}),
  };
}

/** A fetch that does not heed its signal may answer when nobody listens any more. */
function droppedIfLate(scope: Scope, fetching: Promise<Response>): Promise<Response> {
  fetching.then(
    (response) => {
      if (scope.endedBy !== undefined) response.body?.cancel().catch(() => undefined);
    },
    () => undefined,
  );
  return fetching;
}
