/** What a wait says and keeps at its edges: the very moment, the last error, what is left behind. */
import { describe, expect, it } from "vitest";
import { NotFoundError, RateLimitError, ServerError } from "../../errors/api-error.js";
import { MagnificError } from "../../errors/magnific-error.js";
import { TimeoutError } from "../../errors/network-errors.js";
import { answer, TASK_ID } from "../../test-support/client-context.js";
import { rejection } from "../../test-support/rejection.js";
import { scripted } from "../../test-support/scripted-task.js";

const READ = "GET /v1/ai/image-upscaler-precision/{task-id}";
const DONE = answer("COMPLETED", ["https://ai-statics.freepik.com/a.jpg"]);
const limited = (): RateLimitError =>
  new RateLimitError("rate_limited", "slow down", { status: 429, retryAfter: 30, requestId: "ak-429" });

describe("the schedule", () => {
  it("a 404 at the very end of the 15 seconds is believed", async () => {
    const missing = new NotFoundError("AI resource not found", { status: 404 });
    const poll = { first: 5000, factor: 1, jitter: 0 };
    const { time, polls, task } = scripted([missing], { poll });
    expect(await rejection(time.until(task.wait()), MagnificError)).toMatchObject({
      code: "not_found",
      taskId: TASK_ID,
    });
    expect(polls).toEqual([5000, 10_000, 15_000]);
  });

  it.each([
    ["a task", answer("IN_PROGRESS")],
    ["COMPLETED without an image", answer("COMPLETED")],
  ])("a pause that a limit asked for is over once an answer told of %s", async (_what, told) => {
    const { time, polls, task } = scripted([limited(), told, DONE]);
    await time.until(task.wait());
    expect(polls).toEqual([2000, 32_000, 36_500]);
  });

  it("a pause that is asked for is not shorter than the schedule's", async () => {
    const soon = new ServerError("down", { status: 503, retryAfter: 0.5 });
    const { time, polls, task } = scripted([soon, DONE]);
    await time.until(task.wait());
    expect(polls).toEqual([2000, 5000]);
  });

  it("a wait that begins long after the submit polls at once", async () => {
    const { time, polls, task } = scripted([DONE]);
    await time.advance(60_000);
    await time.until(task.wait());
    expect(polls).toEqual([60_000]);
    expect(time.delays).toEqual([1_800_000]);
  });
});

describe("what is reported", () => {
  it("is nothing while the provider keeps to the document", async () => {
    const { time, task, context } = scripted([answer("CREATED"), answer("IN_PROGRESS"), DONE]);
    await time.until(task.wait());
    expect(context.violations).toEqual([]);
  });

  it("is a step from a status that nobody knows to any other", async () => {
    const { time, task } = scripted([answer("QUEUED"), answer("CREATED"), answer("PAUSED"), DONE]);
    const seen: string[] = [];
    await time.until(task.wait({ onStatus: (now) => void seen.push(now.raw.status as string) }));
    expect(seen).toEqual(["QUEUED", "CREATED", "PAUSED", "COMPLETED"]);
  });
});

