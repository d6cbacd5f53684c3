// @tests SubmitOptions.stop
import { describe, expect, it } from "vitest";
import { MagnificError } from "../errors/magnific-error.js";
import { memoryTaskStore } from "../store/task-store.js";
import { TASK_ID } from "../test-support/client-context.js";
import { countedSignal, loopback } from "../test-support/loopback.js";
import { pngOf } from "../test-support/png.js";
import { clientOf, created, json, script, task } from "../test-support/provider.js";
import { rejection } from "../test-support/rejection.js";

const image = pngOf(200);
const MINUTE = 60_000;
const asked = (seconds: number): ReturnType<typeof json> =>
  json({ message: "slow down" }, 429, { "retry-after": String(seconds) });

describe("stop ends a submit", () => {
  it("that has not begun, and nothing is sent", async () => {
    const server = await loopback(created);
    const { magnific } = clientOf(server);
    const stop = AbortSignal.abort(new Error("shutdown"));
    const error = { code: "aborted", submission: "not_sent", cause: { message: "shutdown" } };
    await expect(magnific.submit({ image }, { stop })).rejects.toMatchObject({ ...error, attempts: 0 });
    await expect(magnific.upscale({ image }, { submit: { stop } })).rejects.toMatchObject(error);
    expect(server.requests).toEqual([]);
  });

  it("whose image is being looked at", async () => {
    const server = await loopback(created);
    const { controller, listeners } = countedSignal();
    let returned = 0;
    const never = {
      replayable: true,
      open: () => ({
        [Symbol.asyncIterator]: () => ({
          next: () => {
            queueMicrotask(() => controller.abort());
            return new Promise<never>(() => {});
          },
          return: async () => ({ done: true as const, value: void returned++ }),
        }),
      }),
    };
    await expect(clientOf(server).magnific.submit({ image: never }, { stop: controller.signal })).rejects.toMatchObject(
      {
        code: "aborted",
        submission: "not_sent",
      },
    );
    expect([returned, listeners(), server.requests.length]).toEqual([1, 0, 0]);
  });

  it("that waits for its turn, as `signal` does, also for a read", async () => {
    const server = await loopback(created);
    const { magnific, time } = clientOf(server, { rate: 1 }, [MINUTE]);
    await magnific.submit({ image });
    const { controller, listeners } = countedSignal();
    const { signal } = controller;
    const waiting = [
      magnific.submit({ image }, { stop: signal }),
      magnific.submit({ image }, { signal }),
      magnific.task(TASK_ID).get({ signal }),
    ].map((call) => rejection(call, MagnificError));
    setTimeout(() => controller.abort(new Error("shutdown")), 20);
    const [stopped, aborted, read] = await Promise.all(waiting);
    const error = { code: "aborted", attempts: 0, cause: { message: "shutdown" } };
    for (const one of [stopped, aborted])
      expect(one).toMatchObject({
        ...error,
        submission: "not_sent",
        summary: expect.stringMatching(/before it was sent\.$/),
      });
    expect(read).toMatchObject({ ...error, taskId: TASK_ID });
    expect(read?.submission).toBeUndefined();
    expect([listeners(), time.pending, server.requests.length]).toEqual([0, 0, 1]);
  });

  it("in the pause before a retry, as one that made no task", async () => {
    const server = await loopback(asked(30));
    const { controller, listeners } = countedSignal();
    const store = memoryTaskStore();
    const { magnific, time } = clientOf(server, {
      store,
      onRetry: () => setTimeout(() => controller.abort(), 20),
    });
    await expect(magnific.submit({ image }, { stop: controller.signal })).rejects.toMatchObject({
      code: "aborted",
      submission: "rejected",
      attempts: 1,
      summary: expect.stringMatching(/was aborted before it was retried\.$/),
    });
    expect([listeners(), time.pending, server.requests.length]).toEqual([0, 0, 1]);
    // The store lets the next one send it.
    expect(await store.begin(await magnific.digest({ image }), 0)).toBe(undefined);
  });

  it("that waits for another call's send of the same", async () => {
    const controller = new AbortController();
    let answer = (): void => {};
    const server = await loopback((response, n, request) => {
      answer = () => task("CREATED")(response, n, request);
      setTimeout(() => controller.abort(), 20);
    });
    const { magnific } = clientOf(server, { store: memoryTaskStore() });
    const first = magnific.submit({ image });
    await expect(magnific.submit({ image }, { stop: controller.signal })).rejects.toMatchObject({ code: "aborted" });
    answer();
    expect((await first).id).toBe(TASK_ID);
    expect(server.requests.length).toBe(1);
  });
});

describe("stop leaves alone", () => {
  it("what is being sent: its answer is waited for", async () => {
    const { controller, listeners } = countedSignal();
    const server = await loopback((response, n, request) => {
      controller.abort();
      setTimeout(() => created(response, n, request), 20);
    });
    const { magnific } = clientOf(server);
    expect((await magnific.submit({ image }, { stop: controller.signal })).id).toBe(TASK_ID);
    expect([listeners(), server.requests.length]).toEqual([0, 1]);
  });

  it("what is refused meanwhile: it is not retried", async () => {
    const controller = new AbortController();
    const server = await loopback(
      script((response, n, request) => {
        controller.abort();
        asked(0)(response, n, request);
      }, created),
    );
    await expect(clientOf(server).magnific.submit({ image }, { stop: controller.signal })).rejects.toMatchObject({
      code: "aborted",
      submission: "rejected",
      attempts: 1,
    });
    expect(server.requests.length).toBe(1);
  });

  it("the wait for the task, and what `signal` does", async () => {
    const controller = new AbortController();
    const server = await loopback((response, n, request) => {
      controller.abort();
      (n === 0 ? created : task("COMPLETED", ["https://magnific.com/x.png"]))(response, n, request);
    });
    const { magnific } = clientOf(server);
    const done = await magnific.upscale({ image }, { submit: { stop: controller.signal } });
    expect(done.status).toBe("COMPLETED");

    const signal = new AbortController();
    const silent = await loopback(() => signal.abort());
    const { controller: never, listeners } = countedSignal();
    await expect(
      clientOf(silent).magnific.submit({ image }, { stop: never.signal, signal: signal.signal }),
    ).rejects.toMatchObject({ code: "aborted", submission: "unknown" });
    expect(listeners()).toBe(0);
    await expect(
      clientOf(server).magnific.submit({ image }, { stop: never.signal, signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: "aborted", submission: "not_sent" });
  });
});
