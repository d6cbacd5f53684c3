import { describe, expect, it } from "vitest";
import { clientContext, TASK_ID } from "../../test-support/client-context.js";
import type { WebhookEvent } from "../../webhook/event.js";
import { webhookInbox } from "../../webhook/inbox.js";
import { openPost } from "../webhook-listener.js";

const IMAGE = "https://ai-statics.freepik.com/a.jpg";

function ground() {
  const inbox = webhookInbox();
  const post = openPost(clientContext(), TASK_ID, inbox);
  const news: boolean[] = [];
  post.onNews = () => void news.push(post.completed !== undefined);
  let n = 0;
  const hear = (status: string, generated: readonly string[] = [], id = TASK_ID): void => {
    const raw = { task_id: TASK_ID, status, generated };
    const task = { id, images: [], raw, status } as WebhookEvent["task"];
    inbox.deliver({ id: `msg_${++n}`, timestamp: new Date(0), task });
  };
  return { post, news, hear };
}

describe("what a wait hears by webhook", () => {
  it("is nothing without a source", () => {
    const post = openPost(clientContext(), TASK_ID, undefined);
    expect(post.completed).toBeUndefined();
    expect(post.takeHint()).toBe(false);
    expect(() => post.close()).not.toThrow();
  });

  it("COMPLETED with images: the task, and no reason to poll", () => {
    const { post, news, hear } = ground();
    hear("COMPLETED", [IMAGE]);
    expect(post.completed).toMatchObject({ id: TASK_ID, status: "COMPLETED", images: [{ url: IMAGE }] });
    expect(post.takeHint()).toBe(false);
    expect(news).toEqual([true]);
  });

  it("whatever comes after that changes nothing", () => {
    const { post, news, hear } = ground();
    hear("COMPLETED", [IMAGE]);
    const { completed } = post;
    for (const status of ["IN_PROGRESS", "FAILED", "COMPLETED"]) hear(status);
    hear("COMPLETED", ["https://ai-statics.freepik.com/b.jpg"]);
    expect(post.completed).toBe(completed);
    expect(post.takeHint()).toBe(false);
    expect(news).toEqual([true]);
  });

  it.each(["CREATED", "IN_PROGRESS", "FAILED", "CANCELLED", "COMPLETED"])(
    "%s without images: a reason to poll, once",
    (status) => {
      const { post, news, hear } = ground();
      hear(status);
      hear(status);
      expect(post.completed).toBeUndefined();
      expect([post.takeHint(), post.takeHint()]).toEqual([true, false]);
      hear(status);
      expect(post.takeHint()).toBe(false);
      expect(news).toEqual([false]);
    },
  );

  it("each status is a reason of its own, also one that the document does not know", () => {
    const { post, news, hear } = ground();
    for (const status of ["CREATED", "RESTING", "WAKING"]) {
      hear(status);
      expect(post.takeHint()).toBe(true);
    }
    expect(news).toHaveLength(3);
  });

  it("images that come after a COMPLETED one without any are taken", () => {
    const { post, news, hear } = ground();
    hear("COMPLETED");
    hear("COMPLETED", [IMAGE]);
    expect(post.completed?.images).toHaveLength(1);
    expect(news).toEqual([false, true]);
  });

  it.each(["IN_PROGRESS", "FAILED", "RESTING"])("images with %s end nothing", (status) => {
    const { post, hear } = ground();
    hear(status, [IMAGE]);
    expect(post.completed).toBeUndefined();
    expect(post.takeHint()).toBe(true);
  });

  it("nothing any more once it is closed", () => {
    const { post, news, hear } = ground();
    post.close();
    hear("COMPLETED", [IMAGE]);
    expect(post.completed).toBeUndefined();
    expect(news).toEqual([]);
  });
});
