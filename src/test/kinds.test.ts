/**
 * What costs money or hangs a program, as properties over all places where it can happen: attempts that are cut short, code
 * of the user's that never settles, a wall clock that jumps, and task ids in responses of any status. Long with `LONG_TESTS=1`.
 */
import fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Magnific, MagnificError, memoryTaskStore, type TaskStore } from "../index.js";
import { TASK_ID } from "../test-support/client-context.js";
import { pngOf } from "../test-support/png.js";
import { VirtualTime } from "../test-support/virtual-time.js";

const numRuns = process.env.LONG_TESTS ? 1_000 : 60;
const check = <Values extends unknown[]>(property: fc.IAsyncProperty<Values>) => fc.assert(property, { numRuns });
const image = pngOf(100);
const task = (id: string, status = "CREATED") => ({ data: { task_id: id, status, generated: [] } });
const idOf = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

// Hooks that throw are told on the console.
vi.setConfig({ testTimeout: 300_000 });
beforeEach(() => void vi.spyOn(console, "error").mockReturnValue());
afterEach(() => void vi.restoreAllMocks());

/** How a promise ended; never rejects. */
const outcomeOf = <T>(promise: Promise<T>): Promise<T | MagnificError> =>
  promise.catch((error: unknown) => {
    expect(error).toBeInstanceOf(MagnificError);
    return error as MagnificError;
  });

/** Takes the whole body, as a server does. */
const received = async ({ body }: RequestInit = {}): Promise<void> => void (await new Response(body).arrayBuffer());

it("a task id in any response is in the result or the error, and what made it is never retried", async () => {
  const shapes: readonly ((id: string) => unknown)[] = [
    task,
    (id) => ({ ...task(id), message: "no" }),
    (id) => ({ task_id: id, message: "slow down" }),
    (id) => ({ task: { task_id: id }, problem: { message: "no" } }),
    (id) => ({ data: { task_id: id } }),
    (id) => ({ data: { task_id: id, status: 7, generated: null } }),
  ];
  const status = fc.oneof(fc.constantFrom(200, 201, 202, 400, 403, 429, 500, 503), fc.integer({ min: 400, max: 599 }));
  const headers = fc.constantFrom({}, { "retry-after": "1" }, { "content-type": "text/html" });
  await check(
    fc.asyncProperty(status, fc.constantFrom(...shapes), headers, async (code, shape, fields) => {
      const time = new VirtualTime();
      let sends = 0;
      const fetch = async (_url: unknown, init?: RequestInit): Promise<Response> => {
        await received(init);
        return Response.json(shape(idOf(++sends)), { status: code, headers: fields });
      };
      const outcome = await time.until(outcomeOf(new Magnific({ apiKey: "key", fetch, time }).submit({ image })));
      expect(outcome instanceof MagnificError ? outcome.taskId : outcome.id).toBe(idOf(1));
      expect(sends).toBe(1);
    }),
  );
});

it("an attempt that begins has its whole timeout, and every task that was made has its handle", async () => {
  const step = fc.oneof(
    fc.record({ limited: fc.nat({ max: 5 }) }),
    fc.record({ answers: fc.double({ min: 0, max: 0.99, noNaN: true }) }),
    fc.constant({ silent: true }),
  );
  const scenario = fc.record({
    rate: fc.integer({ min: 1, max: 6 }),
    limit: fc.nat({ max: 3 }),
    total: fc.nat({ max: 120_000 }),
    timeout: fc.integer({ min: 100, max: 60_000 }),
    submits: fc.integer({ min: 1, max: 8 }),
    steps: fc.array(step, { minLength: 1, maxLength: 6 }),
  });
  await check(
    fc.asyncProperty(scenario, async ({ rate, limit, total, timeout, submits, steps }) => {
      const time = new VirtualTime();
      let [sends, made] = [0, 0];
      const cut: number[] = [];
      const fetch = async (_url: unknown, init: RequestInit = {}): Promise<Response> => {
        const began = time.monotonic();
        const now: { limited?: number; answers?: number; silent?: boolean } = steps[sends++ % steps.length] ?? {};
        await received(init);
        if (now.limited !== undefined)
          return Response.json({ message: "no" }, { status: 429, headers: { "retry-after": String(now.limited) } });
        return new Promise((resolve, reject) => {
          const answer = (): void => resolve(Response.json(task(idOf(++made))));
          const cancel = now.answers === undefined ? () => {} : time.after(now.answers * timeout, answer);
          init.signal?.addEventListener("abort", () => {
            cancel();
            cut.push(time.monotonic() - began);
            reject(init.signal?.reason);
          });
        });
      };
      const magnific = new Magnific({ apiKey: "key", fetch, time, rate, timeout, retry: { limit, total } });
      const calls = Array.from({ length: submits }, () => outcomeOf(magnific.submit({ image })));
      const outcomes = await time.until(Promise.all(calls));
      const ids = outcomes.flatMap((one) => (one instanceof MagnificError ? [] : [one.id]));
      expect(new Set(ids).size).toBe(made);
      // What was answered in time is not cut.
      for (const after of cut) expect(after).toBeGreaterThanOrEqual(timeout);
      expect(time.pending).toBe(0);
    }),
  );
});

