import { describe, expect, it } from "vitest";
import {
  ApiError,
  AuthenticationError,
  BadRequestError,
  CreditsExhaustedError,
  ForbiddenError,
  NotFoundError,
  RateLimitError,
  ServerError,
} from "../../errors/api-error.js";
import { MagnificError } from "../../errors/magnific-error.js";
import { ConnectionError, RedirectError, TimeoutError, UnexpectedResponseError } from "../../errors/network-errors.js";
import { answer, clientContext, TASK_ID } from "../../test-support/client-context.js";
import { rejection } from "../../test-support/rejection.js";
import { type Step, scripted } from "../../test-support/scripted-task.js";
import { VirtualTime } from "../../test-support/virtual-time.js";
import { type TaskHandle, taskHandle } from "../handle.js";

const IMAGE = "https://ai-statics.freepik.com/completed_task_image.jpg";
const DONE = answer("COMPLETED", [IMAGE]);

const facts = (status: number) => ({ status });

describe("the schedule", () => {
  it("polls first after 2 s, then 1.5 times later each time, up to 10 s", async () => {
    const { time, polls, task } = scripted([...Array<Step>(7).fill(answer("IN_PROGRESS")), DONE]);
    const done = await time.until(task.wait());
    expect(polls).toEqual([2000, 5000, 9500, 16_250, 26_250, 36_250, 46_250, 56_250]);
    expect(done.images.map(({ url }) => url)).toEqual([IMAGE]);
    expect(time.pending).toBe(0);
  });

  it.each([
    [0, 0.8],
    [1, 1.2],
  ])("spreads each delay by the jitter (random %d)", async (random, share) => {
    const time = new VirtualTime({ random: () => random });
    const { polls, task } = scripted([answer("IN_PROGRESS"), DONE], { time });
    await time.until(task.wait());
    expect(polls[0]).toBeCloseTo(2000 * share);
    expect((polls[1] ?? 0) - (polls[0] ?? 0)).toBeCloseTo(3000 * share);
  });

  it("follows the client's poll settings", async () => {
    const time = new VirtualTime();
    const polls: number[] = [];
    const start = time.now();
    const context = clientContext({
      time,
      poll: { first: 100, factor: 2, max: 250, jitter: 0, timeout: 1000 },
      fetchTask: async () => {
        polls.push(time.now() - start);
        return answer("IN_PROGRESS");
      },
    });
    const error = await rejection(time.until(taskHandle(context, TASK_ID, {}).wait()), MagnificError);
    expect(polls).toEqual([100, 300, 550, 800]);
    expect(error.code).toBe("wait_timeout");
  });

  it("polls at once a task that is resumed", async () => {
    const { time, polls, task } = scripted([answer("IN_PROGRESS"), DONE], { submitted: false });
    await time.until(task.wait());
    expect(polls).toEqual([0, 2000]);
    expect(time.delays).toEqual([1_800_000, 2000]);
  });

  it("counts the first delay from the submit, not from the wait", async () => {
    const { time, polls, task } = scripted([DONE]);
    await time.advance(1500);
    await time.until(task.wait());
    expect(polls).toEqual([2000]);
  });

  it.each(["COMPLETED", "FAILED"])("polls at once when the submit already said %s", async (status) => {
    const { time, polls, task } = scripted([DONE], { submitted: { status } });
    await time.until(task.wait());
    expect(polls).toEqual([0]);
  });

  it("waits as long as a rate limit says", async () => {
    const limited = new RateLimitError("rate_limited", "slow down", { status: 429, retryAfter: 30 });
    const { time, polls, task } = scripted([limited, DONE]);
    await time.until(task.wait());
    expect(polls).toEqual([2000, 32_000]);
  });

  it("but not longer than five minutes, whatever it says", async () => {
    const limited = new RateLimitError("rate_limited", "slow down", { status: 429, retryAfter: 86_400 });
    const { time, polls, task } = scripted([limited, DONE]);
    await time.until(task.wait());
    expect(polls).toEqual([2000, 302_000]);
  });
});

