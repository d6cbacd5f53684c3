/** A wait that hears webhooks: signed as the provider does, unwrapped as an application does, in virtual time. */
import { describe, expect, it } from "vitest";
import { DEFAULT } from "../../contract/default.js";
import { MagnificError } from "../../errors/magnific-error.js";
import { ResultImage } from "../../result/result-image.js";
import { TASK_ID } from "../../test-support/client-context.js";
import { rejection } from "../../test-support/rejection.js";
import { type Step, scripted, told } from "../../test-support/scripted-task.js";
import type { WebhookEvent, WebhookSource } from "../../webhook/event.js";
import { signWebhook } from "../../webhook/index.js";

const IMAGE = "https://ai-statics.freepik.com/completed_task_image.jpg";
const OTHER = "11111111-2222-3333-4444-555555555555";
const DONE = told("COMPLETED", [IMAGE]);
const secret = "test-secret";

/** A submitted task, and `deliver`, which brings a webhook to its inbox. */
async function listening(...steps: readonly Step[]) {
  const here = await scripted(steps, { webhooks: { secret }, poll: { timeout: Number.POSITIVE_INFINITY } });
  const { webhooks } = here.magnific;
  const inbox = webhooks.inbox();
  const event = async (status: string, generated: string[] = [], id = TASK_ID) => {
    const timestamp = new Date(here.time.now());
    return webhooks.unwrap(await signWebhook({ body: { task_id: id, status, generated }, secret, timestamp }));
  };
  const deliver = async (...all: Parameters<typeof event>): Promise<void> => inbox.deliver(await event(...all));
  return { ...here, inbox, event, deliver };
}

describe("a wait that hears webhooks", () => {
  // @tests StatusesOptions.webhook
  it.each([
    ["before the wait", 0, []],
    ["between polls", 500, []],
    ["in a poll", 2500, [2000]],
    ["after ten minutes of polls that only time out", 600_000, undefined],
  ])("ends with the images of a COMPLETED one that comes %s", async (_when, moment, expected) => {
    const { time, polls, signals, inbox, task, deliver } = await listening("hang");
    if (moment === 0) await deliver("COMPLETED", [IMAGE]);
    const waiting = task.wait({ webhook: inbox });
    await time.advance(moment);
    if (moment > 0) await deliver("COMPLETED", [IMAGE]);
    const done = await waiting;
    expect(done).toMatchObject({ id: TASK_ID, status: "COMPLETED", images: [{ url: IMAGE }] });
    expect(done.images[0]).toBeInstanceOf(ResultImage);
    expect(polls).toEqual(expected ?? polls);
    expect(signals.every(({ aborted }) => aborted)).toBe(true);
    expect(time.pending).toBe(0);
  });

  it.each([...DEFAULT.statuses, "RESTING"])(
    "takes %s without images as a hint to poll, once, and believes the poll",
    async (status) => {
      const { time, polls, inbox, task, deliver } = await listening(told("IN_PROGRESS"), DONE);
      const waiting = task.wait({ webhook: inbox });
      await time.advance(300);
      for (let n = 0; n < 10; n++) await deliver(status);
      await time.advance(0);
      expect(polls).toEqual([300]);
      expect((await time.until(waiting)).images[0].url).toBe(IMAGE);
      expect(polls).toEqual([300, 3300]);
    },
  );

  it("polls for each new status once, and takes images that follow a COMPLETED without any", async () => {
    const { time, polls, inbox, task, deliver } = await listening(told("IN_PROGRESS"));
    const waiting = task.wait({ webhook: inbox });
    for (const status of ["RESTING", "WAKING", "RESTING", "COMPLETED"]) {
      await time.advance(10);
      await deliver(status);
    }
    await time.advance(10);
    expect(polls).toEqual([10, 20, 40]);
    await deliver("COMPLETED", [IMAGE]);
    expect((await waiting).images).toHaveLength(1);
  });

  it("polls again at once when a hint comes while a poll is in flight", async () => {
    const { time, polls, inbox, task, deliver } = await listening("hang", DONE);
    const waiting = task.wait({ webhook: inbox });
    await time.advance(2500);
    await deliver("IN_PROGRESS");
    await time.until(waiting);
    // The first poll times out after a minute; the second does not wait for its turn.
    expect(polls).toEqual([2000, 62_000]);
  });

  it("ends with a poll that is first, and ignores what comes later", async () => {
    const { time, inbox, task, deliver } = await listening(DONE);
    const done = await time.until(task.wait({ webhook: inbox }));
    await deliver("COMPLETED", ["https://cdn.freepik.com/late.png"]);
    expect(done.images[0].url).toBe(IMAGE);
    expect(time.pending).toBe(0);
  });

  it("is not ended by another task's, not even from a source that mixes up tasks", async () => {
    const { time, inbox, task, event, deliver } = await listening(DONE);
    const foreign = ["COMPLETED", ["https://cdn.freepik.com/b.png"], OTHER] as const;
    await deliver(foreign[0], [...foreign[1]], foreign[2]);
    const mixed = await event(foreign[0], [...foreign[1]], foreign[2]);
    const mixing: WebhookSource = {
      subscribe(_id, listener: (event: WebhookEvent<unknown>) => void) {
        listener(mixed);
        return () => {};
      },
    };
    for (const webhook of [inbox, mixing]) expect((await time.until(task.wait({ webhook }))).images[0].url).toBe(IMAGE);
  });

  it("reaches statuses() too, and every wait for the task", async () => {
    const { time, polls, inbox, task, deliver } = await listening("hang");
    const seen: string[] = [];
    const reading = (async () => {
      for await (const { status } of task.statuses({ webhook: inbox })) seen.push(status);
    })();
    const waits = [task.wait({ webhook: inbox }), task.wait({ webhook: inbox })];
    await time.advance(10);
    await deliver("COMPLETED", [IMAGE]);
    await Promise.all([reading, ...waits]);
    expect([seen, polls]).toEqual([["COMPLETED"], []]);
  });
});

describe("a source of webhooks", () => {
  it.each(["success", "abort", "deadline"])("is unsubscribed from at the end of a wait: %s", async (end) => {
    const { time, inbox, task, deliver } = await listening("hang");
    let subscribed = 0;
    const webhook: WebhookSource = {
      subscribe(...all) {
        subscribed += 1;
        const unsubscribe = inbox.subscribe(...all);
        return () => {
          subscribed -= 1;
          unsubscribe();
          throw new Error("an error here does not change the outcome");
        };
      },
    };
    const controller = new AbortController();
    const waiting = task.wait({ webhook, signal: controller.signal, timeout: 5000 }).then(
      ({ status }) => status,
      ({ code }) => code,
    );
    await time.advance(100);
    expect(subscribed).toBe(1);
    if (end === "success") await deliver("COMPLETED", [IMAGE]);
    if (end === "abort") controller.abort();
    await time.advance(6000);
    expect(await waiting).toBe({ success: "COMPLETED", abort: "aborted", deadline: "wait_timeout" }[end]);
    expect([subscribed, time.pending]).toEqual([0, 0]);
  });

  it("that fails ends the wait with the task's id, and leaves no timer", async () => {
    const { time, task } = await listening("hang");
    const subscribe = (): never => {
      throw new Error("no connection");
    };
    const error = await rejection(task.wait({ webhook: { subscribe } }), MagnificError);
    expect(error).toMatchObject({ code: "aborted", taskId: TASK_ID, cause: { message: "no connection" } });
    expect(time.pending).toBe(0);
  });
});