it("a wall clock that jumps changes no moment of any request and no outcome", async () => {
  class Jumping extends VirtualTime {
    offset = 0;
    override now(): number {
      return this.monotonic() + this.offset;
    }
  }
  const jump = fc.integer({ min: -1e12, max: 1e12 });
  const answers = fc.array(fc.constantFrom(200, 200, 200, 404, 429, 500), { maxLength: 12 });
  const store = (): TaskStore => memoryTaskStore();
  const played = async (statuses: readonly number[], jumps: readonly number[], wait: number) => {
    const time = new Jumping();
    const start = time.monotonic();
    const moments: number[] = [];
    const fetch = async (_url: unknown, init?: RequestInit): Promise<Response> => {
      await received(init);
      const n = moments.push(time.monotonic() - start);
      time.offset += jumps[n % jumps.length] ?? 0;
      const status = statuses[n] ?? 200;
      const headers = { "retry-after": "3", "x-ratelimit-remaining": "1", "x-ratelimit-reset": "7" };
      return Response.json(status === 200 ? task(TASK_ID, n > 9 ? "FAILED" : "IN_PROGRESS") : {}, { status, headers });
    };
    const magnific = new Magnific({ apiKey: "key", fetch, time, rate: 4, store: store() });
    const outcome = await time.until(outcomeOf(magnific.upscale({ image }, { timeout: wait })));
    return { moments, code: outcome instanceof MagnificError ? outcome.code : "done", pending: time.pending };
  };
  await check(
    fc.asyncProperty(answers, fc.array(jump, { minLength: 1 }), fc.nat({ max: 300_000 }), async (all, jumps, wait) => {
      expect(await played(all, jumps, wait)).toEqual(await played(all, [0], wait));
    }),
  );
});

it("code of the user's that hangs, throws or rejects, in any places at once, ends in time with the id of what is paid", async () => {
  const places = [
    "apiKey",
    "beforeSend",
    "begin",
    "finish",
    "forget",
    "reserve",
    "release",
    "source",
    "onStatus",
  ] as const;
  const hooks = ["onRequest", "onResponse", "onRetry"] as const;
  const way = fc.constantFrom("works", "works", "works", "hangs", "rejects", "throws");
  const ways = fc.record(Object.fromEntries([...places, ...hooks, "fetch"].map((place) => [place, way])));
  const LIMIT = 3_600_000;
  await check(
    fc.asyncProperty(
      ways,
      fc.constantFrom(200, 200, 400, 429, 500),
      fc.option(fc.nat({ max: 20_000 })),
      async (how, status, abortAt) => {
        const time = new VirtualTime();
        const start = time.monotonic();
        const at = <T>(place: string, works: () => T): T => {
          if (how[place] === "hangs") return new Promise(() => {}) as T;
          if (how[place] === "rejects") return Promise.reject(new Error(place)) as T;
          if (how[place] === "throws") throw new Error(place);
          return works();
        };
        let paid = 0;
        const fetch = async (_url: unknown, init: RequestInit = {}): Promise<Response> => {
          if (init.method === "GET") return Response.json(task(TASK_ID, "FAILED"));
          await received(init);
          if (how.fetch === "works" && status === 200) paid++;
          return at("fetch", () => Response.json(status === 200 ? task(TASK_ID) : {}, { status }));
        };
        const memory = memoryTaskStore();
        const store: TaskStore = {
          begin: (...all) => at("begin", () => memory.begin(...all)),
          finish: (...all) => at("finish", () => memory.finish(...all)),
          forget: (...all) => at("forget", () => memory.forget(...all)),
          reserve: () => at("reserve", async () => ({ used: 1, release: () => at("release", async () => {}) })),
        };
        const source = {
          size: image.byteLength,
          replayable: true,
          open: () => ({
            [Symbol.asyncIterator]: () => {
              let given = false;
              const next = async () => {
                const done = given;
                given = true;
                return done ? { done, value: undefined } : { done, value: image };
              };
              return {
                next: () => at("source", next),
                return: async () => ({ done: true as const, value: undefined }),
              };
            },
          }),
        };
        const magnific = new Magnific({
          apiKey: () => at("apiKey", () => "key"),
          fetch,
          time,
          timeout: 5_000,
          store,
          maxSubmits: 9,
          ...Object.fromEntries(hooks.map((hook) => [hook, () => at(hook, () => undefined)])),
        });
        const controller = new AbortController();
        const cancel = abortAt === null ? () => {} : time.after(abortAt, () => controller.abort());
        const outcome = await time.until(
          outcomeOf(
            magnific.upscale(
              { image: source },
              {
                signal: controller.signal,
                timeout: 60_000,
                onStatus: () => at("onStatus", () => {}),
                submit: { beforeSend: () => at("beforeSend", () => {}) },
              },
            ),
          ),
        );
        cancel();
        expect(time.monotonic() - start).toBeLessThan(LIMIT);
        expect(paid).toBeLessThanOrEqual(1);
        if (paid > 0) expect(outcome).toMatchObject({ taskId: TASK_ID });
        expect(time.pending).toBe(0);
      },
    ),
  );
});