describe("the end", () => {
  it("FAILED: TaskFailedError with the task", async () => {
    const { time, task } = scripted([answer("IN_PROGRESS"), answer("FAILED")]);
    const error = await rejection(time.until(task.wait()), MagnificError);
    expect(error).toMatchObject({ code: "task_failed", taskId: TASK_ID, requestId: "ak-failed" });
    expect(time.pending).toBe(0);
  });

  // @tests StatusesOptions.timeout
  it("deadline: WaitTimeoutError with the last status and the last error", async () => {
    const broken = new ServerError("down", facts(503));
    const { time, task } = scripted([answer("IN_PROGRESS"), broken]);
    const start = time.now();
    const error = await rejection(time.until(task.wait({ timeout: 60_000 })), MagnificError);
    expect(time.now() - start).toBe(60_000);
    expect(error).toMatchObject({ code: "wait_timeout", taskId: TASK_ID, lastStatus: "IN_PROGRESS", cause: broken });
    expect(time.pending).toBe(0);
  });

  it("the deadline is 30 minutes unless said otherwise", async () => {
    const { time, task } = scripted([answer("CREATED")]);
    const start = time.now();
    expect((await rejection(time.until(task.wait()), MagnificError)).code).toBe("wait_timeout");
    expect(time.now() - start).toBe(1_800_000);
  });

  it("the deadline ends a poll in flight", async () => {
    const { time, task, signals } = scripted(["hang"]);
    const error = await rejection(time.until(task.wait({ timeout: 5_000 })), MagnificError);
    expect(error).toMatchObject({ code: "wait_timeout", lastStatus: "CREATED" });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(time.pending).toBe(0);
  });

  it("timeout: Infinity has none, and a timeout longer than a timer can be does not fire early", async () => {
    for (const timeout of [Number.POSITIVE_INFINITY, 90 * 86_400_000]) {
      const time = new VirtualTime();
      const { task } = scripted(["hang"], { time });
      const waiting = task.wait({ timeout });
      let settled = false;
      waiting.catch(() => {
        settled = true;
      });
      await time.advance(80 * 86_400_000);
      expect(settled).toBe(false);
      await time.advance(11 * 86_400_000);
      expect(settled).toBe(timeout !== Number.POSITIVE_INFINITY);
    }
  });

  it.each([Number.NaN, -1, "60" as never])("timeout %s is refused", async (timeout) => {
    const { task, polls } = scripted([DONE]);
    expect(await rejection(task.wait({ timeout }), MagnificError)).toMatchObject({
      code: "configuration",
      taskId: TASK_ID,
    });
    expect(polls).toEqual([]);
  });

  it.each([
    ["before", 0],
    ["between polls", 1000],
    ["in a poll", 3000],
  ])("signal %s: AbortedError with the task and the reason", async (_when, moment) => {
    const { time, task } = scripted(["hang"]);
    const controller = new AbortController();
    const reason = new Error("enough");
    if (moment === 0) controller.abort(reason);
    const waiting = rejection(task.wait({ signal: controller.signal }), MagnificError);
    await time.advance(moment);
    controller.abort(reason);
    expect(await waiting).toMatchObject({ code: "aborted", name: "AbortError", taskId: TASK_ID, cause: reason });
    expect(time.pending).toBe(0);
  });

  // @tests StatusesOptions.signal
  it("leaves no listener on the caller's signal", async () => {
    const { time, task } = scripted([answer("IN_PROGRESS"), new ServerError("down", facts(500)), DONE]);
    const { signal } = new AbortController();
    let listeners = 0;
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...given: Parameters<AbortSignal["addEventListener"]>) => {
      listeners += 1;
      addEventListener.apply(signal, given as never);
    };
    signal.removeEventListener = (...given: Parameters<AbortSignal["removeEventListener"]>) => {
      listeners -= 1;
      removeEventListener.apply(signal, given as never);
    };
    await time.until(task.wait({ signal }));
    expect(listeners).toBeLessThanOrEqual(0);
  });
});

