/** A wait through the public client, in virtual time: when it polls, what it survives, and what it ends with. */
import { describe, expect, it } from "vitest";
import { MagnificError } from "../../errors/magnific-error.js";
import { TimeoutError } from "../../errors/network-errors.js";
import { TASK_ID } from "../../test-support/client-context.js";
import { countedSignal } from "../../test-support/loopback.js";
import { rejection } from "../../test-support/rejection.js";
import { type Step, scripted, told } from "../../test-support/scripted-task.js";
import { VirtualTime } from "../../test-support/virtual-time.js";
import type { WaitOptions } from "../watch.js";

const READ = "GET /v1/ai/image-upscaler-precision/{task-id}";
const IMAGE = "https://ai-statics.freepik.com/completed_task_image.jpg";
const DONE = told("COMPLETED", [IMAGE]);
const PENDING = told("IN_PROGRESS");
const limited = (seconds: string, status = 429): Step => [
  status,
  {},
  { "retry-after": seconds, "x-request-id": "ak-429" },
];
const network = (code: string): Error =>
  Object.assign(new TypeError("fetch failed"), { cause: Object.assign(new Error("no"), { code }) });

type Options = Parameters<typeof scripted>[1];

/** Waits for a task whose polls go by script. */
async function waited(steps: readonly Step[], options?: Options, wait?: WaitOptions) {
  const here = await scripted(steps, options);
  const done = await here.time.until(here.task.wait(wait));
  expect(here.time.pending).toBe(0);
  return { ...here, done };
}

/** The same where the wait fails. */
async function failed(steps: readonly Step[], options?: Options, wait?: WaitOptions) {
  const here = await scripted(steps, options);
  const start = here.time.now();
  const error = await rejection(here.time.until(here.task.wait(wait)), MagnificError);
  expect(error.taskId).toBe(TASK_ID);
  expect(here.time.pending).toBe(0);
  return { ...here, error, lasted: here.time.now() - start };
}

describe("a wait polls", () => {
  const SCHEDULES: [string, readonly Step[], readonly number[], Options?][] = [
    [
      "first after 2 s, then 1.5 times later each time, up to 10 s",
      [...new Array<Step>(7).fill(PENDING), DONE],
      [2000, 5000, 9500, 16_250, 26_250, 36_250, 46_250, 56_250],
    ],
    [
      "by the client's settings",
      [PENDING, PENDING, DONE],
      [100, 300, 550],
      { poll: { first: 100, factor: 2, max: 250 } },
    ],
    ["a resumed task at once", [PENDING, DONE], [0, 2000], { submitted: false }],
    ["at once when the submit already reported COMPLETED", [DONE], [0], { submitted: "COMPLETED" }],
    ["at once when the submit already reported FAILED", [DONE], [0], { submitted: "FAILED" }],
    ["after the pause that a rate limit asks for", [limited("30"), DONE], [2000, 32_000]],
    ["after five minutes at most, whatever a rate limit asks for", [limited("86400"), DONE], [2000, 302_000]],
    ["no earlier than by schedule when a shorter pause is asked for", [limited("0.5", 503), DONE], [2000, 5000]],
    ["by schedule again once a response reports a task", [limited("30"), PENDING, DONE], [2000, 32_000, 36_500]],
    [
      "by schedule again once a response reports COMPLETED without an image",
      [limited("30"), told("COMPLETED"), DONE],
      [2000, 32_000, 36_500],
    ],
    ["on through a 404 in the first 15 s after a submit", [[404], [404], DONE], [2000, 5000, 9500]],
    ["at the normal pace through an unknown status", [told("QUEUED"), told("PAUSED"), DONE], [2000, 5000, 9500]],
    [
      "again after a response about another task",
      [told("COMPLETED", [IMAGE], TASK_ID.replace("0", "1")), DONE],
      [2000, 5000],
    ],
    [
      "three times more after COMPLETED without an image",
      [...new Array<Step>(3).fill(told("COMPLETED")), DONE],
      [2000, 5000, 9500, 16_250],
    ],
  ];
  it.each(SCHEDULES)("%s", async (_name, steps, expected, options) => {
    const { polls, done } = await waited(steps, options);
    expect(polls).toEqual(expected);
    expect(done.images.map(({ url }) => url)).toEqual([IMAGE]);
  });

  it.each([
    [0, 0.8],
    [1, 1.2],
  ])("with each delay spread by the jitter (random %d)", async (random, share) => {
    const { polls } = await waited([PENDING, DONE], { time: new VirtualTime({ random: () => random }) });
    expect(polls[0]).toBeCloseTo(2000 * share);
    expect((polls[1] ?? 0) - (polls[0] ?? 0)).toBeCloseTo(3000 * share);
  });

  it.each([1500, 60_000])("with the first delay counted from the submit, %d ms before the wait", async (passed) => {
    const { time, polls, task } = await scripted([DONE]);
    await time.advance(passed);
    await time.until(task.wait());
    expect(polls).toEqual([Math.max(2000, passed)]);
  });
});

