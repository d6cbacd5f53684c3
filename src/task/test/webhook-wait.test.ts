import { describe, expect, it } from "vitest";
import type { CheckedResponse, WireTaskDetail } from "../../api/wire.js";
import { ServerError } from "../../errors/api-error.js";
import { AbortedError } from "../../errors/network-errors.js";
import { ResultImage } from "../../result/result-image.js";
import { answer, clientContext, TASK_ID } from "../../test-support/client-context.js";
import { rejection } from "../../test-support/rejection.js";
import { VirtualTime } from "../../test-support/virtual-time.js";
import { clientWebhooks } from "../../webhook/client-webhooks.js";
import type { WebhookEvent, WebhookSource } from "../../webhook/event.js";
import { signWebhook, webhookInbox } from "../../webhook/index.js";
import { taskHandle } from "../handle.js";

const IMAGE = "https://ai-statics.freepik.com/completed_task_image.jpg";
const SECRET = "test-secret";

function ground(...steps: readonly (CheckedResponse<WireTaskDetail> | Error | "hang")[]) {
  const time = new VirtualTime();
  const start = time.now();
  const polls: number[] = [];
  const signals: (AbortSignal | undefined)[] = [];
  const context = clientContext({
    time,
    fetchTask: (_id, { signal }) => {
      const step = steps[Math.min(polls.length, steps.length - 1)] ?? "hang";
      polls.push(time.now() - start);
      signals.push(signal);
      if (step === "hang") return new Promise(() => {});
      return step instanceof Error ? Promise.reject(step) : Promise.resolve(step);
    },
  });
  const webhooks = clientWebhooks(context, { secret: SECRET });
  /** Signed as the provider does, and unwrapped as an application does. */
  const event = async (status: string, generated: string[] = [], id = TASK_ID) => {
    const timestamp = new Date(time.now());
    return webhooks.unwrap(await signWebhook({ body: { task_id: id, status, generated }, secret: SECRET, timestamp }));
  };
  const inbox = webhooks.inbox();
  return {
    time,
    polls,
    signals,
    context,
    webhooks,
    inbox,
    event,
    task: taskHandle(context, TASK_ID, { status: "CREATED" }),
  };
}