describe("the deadline", () => {
  it("may be now", async () => {
    const { time, task } = scripted(["hang"], { submitted: false });
    expect(await rejection(time.until(task.wait({ timeout: 0 })), MagnificError)).toMatchObject({
      code: "wait_timeout",
    });
  });

  it.each([Number.NaN, -1, "60" as never])("that cannot be is named: %s", async (timeout) => {
    const { message } = await rejection(scripted([DONE]).task.wait({ timeout }), MagnificError);
    expect(message).toBe(`\`timeout\` must be a number of at least 0, not ${String(timeout)}.`);
  });

  it("and the rest of its options are named by kind, with the task, and nothing is asked", async () => {
    for (const [options, message] of [
      [{ signal: {} }, "`signal` must be an AbortSignal, not an object."],
      [{ webhook: {} }, "`webhook` must be a WebhookSource, not an object."],
      [{ onStatus: "log" }, "`onStatus` must be a function, not a string."],
      [5, "The options must be an object, not a number."],
      [null, "The options must be an object, not null."],
    ] as const) {
      const { task } = scripted([]);
      const error = await rejection(task.wait(options as never), MagnificError);
      expect([error.message, error.taskId]).toEqual([message, TASK_ID]);
      const first = rejection(
        task
          .statuses(options as never)
          [Symbol.asyncIterator]()
          .next(),
        MagnificError,
      );
      expect((await first).message).toBe(message);
    }
  });

  it("says how long it was, what was seen last, and that the task goes on", async () => {
    const { time, task } = scripted([answer("IN_PROGRESS")]);
    const error = await rejection(time.until(task.wait({ timeout: 5000 })), MagnificError);
    expect(error.message).toBe(
      `Task ${TASK_ID} did not end within 5000 ms (last status IN_PROGRESS). It continues: resume it with its id, do not submit it again.`,
    );
    expect(error).toMatchObject({ operation: READ, lastStatus: "IN_PROGRESS" });
    expect(error).not.toHaveProperty("cause");
    expect(error).not.toHaveProperty("requestId");
  });

  it("says nothing of a status where none was seen", async () => {
    const { time, task } = scripted(["hang"], { submitted: false });
    const error = await rejection(time.until(task.wait({ timeout: 5000 })), MagnificError);
    expect(error.message).toContain("did not end within 5000 ms. It continues");
    expect(error).not.toHaveProperty("lastStatus");
  });

  it("knows a status that the document does not, and a COMPLETED without an image", async () => {
    for (const status of ["RESTING", "COMPLETED"]) {
      const { time, task } = scripted([answer(status), "hang"]);
      const error = await rejection(time.until(task.wait({ timeout: 9000 })), MagnificError);
      expect(error).toMatchObject({ code: "wait_timeout", lastStatus: status });
    }
  });

  it("names the last error's exchange, and no error that an answer made up for", async () => {
    const broken = scripted([answer("IN_PROGRESS"), limited()]);
    const error = await rejection(broken.time.until(broken.task.wait({ timeout: 9000 })), MagnificError);
    expect(error).toMatchObject({ requestId: "ak-429", cause: { code: "rate_limited" } });
    for (const told of [answer("IN_PROGRESS"), answer("COMPLETED")]) {
      const mended = scripted([limited(), told, "hang"]);
      const late = await rejection(mended.time.until(mended.task.wait({ timeout: 60_000 })), MagnificError);
      expect(late).toMatchObject({ code: "wait_timeout" });
      expect(late).not.toHaveProperty("cause");
    }
  });
});

describe("the caller's signal", () => {
  it.each([
    ["between polls", 1000],
    ["in a poll", 3000],
  ])("ends the wait as itself, even with an error of this client for a reason: %s", async (_when, moment) => {
    const { time, task } = scripted(["hang"]);
    const controller = new AbortController();
    const reason = new TimeoutError("my own deadline", {});
    const waiting = rejection(task.wait({ signal: controller.signal }), MagnificError);
    await time.advance(moment);
    controller.abort(reason);
    const error = await waiting;
    expect(error).toMatchObject({ code: "aborted", operation: READ, taskId: TASK_ID });
    expect(error.cause).toBe(reason);
    expect(error.message).toBe(`The wait for task ${TASK_ID} was aborted. The task continues.`);
  });

  it("has the platform's reason where it was given none", async () => {
    const error = await rejection(scripted([DONE]).task.wait({ signal: AbortSignal.abort() }), MagnificError);
    expect(error).toMatchObject({ code: "aborted", cause: { name: "AbortError" } });
  });

  it("does not reach a poll that is over", async () => {
    const { time, task, signals } = scripted([answer("IN_PROGRESS")]);
    const controller = new AbortController();
    const waiting = rejection(task.wait({ signal: controller.signal }), MagnificError);
    await time.advance(3000);
    controller.abort();
    expect((await waiting).code).toBe("aborted");
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  });
});
