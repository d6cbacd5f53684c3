/** What stands around the sending of one attempt: its key, the caller's functions, and what is given back at its end. */
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { Magnific } from "../../client.js";
import { ConfigurationError } from "../../errors/configuration-error.js";
import { MagnificError } from "../../errors/magnific-error.js";
import type { OpenBody } from "../../image/body.js";
import type { ImageSource } from "../../image/source.js";
import { type MagnificOptions, settingsOf } from "../../options.js";
import { TASK_ID } from "../../test-support/client-context.js";
import { pngOf } from "../../test-support/png.js";
import { rejection } from "../../test-support/rejection.js";
import { SteppingTime } from "../../test-support/stepping-time.js";
import { VirtualTime } from "../../test-support/virtual-time.js";
import { attemptOnce, type Outcome } from "../attempt.js";
import type { Call, Exchanger } from "../call.js";
import { rateBudget } from "../rate-limiter.js";

const image = pngOf(5_000);

/** A client whose fetch reads what it is sent and answers from a list, the last one for ever. */
function clientOf(answers: readonly (() => Response)[], options: MagnificOptions = {}) {
  const sent: RequestInit[] = [];
  const fetch = async (_: unknown, init: RequestInit = {}): Promise<Response> => {
    sent.push(init);
    if (init.body) await new Response(init.body).arrayBuffer();
    const next = answers[Math.min(sent.length, answers.length) - 1];
    if (next === undefined) throw new Error("no answer");
    return next();
  };
  const magnific = new Magnific({ apiKey: "key-1", baseUrl: "http://127.0.0.1:9", fetch, retry: 0, ...options });
  return { magnific, sent };
}
const created = (): Response => Response.json({ data: { task_id: TASK_ID, status: "CREATED", generated: [] } });

describe("the key", () => {
  it("is asked for anew for each attempt", async () => {
    let asked = 0;
    const busy = (): Response => new Response("{}", { status: 429 });
    const { magnific, sent } = clientOf([busy, created], {
      apiKey: async () => `key-${++asked}`,
      retry: 1,
      time: new SteppingTime(60_000),
    });
    await magnific.submit({ image });
    expect(sent.map(({ headers }) => new Headers(headers).get("x-magnific-api-key"))).toEqual(["key-1", "key-2"]);
  });

  it("that its function does not give says so, with the reason, and nothing is sent", async () => {
    const vault = Object.assign(new Error("vault is sealed"), { request: { token: "t" } });
    const { magnific, sent } = clientOf([created], { apiKey: () => Promise.reject(vault) });
    const error = await rejection(magnific.submit({ image }), MagnificError);
    expect(error).toMatchObject({
      code: "configuration",
      submission: "not_sent",
      cause: { message: "vault is sealed" },
    });
    expect(error.message).toContain("`apiKey` failed");
    expect(error.cause).not.toHaveProperty("request");
    expect(sent).toEqual([]);
  });
});

describe("beforeSend", () => {
  it("that fails keeps its reason, less the key", async () => {
    const { magnific, sent } = clientOf([created]);
    const beforeSend = (): never => {
      throw new Error("no space for key-1");
    };
    const error = await rejection(magnific.submit({ image }, { beforeSend }), MagnificError);
    expect(error).toMatchObject({
      code: "store_failed",
      submission: "not_sent",
      cause: { message: "no space for [key]" },
    });
    expect(sent).toEqual([]);
  });

  it("may fail with an error of this client's, which is kept", async () => {
    const { magnific } = clientOf([created]);
    const own = new ConfigurationError("no journal");
    const error = await rejection(magnific.submit({ image }, { beforeSend: () => Promise.reject(own) }), MagnificError);
    expect(error).toBe(own);
    expect(error.submission).toBe("not_sent");
  });
});

describe("a hook that throws", () => {
  it("is named on the console, and the call goes on", async () => {
    const said = vi.spyOn(console, "error").mockImplementation(() => {});
    onTestFinished(() => said.mockRestore());
    const fail = (): never => {
      throw new RangeError("x");
    };
    const { magnific } = clientOf([created], { onRequest: fail, onResponse: async () => fail() });
    await magnific.submit({ image });
    await new Promise((done) => setImmediate(done));
    const lines = said.mock.calls.map(([line]) => String(line));
    expect(lines).toEqual([
      expect.stringMatching(/the hook onRequest threw \(RangeError\)/),
      expect.stringMatching(/the hook onResponse threw \(RangeError\)/),
    ]);
  });
});

