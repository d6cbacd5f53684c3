/** One call as a loop of attempts, called directly: what it waits for, what it tells, and what it hands back. */
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { MagnificError } from "../../errors/magnific-error.js";
import type { Body, OpenBody } from "../../image/body.js";
import { type MagnificOptions, settingsOf } from "../../options.js";
import { rejection } from "../../test-support/rejection.js";
import { settle, VirtualTime } from "../../test-support/virtual-time.js";
import type { RateFacts } from "../../util/headers.js";
import type { Call, Exchanger } from "../call.js";
import type { RetryEvent } from "../hooks.js";
import { rateBudget } from "../rate-limiter.js";
import { exchange } from "../retry-loop.js";

const OPERATION = "GET /v1/thing";
type Answer = () => Response | Promise<Response>;
const ok: Answer = () => Response.json({ data: [] });
const refused =
  (status: number, headers: Record<string, string> = {}): Answer =>
  () =>
    new Response("{}", { status, headers });
const lost: Answer = () => Promise.reject(Object.assign(new TypeError("fetch failed"), { code: "ECONNRESET" }));
const unreached: Answer = () => Promise.reject(Object.assign(new TypeError("fetch failed"), { code: "ECONNREFUSED" }));

/** A call whose fetch answers from a list, the last for ever, with a budget that writes down what it is told. */
function calling(answers: readonly Answer[], options: MagnificOptions = {}, parts: Partial<Call> = {}) {
  const time = new VirtualTime();
  let sent = 0;
  const fetch = async (): Promise<Response> => {
    const answer = answers[Math.min(sent++, answers.length - 1)];
    if (answer === undefined) throw new Error("no answer");
    return answer();
  };
  const settings = settingsOf({ apiKey: "key", baseUrl: "http://127.0.0.1:9", fetch, time, ...options });
  const real = rateBudget(time, settings.rate);
  const settled: [rate: RateFacts | undefined, pause: number | undefined][] = [];
  const exchanger: Exchanger = {
    settings,
    budget: {
      take: (signal) => {
        const permit = real.take(signal);
        return (
          permit && {
            settle: (rate, pause) => {
              settled.push([rate, pause]);
              permit.settle(rate, pause);
            },
          }
        );
      },
      acquire: (signal) => real.acquire(signal),
    },
    api: () => ({}) as ReturnType<Exchanger["api"]>,
  };
  const call: Call = {
    kind: "read",
    operation: OPERATION,
    options: {},
    send: (_api, sending) => sending.fetch({ url: "http://127.0.0.1:9/", method: "GET" } as Request),
    ...parts,
  };
  return { time, exchanger, call, settled, sent: () => sent, run: () => time.until(exchange(exchanger, call)) };
}

function bodyOf(replayable: boolean, close: Body["close"]): Body {
  const open = (): OpenBody => ({
    phase: "waiting",
    failure: undefined,
    imageHash: "hash",
    async *pieces() {
      yield new Uint8Array(1);
    },
    [Symbol.asyncIterator]() {
      return this.pieces();
    },
    close: () => undefined,
  });
  return { length: 1, replayable, open, close };
}

describe("a call", () => {
  it("gives the answer, how many attempts it took, and the digest of what was sent", async () => {
    const plain = await calling([ok]).run();
    expect(plain).toMatchObject({ answer: { status: 200 }, attempts: 1, digest: undefined });
    const body = bodyOf(true, () => undefined);
    const digestOf = (hash: string): string => `digest of ${hash}`;
    const second = await calling([refused(429), ok], {}, { kind: "submit", body, digestOf }).run();
    expect(second).toMatchObject({ answer: { status: 200 }, attempts: 2, digest: "digest of hash" });
  });

  it("holds all calls back after a 429 that it waits for, and after nothing else", async () => {
    const asked = { "retry-after": "7" };
    const rate = { "x-ratelimit-limit": "50", "x-ratelimit-remaining": "9", "x-ratelimit-reset": "60" };
    const facts = { limit: 50, remaining: 9, reset: 60 };
    const table: [Answer[], MagnificOptions, unknown[]][] = [
      [
        [refused(429, asked), ok],
        {},
        [
          [undefined, 7_000],
          [undefined, 0],
        ],
      ],
      [[refused(429, asked)], { retry: 0 }, [[undefined, 0]]],
      [
        [refused(503, { ...asked, ...rate }), ok],
        {},
        [
          [facts, 0],
          [undefined, 0],
        ],
      ],
      [
        [lost, ok],
        {},
        [
          [undefined, 0],
          [undefined, 0],
        ],
      ],
    ];
    for (const [answers, options, expected] of table) {
      const { run, settled } = calling(answers, options);
      await run().catch(() => undefined);
      expect(settled).toEqual(expected);
    }
  });

  it("closes its body on every way out, and waits for that", async () => {
    for (const answer of [ok, refused(401)]) {
      let closed = 0;
      const close = async (): Promise<void> => {
        await settle();
        closed += 1;
      };
      const { run } = calling([answer], {}, { kind: "submit", body: bodyOf(true, close) });
      await run().catch(() => undefined);
      expect(closed).toBe(1);
    }
  });

  it("that submits is sent again only where its body can be had again, which no body always can", async () => {
    for (const [parts, attempts] of [
      [{ body: bodyOf(true, () => undefined) }, 2],
      [{ body: bodyOf(false, () => undefined) }, 1],
      [{}, 2],
    ] as const) {
      const { run, sent } = calling([refused(429), ok], {}, { kind: "submit", ...parts });
      await run().catch(() => undefined);
      expect(sent()).toBe(attempts);
    }
  });

  it("gives each attempt its timeout, and the last ones no more than what is left of the whole", async () => {
    const retry = { limit: 5, minDelay: 4_000, maxDelay: 4_000, total: 10_000 };
    const { run, time } = calling([refused(500, { "retry-after": "4" })], { timeout: 9_000, retry });
    await rejection(run(), MagnificError);
    // Timeout, pause, timeout, pause, timeout: a third pause would be too long.
    expect(time.delays).toEqual([9_000, 4_000, 6_000, 4_000, 2_000]);
    const none = calling([ok], { retry: { total: 0 } });
    await none.run();
    expect(none.time.delays).toEqual([1]);
  });

  it("takes its own timeout and number of attempts before the client's", async () => {
    const { run, sent, time } = calling([refused(500)], {}, { options: { timeout: 70, retry: 1 } });
    expect(await rejection(run(), MagnificError)).toMatchObject({
      attempts: 2,
      code: "server_error",
      operation: OPERATION,
    });
    expect([sent(), time.delays]).toEqual([2, [70, 250, 70]]);
  });

  it("fails with the facts of its last attempt", async () => {
    const { run } = calling([lost, refused(404)], {}, { taskId: "t1", operation: "GET /x" });
    expect(await rejection(run(), MagnificError)).toMatchObject({
      code: "not_found",
      operation: "GET /x",
      taskId: "t1",
      attempts: 2,
      status: 404,
    });
    const body = bodyOf(true, () => undefined);
    const digestOf = (hash: string): string => `digest of ${hash}`;
    expect(
      await rejection(calling([refused(500)], {}, { kind: "submit", body, digestOf }).run(), MagnificError),
    ).toMatchObject({
      submission: "unknown",
      digest: "digest of hash",
    });
  });
});