describe("a failed poll", () => {
  const PASSING: readonly Step[] = [
    ...[408, 425, 429, 500, 503, 599].map((status) => [status] as const),
    network("ECONNREFUSED"),
    network("ECONNRESET"),
    [200, "<!doctype html>"],
    "hang",
  ];
  it.each(PASSING.map((step) => [String(step), step] as const))("is survived: %s", async (_name, step) => {
    const { polls } = await waited([step, PENDING, step, step, DONE]);
    expect(polls).toHaveLength(5);
  });

  const LASTING: [number, string, object?][] = [
    [302, "redirect_refused"],
    [400, "bad_request"],
    [401, "authentication_failed"],
    [402, "credits_exhausted"],
    [403, "forbidden"],
    [404, "not_found"],
    [418, "unexpected_status"],
    [499, "unexpected_status"],
    [429, "usage_limit_reached", { message: "Free trial usage limit reached" }],
  ];
  it.each(LASTING)("ends the wait where waiting does not help: %d %s", async (status, code, body) => {
    const { error, polls } = await failed([PENDING, [status, body], DONE], { submitted: false });
    expect([error.code, polls.length]).toEqual([code, 2]);
  });

  it("is a 404 that is believed from 15 s after a submit, and at once for a resumed task", async () => {
    const options = { poll: { first: 5000, factor: 1.001, max: 5000 } };
    for (const [more, moments] of [
      [options, [5000, 10_000, 15_000]],
      [{}, [2000, 5000, 9500, 16_250]],
      [{ submitted: false } as const, [0]],
    ] as const) {
      const { error, polls } = await failed([[404]], more);
      expect([error.code, polls]).toEqual(["not_found", moments]);
    }
  });
});

