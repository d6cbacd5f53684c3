/** Time, signals and code of the user's: none of it hangs a call, cuts off what is paid, or outlives it. */
import { describe, expect, it } from "vitest";
import {
  Magnific,
  MagnificError,
  type MagnificOptions,
  memoryTaskStore,
  type SubmitOptions,
  type TaskStore,
} from "../index.js";
import { TASK_ID } from "../test-support/client-context.js";
import { loopback } from "../test-support/loopback.js";
import { pngOf } from "../test-support/png.js";
import { created, json, list, script } from "../test-support/provider.js";
import { rejection } from "../test-support/rejection.js";
import { VirtualTime } from "../test-support/virtual-time.js";

const image = pngOf(500);
const never = (): Promise<never> => new Promise(() => {});
const storeWith = (hanging: Partial<TaskStore>): TaskStore => ({ ...memoryTaskStore(), ...hanging });

describe("code of the user's that never settles", () => {
  interface Case {
    readonly client?: MagnificOptions;
    readonly submit?: SubmitOptions;
    readonly image?: AsyncIterable<Uint8Array>;
    readonly status?: number;
    /** What the error says at the deadline, and when the signal fires. */
    readonly late: object;
    readonly aborted: object;
  }
  const unsent: Pick<Case, "late" | "aborted"> = {
    late: { code: "timeout", submission: "not_sent" },
    aborted: { code: "aborted", submission: "not_sent" },
  };
  const CASES: Readonly<Record<string, Case>> = {
    "a key function": { client: { apiKey: never }, ...unsent },
    beforeSend: { submit: { beforeSend: never }, ...unsent },
    "the begin of a store": {
      client: { store: storeWith({ begin: never }) },
      late: { code: "store_failed", submission: "not_sent" },
      aborted: { code: "aborted", submission: "not_sent" },
    },
    "the finish of a store": {
      client: { store: storeWith({ finish: never }) },
      late: { code: "store_failed", taskId: TASK_ID, submission: "unknown" },
      aborted: { code: "aborted", taskId: TASK_ID, submission: "unknown" },
    },
    "the forget of a store": {
      client: { store: storeWith({ forget: never }) },
      status: 400,
      late: { code: "bad_request", submission: "rejected" },
      aborted: { code: "bad_request", submission: "rejected" },
    },
    "a source": { image: { [Symbol.asyncIterator]: () => ({ next: never, return: never }) }, ...unsent },
  };
  for (const [name, { client, submit, late, aborted, status = 200, ...own }] of Object.entries(CASES))
    it(`${name} ends at the timeout, and with the signal`, async () => {
      const server = await loopback(status === 200 ? created : json({ message: "no" }, status));
      const options = { apiKey: "key", baseUrl: server.origin, timeout: 150, ...client };
      const request = { image: own.image ?? image };
      const began = performance.now();
      expect(await rejection(new Magnific(options).submit(request, submit), MagnificError)).toMatchObject(late);
      const controller = new AbortController();
      const patient = new Magnific({ ...options, timeout: 60_000 });
      const call = patient.submit(
        { ...request, sharpen: 1 },
        {
          ...submit,
          signal: controller.signal,
        },
      );
      setTimeout(() => controller.abort(), 150);
      expect(await rejection(call, MagnificError)).toMatchObject(aborted);
      expect(performance.now() - began).toBeLessThan(10_000);
    });

  it("a key function ends with the timeout of the raw client too", async () => {
    const { api } = new Magnific({ apiKey: never, timeout: 50 });
    await expect(api.GET("/v1/ai/image-upscaler-precision")).rejects.toMatchObject({ code: "timeout" });
  });
});