describe("a call that is ended while it waits", () => {
  it("for its turn says that nothing was sent", async () => {
    const controller = new AbortController();
    for (const [kind, submission] of [
      ["submit", "not_sent"],
      ["read", undefined],
    ] as const) {
      const { exchanger, call, sent } = calling(
        [ok],
        {},
        { kind, taskId: "t1", options: { signal: controller.signal } },
      );
      controller.abort("enough");
      const error = await rejection(exchange(exchanger, call), MagnificError);
      expect(error).toMatchObject({ code: "aborted", taskId: "t1", attempts: 0 });
      expect([error.submission, error.cause]).toEqual([submission, "enough"]);
      expect(error.message).toBe(`${OPERATION} was aborted before it was sent.`);
      expect(sent()).toBe(0);
    }
  });

  it("to be sent again says what became of the attempts before", async () => {
    for (const [kind, answer, submission] of [
      ["submit", refused(429), "rejected"],
      ["read", refused(503), undefined],
    ] as const) {
      const controller = new AbortController();
      const { exchanger, call, sent, time } = calling(
        [answer],
        {},
        { kind, options: { signal: controller.signal }, operation: "POST /x" },
      );
      const working = rejection(exchange(exchanger, call), MagnificError);
      await settle();
      controller.abort("enough");
      const error = await working;
      expect(error).toMatchObject({ code: "aborted", attempts: 1, operation: "POST /x" });
      expect([error.submission, error.cause]).toEqual([submission, "enough"]);
      expect(error.message).toBe("POST /x was aborted before it was sent again.");
      expect([sent(), time.pending]).toEqual([1, 0]);
    }
  });
});

describe("the hooks of a call", () => {
  it("are told of every attempt and every pause, with the time it took", async () => {
    const told: unknown[] = [];
    const { run, exchanger, time } = calling(
      [unreached, refused(503, { "x-request-id": "r-2" }), ok],
      {
        rate: 2,
        onResponse: (event) => told.push(event),
        onRetry: (event) => told.push(event),
      },
      { taskId: "t1" },
    );
    // Whoever came before leaves one request in this minute: the second attempt waits for the next one.
    exchanger.budget.take();
    await time.advance(10_000);
    await run();
    const facts = { operation: OPERATION, taskId: "t1" };
    expect(told).toMatchObject([
      { ...facts, attempt: 1, status: undefined, code: "connection_failed", duration: 0, total: 0 },
      { ...facts, attempt: 1, status: undefined, code: "connection_failed", after: 250 },
      { ...facts, attempt: 2, status: 503, requestId: "r-2", code: "server_error", duration: 0, total: 50_000 },
      { ...facts, attempt: 2, status: 503, code: "server_error", after: 500 },
      { ...facts, attempt: 3, status: 200, length: 11, code: undefined, duration: 0, total: 60_000 },
    ]);
  });

  it("measure an attempt from when it is sent, not from when it was asked for", async () => {
    const told: unknown[] = [];
    const time = new VirtualTime();
    const slow: Answer = async () => {
      await time.advance(30);
      return Response.json({});
    };
    const { exchanger, call } = calling([slow], {
      time,
      onResponse: ({ duration, total }) => told.push([duration, total]),
    });
    await exchange(exchanger, call);
    expect(told).toEqual([[30, 30]]);
  });

  it("that throw are named, and a submit's retry says what became of it", async () => {
    const said = vi.spyOn(console, "error").mockImplementation(() => {});
    onTestFinished(() => said.mockRestore());
    const events: RetryEvent[] = [];
    const fail = (): never => {
      throw new RangeError("x");
    };
    const onRetry = (event: RetryEvent): void => {
      events.push(event);
      fail();
    };
    const { run } = calling([refused(429), ok], { onRetry, onResponse: fail }, { kind: "submit" });
    await run();
    expect(said.mock.calls.map(([line]) => /the hook (\w+) threw/.exec(String(line))?.[1])).toEqual([
      "onResponse",
      "onRetry",
      "onResponse",
    ]);
    expect(events).toMatchObject([{ submission: "rejected", status: 429, code: "rate_limited", after: 250 }]);
  });
});