describe("a wait that hears webhooks", () => {
  // @tests StatusesOptions.webhook
  it("ends at once with the images of a COMPLETED one, without a poll", async () => {
    const { time, polls, inbox, event, task } = ground();
    const waiting = task.wait({ webhook: inbox });
    await time.advance(500);
    inbox.deliver(await event("COMPLETED", [IMAGE]));
    const done = await waiting;
    expect(done).toMatchObject({ id: TASK_ID, status: "COMPLETED", images: [{ url: IMAGE }] });
    expect(done.images[0]).toBeInstanceOf(ResultImage);
    expect(polls).toEqual([]);
    expect(time.pending).toBe(0);
  });

  it("ends a poll in flight with it", async () => {
    const { time, polls, signals, inbox, event, task } = ground("hang");
    const waiting = task.wait({ webhook: inbox });
    await time.advance(2500);
    inbox.deliver(await event("COMPLETED", [IMAGE]));
    expect((await waiting).images[0].url).toBe(IMAGE);
    expect(polls).toHaveLength(1);
    expect(signals[0]?.aborted).toBe(true);
    expect(time.pending).toBe(0);
  });

  it("hears one that came before the wait began", async () => {
    const { polls, inbox, event, task } = ground();
    inbox.deliver(await event("COMPLETED", [IMAGE]));
    inbox.deliver(await event("IN_PROGRESS"));
    expect((await task.wait({ webhook: inbox })).images).toHaveLength(1);
    expect(polls).toEqual([]);
  });

  it("lets the poll win when it is first", async () => {
    const { time, inbox, event, task } = ground(answer("COMPLETED", [IMAGE]));
    const done = await time.until(task.wait({ webhook: inbox }));
    inbox.deliver(await event("COMPLETED", ["https://cdn.freepik.com/late.png"]));
    inbox.deliver(await event("IN_PROGRESS"));
    expect(done.images[0].url).toBe(IMAGE);
    expect(time.pending).toBe(0);
  });

  it.each(["FAILED", "IN_PROGRESS", "CANCELLED"])("takes %s as a hint to poll, once", async (status) => {
    const { time, polls, inbox, event, task } = ground(answer("IN_PROGRESS"), answer("COMPLETED", [IMAGE]));
    const waiting = task.wait({ webhook: inbox });
    await time.advance(300);
    for (let n = 0; n < 50; n++) inbox.deliver(await event(status));
    await time.advance(0);
    expect(polls).toEqual([300]);
    await time.until(waiting);
    expect(polls).toEqual([300, 3300]);
  });

  it("believes the poll, not the webhook, that a task failed", async () => {
    const { time, polls, inbox, event, task } = ground(answer("FAILED"));
    const waiting = task.wait({ webhook: inbox });
    waiting.catch(() => {});
    await time.advance(100);
    inbox.deliver(await event("FAILED"));
    await expect(waiting).rejects.toMatchObject({ code: "task_failed", taskId: TASK_ID });
    expect(polls).toEqual([100]);
  });

  it("polls when a COMPLETED one names no image", async () => {
    const { time, polls, inbox, event, task } = ground(answer("COMPLETED", [IMAGE]));
    const waiting = task.wait({ webhook: inbox });
    await time.advance(100);
    inbox.deliver(await event("COMPLETED"));
    expect((await waiting).images[0].url).toBe(IMAGE);
    expect(polls).toEqual([100]);
  });

  it("polls for each new status once, and takes images that follow a COMPLETED without any", async () => {
    const { time, polls, inbox, event, task } = ground(answer("IN_PROGRESS"));
    const waiting = task.wait({ webhook: inbox });
    for (const status of ["RESTING", "WAKING", "RESTING", "COMPLETED"]) {
      await time.advance(10);
      inbox.deliver(await event(status));
    }
    await time.advance(10);
    expect(polls).toEqual([10, 20, 40]);
    inbox.deliver(await event("COMPLETED", [IMAGE]));
    expect((await waiting).images).toHaveLength(1);
  });

  it("polls again at once when a hint comes while a poll is under way", async () => {
    const { time, polls, inbox, event, context } = ground();
    const steps = [answer("IN_PROGRESS"), answer("COMPLETED", [IMAGE])];
    const delivered = await event("IN_PROGRESS");
    const own = {
      ...context,
      fetchTask: async () => {
        polls.push(0);
        if (polls.length === 1) inbox.deliver(delivered);
        return steps[polls.length - 1] ?? answer("FAILED");
      },
    };
    await time.until(taskHandle(own, TASK_ID, {}).wait({ webhook: inbox }));
    expect(time.now() - Date.UTC(2026, 0, 1)).toBe(2000);
    expect(polls).toHaveLength(2);
  });

  it("outlives a provider that answers nothing but errors", async () => {
    const { time, inbox, event, task } = ground(new ServerError("down", { status: 503 }));
    const waiting = task.wait({ webhook: inbox });
    await time.advance(600_000);
    inbox.deliver(await event("COMPLETED", [IMAGE]));
    expect((await waiting).images).toHaveLength(1);
  });

  it("is not ended by another task's", async () => {
    const { time, polls, inbox, event, task } = ground(answer("COMPLETED", [IMAGE]));
    inbox.deliver(await event("COMPLETED", ["https://cdn.freepik.com/b.png"], "11111111-2222-3333-4444-555555555555"));
    const done = await time.until(task.wait({ webhook: inbox }));
    expect(done.images[0].url).toBe(IMAGE);
    expect(polls).toEqual([2000]);
  });

  it("does not trust a source that mixes up tasks", async () => {
    const { time, event, task } = ground(answer("COMPLETED", [IMAGE]));
    const foreign = await event("COMPLETED", ["https://cdn.freepik.com/b.png"], "11111111-2222-3333-4444-555555555555");
    const mixed = {
      subscribe(_id: string, listener: (event: WebhookEvent<unknown>) => void) {
        listener(foreign);
        return () => {};
      },
    };
    expect((await time.until(task.wait({ webhook: mixed }))).images[0].url).toBe(IMAGE);
  });

  it("reaches statuses() too, and every wait for the task", async () => {
    const { time, inbox, event, task, polls } = ground();
    const seen: string[] = [];
    const reading = (async () => {
      for await (const { status } of task.statuses({ webhook: inbox })) seen.push(status);
    })();
    const waits = [task.wait({ webhook: inbox }), task.wait({ webhook: inbox })];
    await time.advance(10);
    inbox.deliver(await event("COMPLETED", [IMAGE]));
    await Promise.all([reading, ...waits]);
    expect(seen).toEqual(["COMPLETED"]);
    expect(polls).toEqual([]);
  });

  it.each(["success", "abort", "deadline"])("unsubscribes: %s", async (end) => {
    const { time, event, task } = ground("hang");
    const inbox = webhookInbox();
    let subscribed = 0;
    const counted = {
      subscribe(...given: Parameters<typeof inbox.subscribe>) {
        subscribed += 1;
        const unsubscribe = inbox.subscribe(...given);
        return () => {
          subscribed -= 1;
          unsubscribe();
        };
      },
    };
    const controller = new AbortController();
    const waiting = task.wait({ webhook: counted, signal: controller.signal, timeout: 5000 }).catch(() => {});
    await time.advance(100);
    expect(subscribed).toBe(1);
    if (end === "success") inbox.deliver(await event("COMPLETED", [IMAGE]));
    if (end === "abort") controller.abort();
    await time.advance(6000);
    await waiting;
    expect(subscribed).toBe(0);
    expect(time.pending).toBe(0);
  });
});

describe("a source of webhooks that fails", () => {
  it("ends the wait with the task's id, and leaves no timer", async () => {
    const { time, task } = ground();
    const before = time.pending;
    const subscribe = (): never => {
      throw new Error("no connection");
    };
    const error = await rejection(task.wait({ webhook: { subscribe } }), AbortedError);
    expect(error).toMatchObject({ taskId: TASK_ID, cause: expect.objectContaining({ message: "no connection" }) });
    expect(time.pending).toBe(before);
  });

  it("does not take away what the wait came to, when it cannot let go", async () => {
    const { time, inbox, event, task } = ground();
    const webhook: WebhookSource = {
      subscribe: (...all) => {
        inbox.subscribe(...all);
        return () => {
          throw new Error("gone already");
        };
      },
    };
    const waiting = task.wait({ webhook });
    await time.advance(500);
    inbox.deliver(await event("COMPLETED", [IMAGE]));
    expect((await waiting).status).toBe("COMPLETED");
  });
});