describe("what is told of an attempt", () => {
  it("is its operation, number, task and body, and how long it took of the whole", async () => {
    const told: unknown[] = [];
    const busy = (): Response => new Response("{}", { status: 429, headers: { "retry-after": "7" } });
    const { magnific } = clientOf([busy, created], {
      retry: 1,
      time: new SteppingTime(60_000),
      onRequest: (event) => told.push(event),
      onResponse: ({ attempt, duration, total, status }) => told.push({ attempt, duration, total, status }),
    });
    await magnific.submit({ image });
    await magnific.task(TASK_ID).get();
    const operation = "POST /v1/ai/image-upscaler-precision";
    const length = JSON.stringify({ image: Buffer.from(image).toString("base64") }).length;
    const sent = { operation, taskId: undefined, body: { type: "application/json", length } };
    expect(told).toEqual([
      { ...sent, attempt: 1 },
      { attempt: 1, duration: 0, total: 0, status: 429 },
      { ...sent, attempt: 2 },
      { attempt: 2, duration: 0, total: 7_000, status: 200 },
      {
        operation: "GET /v1/ai/image-upscaler-precision/{task-id}",
        taskId: TASK_ID,
        attempt: 1,
        body: undefined,
      },
      { attempt: 1, duration: 0, total: 0, status: 200 },
    ]);
  });

  it("holds every call back for as long as a refused one waits, but not for one that is given up", async () => {
    for (const [retry, held] of [
      [1, true],
      [0, false],
    ] as const) {
      const time = new SteppingTime(60_000);
      const busy = (): Response => new Response("{}", { status: 429, headers: { "retry-after": "7" } });
      const { magnific } = clientOf([busy, created], { retry, time });
      const began = time.now();
      await magnific.submit({ image }).catch(() => undefined);
      await magnific.task(TASK_ID).get();
      expect(time.now() - began).toBe(held ? 7_000 : 0);
    }
  });
});

describe("at its end an attempt", () => {
  const source = (close: () => Promise<void>): ImageSource => ({
    replayable: true,
    size: image.byteLength,
    open: () => {
      let given = false;
      return {
        [Symbol.asyncIterator]: () => ({
          next: async () => {
            if (given) return { done: true, value: undefined };
            given = true;
            return { done: false, value: image };
          },
          return: async () => {
            await close();
            return { done: true, value: undefined };
          },
        }),
      };
    },
  });

  it("keeps the connection of an answer that was read whole, and gives up that of one that is too long", async () => {
    const long = (): Response => new Response("x".repeat(70_000), { status: 500 });
    for (const [answer, given] of [
      [created, false],
      [long, true],
    ] as const) {
      const { magnific, sent } = clientOf([answer]);
      await magnific.submit({ image }).catch(() => undefined);
      expect(sent[0]?.signal?.aborted).toBe(given);
    }
  });

  it("leaves no timer behind", async () => {
    const time = new SteppingTime(60_000);
    const { magnific } = clientOf([created], { time });
    await magnific.submit({ image: source(async () => {}) });
    await new Promise((done) => setImmediate(done));
    expect(time.pending).toBe(0);
  });

  it("waits for a source that closes, and a second for one that does not", async () => {
    for (const [closes, waited] of [
      [true, 300],
      [false, 1_000],
    ] as const) {
      const time = new VirtualTime();
      const body: OpenBody = {
        phase: "sending",
        failure: undefined,
        imageHash: undefined,
        async *pieces() {},
        [Symbol.asyncIterator]() {
          return this.pieces();
        },
        close: () => new Promise((done) => closes && time.after(300, done)),
      };
      const fetch = async (): Promise<Response> => new Response("{}", { status: 401 });
      const exchanger: Exchanger = {
        settings: settingsOf({ apiKey: "key", baseUrl: "http://127.0.0.1:9", fetch, time }),
        budget: rateBudget(time, false),
        api: () => ({}) as ReturnType<Exchanger["api"]>,
      };
      const call: Call = {
        kind: "submit",
        operation: "POST /x",
        options: {},
        body: { length: undefined, replayable: true, open: () => body, close: () => undefined },
        send: (_api, { fetch }) => fetch({ url: "http://127.0.0.1:9/", method: "POST" } as Request),
      };
      let outcome: Outcome | undefined;
      const working = attemptOnce(exchanger, call, 1, 60_000).then((one) => {
        outcome = one;
      });
      await time.advance(waited - 1);
      expect(outcome).toBeUndefined();
      await time.advance(1);
      await working;
      expect([outcome?.answer?.status, outcome?.phase, time.pending]).toEqual([401, "answered", 0]);
    }
  });
});

describe("an option of a call that cannot be", () => {
  it("is refused by its name", async () => {
    const { magnific, sent } = clientOf([created]);
    for (const [options, name] of [
      [{ retry: -1 }, "retry"],
      [{ retry: Number.NaN }, "retry"],
      [{ timeout: 0 }, "timeout"],
    ] as const)
      expect((await rejection(magnific.task(TASK_ID).get(options), MagnificError)).message).toMatch(
        new RegExp(`\\b${name}\\b`),
      );
    expect(sent).toEqual([]);
  });
});