describe("failures of a poll", () => {
  const passing: readonly Error[] = [
    new ServerError("down", facts(500)),
    new ServerError("down", facts(503)),
    new ConnectionError("connection_failed", "refused", {}),
    new ConnectionError("connection_lost", "reset", {}),
    new TimeoutError("slow", {}),
    new UnexpectedResponseError("HTML", facts(200)),
    new RateLimitError("rate_limited", "slow down", facts(429)),
    ...[302, 399, 408, 425, 500, 600].map((status) => new ApiError("odd", facts(status))),
  ];
  for (const error of passing) {
    it(`are survived: ${error.name} ${(error as MagnificError).status ?? error.message}`, async () => {
      const { time, polls, task } = scripted([error, answer("IN_PROGRESS"), error, error, DONE]);
      await time.until(task.wait());
      expect(polls).toHaveLength(5);
    });
  }

  const lasting: readonly MagnificError[] = [
    new BadRequestError("no", facts(400)),
    new RedirectError("no", facts(302)),
    ...[400, 418, 499].map((status) => new ApiError("odd", facts(status))),
    new AuthenticationError("no", facts(401)),
    new CreditsExhaustedError("no", facts(402)),
    new ForbiddenError("no", facts(403)),
    new NotFoundError("no", facts(404)),
    new RateLimitError("usage_limit_reached", "free trial", facts(429)),
  ];
  for (const error of lasting) {
    it(`end the wait where waiting does not help: ${error.code} ${error.status}`, async () => {
      const { time, polls, task } = scripted([answer("IN_PROGRESS"), error, DONE], { submitted: false });
      expect(await rejection(time.until(task.wait()), MagnificError)).toBe(error);
      expect(error.taskId).toBe(TASK_ID);
      expect(polls).toHaveLength(2);
      expect(time.pending).toBe(0);
    });
  }

  it("a 404 is survived for 15 s after the submit, and no longer", async () => {
    const missing = (): NotFoundError => new NotFoundError("AI resource not found", facts(404));
    const early = scripted([missing(), missing(), DONE]);
    await early.time.until(early.task.wait());
    expect(early.polls).toEqual([2000, 5000, 9500]);

    const lasting = scripted([missing()]);
    const error = await rejection(lasting.time.until(lasting.task.wait()), MagnificError);
    expect(error).toMatchObject({ code: "not_found", taskId: TASK_ID });
    expect(lasting.polls).toEqual([2000, 5000, 9500, 16_250]);

    const foreign = scripted([missing()], { submitted: false });
    expect((await rejection(foreign.time.until(foreign.task.wait()), MagnificError)).code).toBe("not_found");
    expect(foreign.polls).toEqual([0]);
  });

  it("whatever is thrown by code that is not ours ends it too, with the task", async () => {
    const mistake = new TypeError("x is not a function");
    const { time, task } = scripted([mistake]);
    expect(await rejection(time.until(task.wait()), MagnificError)).toMatchObject({ taskId: TASK_ID, cause: mistake });
  });

  it("an answer about another task is not taken for this one's", async () => {
    const foreign = answer("COMPLETED", [IMAGE], "11111111-2222-3333-4444-555555555555");
    const { time, polls, task } = scripted([foreign, DONE]);
    await time.until(task.wait());
    expect(polls).toHaveLength(2);
  });
});

describe("what is not in the document", () => {
  it("an unknown status keeps the wait going at the normal pace and is reported once", async () => {
    const { time, polls, task, context } = scripted([answer("QUEUED"), answer("QUEUED"), answer("PAUSED"), DONE]);
    const seen: string[] = [];
    await time.until(task.wait({ onStatus: (now) => void seen.push(now.status === "UNKNOWN" ? now.wireStatus : "") }));
    expect(polls).toEqual([2000, 5000, 9500, 16_250]);
    expect(seen).toEqual(["QUEUED", "PAUSED", ""]);
    expect(context.violations).toHaveLength(1);
    expect(context.violations[0]).toMatchObject({ place: "/data/status", taskId: TASK_ID, requestId: "ak-queued" });
  });

  it("COMPLETED without an image is polled three times more, then an EmptyResultError", async () => {
    const late = scripted([answer("COMPLETED"), answer("COMPLETED"), answer("COMPLETED"), DONE]);
    expect((await late.time.until(late.task.wait())).images).toHaveLength(1);

    const never = scripted([answer("COMPLETED")]);
    const error = await rejection(never.time.until(never.task.wait()), MagnificError);
    expect(error).toMatchObject({ code: "empty_result", taskId: TASK_ID, requestId: "ak-completed" });
    expect(never.polls).toHaveLength(4);
  });
});

