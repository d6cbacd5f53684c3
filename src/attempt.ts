/** One attempt of a call, within its deadline: key, body, fetch, answer. Never rejects: what went wrong is its outcome. */

import { type RawAnswer, readAnswer } from "./answer.js";
import { complaintOf, isUsageLimit } from "./api-errors.js";
import { imageTrouble, type Trouble } from "./call-errors.js";
import { ConfigurationError } from "./errors/configuration-error.js";
import { MagnificError } from "./errors/magnific-error.js";
import { StoreError } from "./errors/store-error.js";
import type { Call, Exchanger, Sending } from "./exchange.js";
import { tell } from "./hooks.js";
import type { OpenBody } from "./image/body.js";
import { networkFailure } from "./network.js";
import { checkedKey, type Settings } from "./options.js";
import { redirect, streamsRequests, uncached } from "./platform.js";
import { redactText, safeCause } from "./redact.js";
import type { Phase } from "./retry.js";
import { openScope, orAborted, type Scope } from "./scope.js";

export interface Outcome {
  readonly answer: RawAnswer | undefined;
  /** Absent when the answer is 2xx. */
  readonly trouble: Trouble | undefined;
  readonly phase: Phase;
  /** Digest of the request, where its whole image was handed out. */
  readonly digest: string | undefined;
}

/** Milliseconds in which a source may close itself before nobody waits for it any more. */
const CLOSING = 1_000;

/** @param timeout Milliseconds. */
export async function attemptOnce(
  exchanger: Exchanger,
  call: Call,
  attempt: number,
  timeout: number,
): Promise<Outcome> {
  const { settings } = exchanger;
  const scope = openScope(settings.time, timeout, call.options.signal);
  const body = call.body?.open();
  const state: State = { answer: undefined, answered: false, key: undefined };
  const outcome = (trouble: Trouble | undefined): Outcome => {
    const hash = body?.imageHash;
    return {
      answer: state.answer,
      trouble,
      phase: state.answered ? "answered" : (body?.phase ?? "waiting"),
      digest: hash === undefined ? undefined : call.digestOf?.(hash),
    };
  };
  try {
    state.key = await orAborted(scope.signal, keyFor(settings));
    if (call.beforeSend !== undefined) await orAborted(scope.signal, noted(call.beforeSend, attempt, secretsOf(state)));
    const fetch: Fetch = settings.fetch();
    const payload = body === undefined ? undefined : await orAborted(scope.signal, payloadOf(body, fetch));
    tell("onRequest", settings.hooks.onRequest, {
      operation: call.operation,
      taskId: call.taskId,
      attempt,
      body: call.body && { type: "application/json", length: call.body.length },
    });
    await call.send(exchanger.api(), sendingOf(settings, fetch, call, scope, payload, state));
    return outcome(state.answer === undefined ? nothing() : statusTrouble(state.answer, secretsOf(state)));
  } catch (error) {
    return outcome(troubleOf(error, scope, timeout, call, body, state));
  } finally {
    // What nobody reads on would keep its connection: an early answer's request, a cut answer's rest.
    const complete = state.answer?.cut === false && (body === undefined || body.phase === "waiting");
    if (complete) scope.close();
    else scope.stop();
    if (body !== undefined) await closed(settings, body);
  }
}

interface State {
  answer: RawAnswer | undefined;
  answered: boolean;
  key: string | undefined;
}

function secretsOf(state: State): string[] {
  return state.key === undefined ? [] : [state.key];
}

/** The key for one attempt. @throws {ConfigurationError} */
export async function keyFor({ apiKey }: Settings): Promise<string> {
  if (typeof apiKey === "string") return apiKey;
  let key: unknown;
  try {
    key = await apiKey();
  } catch (error) {
    throw new ConfigurationError("The function given as `apiKey` failed.", { cause: safeCause(error, []) });
  }
  return checkedKey(key);
}

/** Nothing is sent that could not be written down first. @throws {StoreError} */
async function noted(
  beforeSend: (attempt: number) => void | Promise<void>,
  attempt: number,
  secrets: readonly string[],
): Promise<void> {
  try {
    await beforeSend(attempt);
  } catch (error) {
    if (error instanceof MagnificError) throw error;
    throw new StoreError("The request was not sent: `beforeSend` failed.", { cause: safeCause(error, secrets) });
  }
}

/** A fetch may bring a `Request` of its own that takes bodies as async iterables, as `nodeFetch()` does. */
type Fetch = typeof globalThis.fetch & { readonly LightRequest?: typeof Request };

type Payload = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | Blob;

async function payloadOf(body: OpenBody, fetch: Fetch): Promise<Payload> {
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

function sendingOf(
  settings: Settings,
  fetch: Fetch,
  call: Call,
  scope: Scope,
  payload: Payload | undefined,
  state: State,
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

function nothing(): Trouble {
  return { kind: "unreadable", failure: { kind: "unreadable" }, answer: undefined, what: "nothing at all" };
}

function statusTrouble(answer: RawAnswer, secrets: readonly string[]): Trouble | undefined {
  const { status } = answer;
  if (status >= 200 && status < 300) return undefined;
  // 0 is what browsers make of a redirect that is not followed.
  if (status === 0 || (status >= 300 && status < 400 && status !== 304))
    return { kind: "redirect", failure: { kind: "redirect" }, ...(status === 0 ? {} : { answer }) };
  const complaint = complaintOf(answer, secrets);
  return {
    kind: "status",
    failure: { kind: "status", status, permanent: isUsageLimit(status, complaint) },
    answer,
    complaint,
  };
}

function troubleOf(
  error: unknown,
  scope: Scope,
  timeout: number,
  call: Call,
  body: OpenBody | undefined,
  state: State,
): Trouble {
  const secrets = secretsOf(state);
  // The body's failure is what the fetch failed of, whatever it says itself.
  if (body?.failure !== undefined) return imageTrouble(body.failure, secrets);
  if (scope.endedBy === "signal")
    return { kind: "aborted", failure: { kind: "aborted" }, reason: call.options.signal?.reason };
  if (scope.endedBy === "deadline") return { kind: "timeout", failure: { kind: "timeout" }, timeout };
  if (error instanceof MagnificError) return { kind: "own", failure: { kind: "local" }, error };
  const { connect, transient, redirect: redirected, code } = networkFailure(error);
  if (redirected) return { kind: "redirect", failure: { kind: "redirect" } };
  return {
    kind: "network",
    failure: { kind: "network", connect, transient },
    cause: safeCause(error, secrets),
    code: code === undefined ? undefined : redactText(code, secrets),
  };
}

/** Closes a body's source; one that does not come to an end is left to itself. */
async function closed({ time }: Settings, body: OpenBody): Promise<void> {
  const closing = body.close();
  if (closing === undefined) return;
  let cancel: (() => void) | undefined;
  const late = new Promise<void>((resolve) => {
    cancel = time.after(CLOSING, resolve);
  });
  await Promise.race([closing, late]);
  cancel?.();
}
