/** What a wait hears of its task by webhook. */

import type { WebhookEvent, WebhookSource } from "../webhook/event.js";
import type { ClientContext } from "./context.js";
import { type CompletedTask, parseTask } from "./task.js";

export interface Post {
  /** The task with its images, once a webhook brought them. */
  readonly completed: CompletedTask | undefined;
  /** Whether there is a reason to poll at once. Asking takes it back. */
  takeHint(): boolean;
  /** Called on every piece of news; one listener at a time. */
  onNews: (() => void) | undefined;
  close(): void;
}

/**
 * A COMPLETED event with images is believed, since its signature was checked. Every other one is a hint to poll, once a
 * status: duplicates and late earlier statuses neither end a wait nor make it poll faster.
 */
export function openPost(context: ClientContext, id: string, source: WebhookSource | undefined): Post {
  let completed: CompletedTask | undefined;
  let hint = false;
  const heard = new Set<string>();

  const post: Post = {
    get completed() {
      return completed;
    },
    takeHint() {
      const had = hint;
      hint = false;
      return had;
    },
    onNews: undefined,
    close: () => {},
  };
  const listener = (event: WebhookEvent<unknown>): void => {
    if (completed !== undefined) return;
    completed = completedBy(context, id, event);
    if (completed === undefined) {
      const status = String(event.task.raw.status);
      if (heard.has(status)) return;
      heard.add(status);
      hint = true;
    }
    post.onNews?.();
  };
  const unsubscribe = source?.subscribe(id, listener);
  post.close = () => {
    try {
      unsubscribe?.();
    } catch {
      // What the wait came to is not lost because its source cannot let go.
    }
  };
  return post;
}

function completedBy(context: ClientContext, id: string, event: WebhookEvent<unknown>): CompletedTask | undefined {
  try {
    const task = parseTask(context, id, event.task.raw);
    if (task.status === "COMPLETED") return task;
  } catch {
    // It names no image: the poll will see, or say so.
  }
  return undefined;
}
