/** What one attempt hands to a fetch, and what it does with what comes back; called directly. */
import { describe, expect, it } from "vitest";
import { KEY_HEADER } from "../../../generated/upscaler-precision/constants.js";
import type { OpenBody } from "../../image/body.js";
import { settingsOf } from "../../options.js";
import { settle, VirtualTime } from "../../test-support/virtual-time.js";
import { abortScope } from "../../util/abort-scope.js";
import type { Call, Sending } from "../call.js";
import { type Fetch, keysOf, type Payload, type Progress, payloadOf, sendingOf } from "../sending.js";

const ACCEPT = "application/json, application/problem+json";
const URL = "http://127.0.0.1:9/x";
const encoder = new TextEncoder();

/** A body in two pieces that tells how it is used. */
function body(): OpenBody & { readonly given: string[]; readonly closed: () => number } {
  const given: string[] = [];
  let closed = 0;
  return {
    given,
    closed: () => closed,
    phase: "connecting",
    failure: undefined,
    imageHash: undefined,
    async *pieces() {
      for (const piece of ['{"image":', '"AAAA"}']) {
        given.push(piece);
        yield encoder.encode(piece);
      }
    },
    [Symbol.asyncIterator]() {
      return this.pieces();
    },
    close: () => {
      closed += 1;
      return undefined;
    },
  };
}

function sending(parts: {
  fetch: Fetch;
  payload?: Payload;
  length?: number | undefined;
  kind?: Call["kind"];
  key?: string;
}): { sent: () => Promise<Response>; state: Progress; scope: ReturnType<typeof abortScope>; sending: Sending } {
  const { fetch, payload, length, kind = "read" } = parts;
  const time = new VirtualTime();
  const settings = settingsOf({ apiKey: "key", baseUrl: "http://127.0.0.1:9", time });
  const scope = abortScope(time, 60_000);
  const state: Progress = { answer: undefined, answered: false, key: parts.key };
  const call: Call = {
    kind,
    operation: "X",
    options: {},
    send: () => Promise.reject(new Error("not called")),
    ...(payload === undefined
      ? {}
      : { body: { length, replayable: true, open: body, close: () => undefined } satisfies Call["body"] }),
  };
  const made = sendingOf(settings, fetch, call, scope, payload, state);
  const request = new made.Request(URL, kind === "read" ? {} : { method: "POST" });
  return { sent: () => made.fetch(request), state, scope, sending: made };
}

describe("what a fetch is given", () => {
  const seen = async (parts: Omit<Parameters<typeof sending>[0], "fetch">) => {
    const calls: [unknown, RequestInit][] = [];
    const fetch = async (url: unknown, init: RequestInit = {}): Promise<Response> => {
      calls.push([url, init]);
      return Response.json({});
    };
    const { sent, scope } = sending({ fetch, ...parts });
    await sent();
    const [[url, init] = []] = calls;
    return { url, scope, init: { ...init, headers: Object.fromEntries(new Headers(init?.headers)) } };
  };

  it("of a read is the key and no body, past every cache", async () => {
    const { url, init, scope } = await seen({ key: "key-1" });
    expect([url, init]).toStrictEqual([
      URL,
      {
        method: "GET",
        redirect: "error",
        headers: { accept: ACCEPT, [KEY_HEADER]: "key-1" },
        signal: scope.signal,
        cache: "no-store",
      },
    ]);
  });

  it("of a submit is its body, streamed with its length where that is known", async () => {
    for (const length of [undefined, 16]) {
      const payload = new ReadableStream<Uint8Array>();
      const { init, scope } = await seen({ kind: "submit", payload, length, key: "key-1" });
      expect(init).toStrictEqual({
        method: "POST",
        redirect: "error",
        headers: {
          accept: ACCEPT,
          "content-type": "application/json",
          [KEY_HEADER]: "key-1",
          ...(length === undefined ? {} : { "content-length": "16" }),
        },
        signal: scope.signal,
        body: payload,
        duplex: "half",
      });
    }
  });

  it("of a submit as a Blob has no length of its own, and is not streamed", async () => {
    const payload = new Blob(["{}"]);
    const { init } = await seen({ kind: "submit", payload, length: 2 });
    expect(init).not.toHaveProperty("duplex");
    expect([init.body, init.headers]).toEqual([
      payload,
      { accept: ACCEPT, "content-type": "application/json", [KEY_HEADER]: "" },
    ]);
  });

  it("is read whole, and openapi-fetch has nothing left to do", async () => {
    const { sent, state, sending: made } = sending({ fetch: async () => Response.json({ a: 1 }, { status: 404 }) });
    const left = await sent();
    expect(state).toMatchObject({ answered: true, answer: { status: 404, length: 7, cut: false } });
    expect([left.ok, left.status, left.headers.get("content-length"), made.parseAs]).toEqual([true, 204, null, "text"]);
  });

  it("is dropped when it comes too late", async () => {
    let answer: (response: Response) => void = () => {};
    let cancelled = 0;
    const fetch = (): Promise<Response> =>
      new Promise((resolve) => {
        answer = resolve;
      });
    const { sent, state, scope } = sending({ fetch });
    const waiting = sent();
    scope.abort();
    await expect(waiting).rejects.toBe(scope.signal.reason);
    const cancel = (): Promise<void> => {
      cancelled += 1;
      return Promise.reject(new Error("no"));
    };
    answer(new Response(new ReadableStream({ cancel })));
    await settle();
    expect([cancelled, state.answered, state.answer]).toEqual([1, false, undefined]);
    // Nor does one without a body make trouble.
    const other = sending({ fetch });
    const also = other.sent();
    other.scope.abort();
    answer(new Response(null, { status: 204 }));
    await expect(also).rejects.toBe(other.scope.signal.reason);
    await settle();
  });

  it("is not taken for an answer when it ends too late", async () => {
    let end: () => void = () => {};
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        end = () => controller.close();
      },
    });
    const { sent, state, scope } = sending({ fetch: async () => new Response(stream) });
    const waiting = sent();
    await settle();
    expect(state.answered).toBe(true);
    scope.abort();
    await expect(waiting).rejects.toBe(scope.signal.reason);
    end();
    await settle();
    expect(state.answer).toBeUndefined();
  });
});

describe("a body to be sent", () => {
  it("is a stream that reads nothing ahead, and closes its source when it is not wanted", async () => {
    const one = body();
    const payload = payloadOf(one, fetch);
    expect(payload).toBeInstanceOf(ReadableStream);
    await settle();
    expect(one.given).toEqual([]);
    const reader = (payload as ReadableStream<Uint8Array>).getReader();
    expect((await reader.read()).value).toEqual(encoder.encode('{"image":'));
    await settle();
    expect(one.given.length).toBe(1);
    await reader.cancel();
    expect(one.closed()).toBe(1);
    const whole = body();
    expect(await new Response(payloadOf(whole, fetch) as ReadableStream).text()).toBe('{"image":"AAAA"}');
    expect(whole.closed()).toBe(0);
  });

  it("is as it is where the fetch takes it so", () => {
    const one = body();
    const light = Object.assign(async () => new Response(), { LightRequest: Request });
    expect(payloadOf(one, light)).toBe(one);
  });
});

describe("the keys of an attempt", () => {
  it("are the one in use", () => {
    const state: Progress = { answer: undefined, answered: false, key: undefined };
    expect([keysOf(state), keysOf({ ...state, key: "k" })]).toEqual([[], ["k"]]);
  });
});