describe("a wait ends", () => {
  it.each<[string, Step, number]>([
    ["task_failed", told("FAILED"), 1],
    ["empty_result", told("COMPLETED"), 4],
  ])("with %s, and the id of task and request", async (code, step, expected) => {
    const { error, polls } = await failed([step]);
    const status = code === "task_failed" ? "failed" : "completed";
    expect([error.code, error.requestId, polls.length]).toEqual([code, `ak-${status}`, expected]);
  });

  // @tests StatusesOptions.timeout
  it.each<[string, readonly Step[], number | undefined, string, object, Options?]>([
    ["after 30 minutes by default", [PENDING], undefined, " (last status IN_PROGRESS)", { lastStatus: "IN_PROGRESS" }],
    ["in a poll", ["hang"], 5000, " (last status CREATED)", { lastStatus: "CREATED" }],
    ["without a status where none was seen", ["hang"], 5000, "", {}, { submitted: false }],
    ["at once", ["hang"], 0, "", {}, { submitted: false }],
    ["after an unknown status", [told("RESTING"), "hang"], 9000, " (last status RESTING)", { lastStatus: "RESTING" }],
    [
      "after an empty result",
      [told("COMPLETED"), "hang"],
      9000,
      " (last status COMPLETED)",
      { lastStatus: "COMPLETED" },
    ],
    [
      "with the last error",
      [PENDING, limited("30")],
      9000,
      " (last status IN_PROGRESS)",
      { requestId: "ak-429", cause: { code: "rate_limited" } },
    ],
    [
      "without an error that a later response made up for",
      [limited("30"), PENDING, "hang"],
      40_000,
      " (last status IN_PROGRESS)",
      {},
    ],
  ])("at its deadline: %s", async (_name, steps, timeout, seen, facts, options) => {
    const { error, lasted, signals } = await failed(steps, options, { timeout });
    const limit = timeout ?? 1_800_000;
    expect(error.summary).toBe(
      `Task ${TASK_ID} did not end within ${limit} ms${seen}. It continues: resume it with its id, do not submit it again.`,
    );
    expect(error).toMatchObject({ code: "wait_timeout", operation: READ, ...facts });
    for (const name of ["lastStatus", "cause", "requestId"])
      if (!(name in facts) && !(name === "lastStatus" && seen !== "")) expect(error).not.toHaveProperty(name);
    expect(lasted).toBe(limit);
    if (steps.at(-1) === "hang" && limit > 0) expect(signals.at(-1)?.aborted).toBe(true);
  });

  it.each([Number.POSITIVE_INFINITY, 90 * 86_400_000])("no earlier than a deadline of %d ms", async (timeout) => {
    const { time, task } = await scripted([PENDING], { poll: { first: 1e9, factor: 1.001, max: 1e9 } });
    let settled = false;
    task.wait({ timeout }).catch(() => {
      settled = true;
    });
    await time.advance(80 * 86_400_000);
    expect(settled).toBe(false);
    await time.advance(11 * 86_400_000);
    expect(settled).toBe(timeout !== Number.POSITIVE_INFINITY);
  });

  // @tests StatusesOptions.signal
  it.each([
    ["before the wait", 0],
    ["between polls", 1000],
    ["in a poll", 3000],
  ])("when the caller's signal fires %s, even with an error of this client as the reason", async (_when, moment) => {
    const { time, task } = await scripted(["hang"]);
    const { controller, listeners } = countedSignal();
    const reason = new TimeoutError("my own deadline", {});
    if (moment === 0) controller.abort(reason);
    const waiting = rejection(task.wait({ signal: controller.signal }), MagnificError);
    await time.advance(moment);
    controller.abort(reason);
    const error = await waiting;
    expect(error).toMatchObject({ code: "aborted", name: "AbortError", operation: READ, taskId: TASK_ID });
    expect(error.cause).toBe(reason);
    expect(error.summary).toBe(`The wait for task ${TASK_ID} was aborted. The task continues.`);
    expect([time.pending, listeners()]).toEqual([0, 0]);
  });

  it("without a listener on the caller's signal, and without aborting polls that are over", async () => {
    const { controller, listeners } = countedSignal();
    const { signals } = await waited([PENDING, [500], DONE], {}, { signal: controller.signal });
    expect(listeners()).toBe(0);
    controller.abort();
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false, false]);
  });

  it.each([
    [{ timeout: Number.NaN }, "`timeout` must be a number of at least 0, not NaN."],
    [{ timeout: -1 }, "`timeout` must be a number of at least 0, not -1."],
    [{ timeout: "60" }, "`timeout` must be a number of at least 0, not 60."],
    [{ signal: {} }, "`signal` must be an AbortSignal, not an object."],
    [{ webhook: {} }, "`webhook` must be a WebhookSource, not an object."],
    [{ onStatus: "log" }, "`onStatus` must be a function, not a string."],
    [5, "The options must be an object, not a number."],
    [null, "The options must be an object, not null."],
  ])("before it polls, with the task, when its options cannot work: %j", async (options, message) => {
    const { error, polls, task } = await failed([DONE], {}, options as never);
    expect([error.code, error.summary, polls]).toEqual(["configuration", message, []]);
    const first = task
      .statuses(options as never)
      [Symbol.asyncIterator]()
      .next();
    expect((await rejection(first, MagnificError)).summary).toBe(message);
  });
});