// @tests WaitOptions.onStatus
describe("onStatus", () => {
  it("is told the first sight and every change, without steps back", async () => {
    const steps = ["CREATED", "CREATED", "IN_PROGRESS", "CREATED", "IN_PROGRESS"].map((status) => answer(status));
    const { time, task } = scripted([...steps, DONE]);
    const seen: string[] = [];
    await time.until(task.wait({ onStatus: ({ status }) => void seen.push(status) }));
    expect(seen).toEqual(["CREATED", "IN_PROGRESS", "COMPLETED"]);
  });

  it.each([
    [
      "thrown",
      () => {
        throw new Error("my bug");
      },
    ],
    ["a rejection", () => Promise.reject(new Error("my bug"))],
  ])("an error in it (%s) ends the wait with the task", async (_how, onStatus) => {
    const { time, task } = scripted([answer("CREATED")]);
    const error = await rejection(time.until(task.wait({ onStatus })), MagnificError);
    expect(error).toMatchObject({ code: "aborted", taskId: TASK_ID, cause: { message: "my bug" } });
    expect(time.pending).toBe(0);
  });

  it("a promise of it that never ends does not outlast the deadline", async () => {
    const { time, task } = scripted([answer("CREATED")]);
    const error = await rejection(
      time.until(task.wait({ timeout: 9000, onStatus: () => new Promise(() => {}) })),
      MagnificError,
    );
    expect(error.code).toBe("wait_timeout");
  });
});

describe("statuses()", () => {
  it("gives the changes and ends with FAILED like with COMPLETED", async () => {
    const { time, task } = scripted([answer("CREATED"), answer("IN_PROGRESS"), answer("FAILED")]);
    const seen: string[] = [];
    const reading = (async () => {
      for await (const { status } of task.statuses()) seen.push(status);
    })();
    await time.until(reading);
    expect(seen).toEqual(["CREATED", "IN_PROGRESS", "FAILED"]);
    expect(time.pending).toBe(0);
  });

  it("leaves nothing behind when the reader stops", async () => {
    const { time, task } = scripted([answer("CREATED")]);
    const reading = (async () => {
      for await (const _task of task.statuses()) break;
    })();
    await time.until(reading);
    expect(time.pending).toBe(0);
  });

  it("keeps deadline and signal", async () => {
    const late = scripted([answer("CREATED")]);
    const read = async (options: Parameters<TaskHandle["statuses"]>[0]) => {
      for await (const _task of late.task.statuses(options));
    };
    expect((await rejection(late.time.until(read({ timeout: 100 })), MagnificError)).code).toBe("wait_timeout");
    expect((await rejection(read({ signal: AbortSignal.abort() }), MagnificError)).code).toBe("aborted");
  });
});

describe("a thousand waits", () => {
  it("end each with its own images, in virtual time", async () => {
    const random = (() => {
      let seed = 42;
      return () => {
        seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
        return seed / 2 ** 31;
      };
    })();
    const time = new VirtualTime({ random });
    const start = time.now();
    const moments: number[] = [];
    const ids = Array.from({ length: 1000 }, (_, n) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`);
    const context = clientContext({
      time,
      fetchTask: async (id) => {
        moments.push(time.now());
        const ready = start + Number(id.slice(-3)) * 60;
        return time.now() < ready
          ? answer("IN_PROGRESS", [], id)
          : answer("COMPLETED", [`https://cdn.freepik.com/${id}.png`], id);
      },
    });
    const done = await time.until(Promise.all(ids.map((id) => taskHandle(context, id, {}).wait())));
    expect(done.map(({ images }) => images[0].url)).toEqual(ids.map((id) => `https://cdn.freepik.com/${id}.png`));
    expect(time.pending).toBe(0);
    // Jitter spreads them: no single moment sees more than a few percent of all polls.
    const counts = new Map<number, number>();
    for (const at of moments) counts.set(Math.floor(at / 50), (counts.get(Math.floor(at / 50)) ?? 0) + 1);
    const busiest = Math.max(...counts.values());
    expect(busiest).toBeLessThan(moments.length * 0.05);
  });
});