describe("an attempt that begins", () => {
  it("has its whole timeout, however little of `retry.total` is left", async () => {
    const server = await loopback(
      script(json({}, 429, { "retry-after": "0.4" }), (...all) => void setTimeout(() => created(...all), 500)),
    );
    const magnific = new Magnific({ apiKey: "key", baseUrl: server.origin, retry: { total: 500 } });
    expect((await magnific.submit({ image })).id).toBe(TASK_ID);
  });

  it("is not begun when its turn in the rate limit comes after `retry.total`", async () => {
    const time = new VirtualTime();
    let submits = 0;
    const fetch = async (_: unknown, { method = "GET" }: RequestInit = {}): Promise<Response> => {
      if (method === "GET") return Response.json({ data: [] });
      submits += 1;
      return Response.json({ message: "slow down" }, { status: 429, headers: { "retry-after": "1" } });
    };
    const magnific = new Magnific({ apiKey: "key", fetch, time, rate: 1, retry: { total: 30_000 } });
    const submit = rejection(magnific.submit({ image }), MagnificError);
    const reads = [magnific.tasks(), magnific.tasks()];
    expect(await time.until(submit)).toMatchObject({ code: "rate_limited", submission: "rejected", attempts: 1 });
    expect(submits).toBe(1);
    await time.until(Promise.all(reads));
    // The turn that was not used is the next one's.
    await time.until(magnific.tasks());
    expect(time.pending).toBe(0);
  });
});

describe("a wall clock that is set", () => {
  for (const jump of [-3_600_000, 3_600_000])
    it(`${jump < 0 ? "back" : "forward"} by an hour changes no pause and no deadline`, async () => {
      class Jumping extends VirtualTime {
        offset = 0;
        override now(): number {
          return this.monotonic() + this.offset;
        }
      }
      const time = new Jumping();
      const moments: number[] = [];
      const start = time.monotonic();
      const fetch = async (): Promise<Response> => {
        moments.push(time.monotonic() - start);
        time.offset += jump;
        return Response.json({ data: { task_id: TASK_ID, status: "CREATED", generated: [] } });
      };
      const magnific = new Magnific({ apiKey: "key", fetch, time, rate: 2 });
      const wait = rejection(magnific.task(TASK_ID).wait({ timeout: 150_000 }), MagnificError);
      expect(await time.until(wait)).toMatchObject({ code: "wait_timeout" });
      // Two in any minute.
      expect(moments.length).toBe(6);
      for (const [i, moment] of moments.entries()) expect(moment).toBeGreaterThanOrEqual(Math.floor(i / 2) * 60_000);
    });
});

it("many calls on one signal print no warning, and leave no listener", async () => {
  const warnings: string[] = [];
  const note = (warning: Error): void => void warnings.push(warning.name);
  process.on("warning", note);
  const server = await loopback((...all) => (all[2].method === "GET" ? list : created)(...all));
  const magnific = new Magnific({ apiKey: "key", baseUrl: server.origin, rate: false, store: memoryTaskStore() });
  const { signal } = new AbortController();
  const stop = new AbortController().signal;
  const calls = Array.from({ length: 40 }, (_, sharpen) => magnific.submit({ image, sharpen }, { signal, stop }));
  await Promise.all([...calls, ...calls.map(() => magnific.tasks({ signal }))]);
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", note);
  expect(warnings).toEqual([]);
});

describe("an option that nobody knows", () => {
  const magnific = new Magnific({ apiKey: "key" });
  const task = magnific.task(TASK_ID);
  const CALLS: Readonly<Record<string, (options: object) => unknown>> = {
    client: (options) => new Magnific({ apiKey: "key", ...options }),
    retry: (retry) => new Magnific({ apiKey: "key", retry }),
    poll: (poll) => new Magnific({ apiKey: "key", poll }),
    results: (results) => new Magnific({ apiKey: "key", results }),
    image: (image) => new Magnific({ apiKey: "key", image }),
    submit: (options) => magnific.submit({ image }, options),
    upscale: (options) => magnific.upscale({ image }, options),
    digest: (options) => magnific.digest({ image }, options),
    tasks: (options) => magnific.tasks(options),
    get: (options) => task.get(options),
    wait: (options) => task.wait(options),
  };
  for (const [name, call] of Object.entries(CALLS))
    it(`of ${name} is an error that names it`, async () => {
      const error = await rejection((async () => call({ maxRetrys: 5 }))(), MagnificError);
      expect(error).toMatchObject({
        code: "configuration",
        message: expect.stringContaining("maxRetrys` is not an option"),
      });
    });
});
