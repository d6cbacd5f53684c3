/** One attempt of a call, within its deadline: key, body, fetch, response. Never rejects: what went wrong is its failure. */
import { MagnificError } from "../errors/magnific-error.js";
import { ConfigurationError, StoreError } from "../errors/request-errors.js";
import type { OpenBody } from "../image/body.js";
import { abortScope, orAborted } from "../util/abort-scope.js";
import { parseJson } from "../util/json.js";
import { holdsSecret, redactContent, safeCause } from "../util/redact.js";
import { streamsRequests } from "../util/runtime.js";
import type { Call, CallEnvironment, OwnRequest, Payload } from "./call.js";
import { type Failure, failureOf, failureOfResponse } from "./failure.js";
import { tell } from "./hooks.js";
import { type HttpResponse, readResponse } from "./read-response.js";
import type { Phase } from "./retry-policy.js";
import { keyFor, type Received, safeFetch } from "./safe-fetch.js";

export interface AttemptResult {
  readonly response: HttpResponse | undefined;
  /** Absent when the response is 2xx. */
  readonly failure: Failure | undefined;
  readonly phase: Phase;
}

/** @param timeout Milliseconds. */
export async function attempt(
  { settings, api, contract }: CallEnvironment,
  call: Call,
  number: number,
  timeout: number,
): Promise<AttemptResult> {
  const { operation, taskId, options, beforeSend } = call;
  const scope = abortScope(settings.time, timeout, options.signal);
  const { signal } = scope;
  const body = call.body?.open();
  let secrets: string[] = [];
  let received: Received | undefined;
  let answered = false;
  const result = (response: HttpResponse | undefined, failure: Failure | undefined): AttemptResult => ({
    response,
    failure,
    phase: answered ? "answered" : (body?.phase ?? "waiting"),
  });
  try {
    const key = await keyFor(settings, signal);
    secrets = [key];
    if (holdsSecret(call.unchecked?.text ?? "", secrets))
      throw new ConfigurationError("`extraBody` holds the API key. Nothing was sent.");
    if (beforeSend) await orAborted(signal, ready(beforeSend, number, secrets));
    const { Request: own } = settings.fetch() as OwnRequest;
    const payload = body && (await payloadOf(body, own, signal));
    const streamed = !(payload instanceof Blob);
    signal.throwIfAborted();
    const facts = call.body && { type: "application/json", length: call.body.length };
    tell("onRequest", settings.hooks.onRequest, {
      operation,
      taskId,
      attempt: number,
      body: facts,
      unchecked: call.unchecked?.names,
    });
    const sent = await call.send(api(), {
      parseAs: "text",
      headers: {
        accept: "application/json, application/problem+json",
        ...(streamed && call.body?.length !== undefined && { "content-length": String(call.body.length) }),
      },
      bodySerializer: () => payload,
      duplex: "half",
      ...(own === undefined ? {} : { Request: own }),
      fetch: async (request) => {
        const onHead = (): void => {
          answered = true;
        };
        received = await safeFetch(settings, request, { key, signal, streamed, onHead });
        return received.response;
      },
    });
    const { length = 0, truncated = false } = received ?? {};
    const came = sent.response.ok ? (parseJson(String(sent.data ?? "")) ?? sent.data) : sent.error;
    const content = redactContent(came, secrets);
    const response = readResponse(sent.response, { body: content, length, truncated }, secrets);
    return result(response, failureOfResponse(response, secrets, contract));
  } catch (error) {
    return result(undefined, failureOf(error, { scope, timeout, body, secrets, settings }));
  } finally {
    // What is not read on would keep its connection: the request of an early response, the rest of a truncated one.
    if (received?.truncated === false && (body === undefined || body.phase === "waiting")) scope.close();
    else scope.abort();
    await body?.close();
  }
}

/** A fetch that brings a `Request` of its own, as dispatcherFetch() does, takes an async iterable. */
function payloadOf(body: OpenBody, own: OwnRequest["Request"], signal: AbortSignal): Payload | Promise<Blob> {
  if (own !== undefined) return body.pieces();
  return streamsRequests() ? body.stream() : orAborted(signal, body.blob());
}

/** Nothing is sent that could not be written down first. @throws {StoreError} */
async function ready(beforeSend: NonNullable<Call["beforeSend"]>, attempt: number, secrets: string[]): Promise<void> {
  try {
    await beforeSend(attempt);
  } catch (error) {
    if (error instanceof MagnificError) throw error;
    throw new StoreError("The request was not sent: `beforeSend` failed.", { cause: safeCause(error, secrets) });
  }
}
