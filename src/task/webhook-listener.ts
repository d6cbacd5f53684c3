/** What a wait learns of its task by webhook. */
import type { CallEnvironment } from "../http/call.js";
import type { WebhookSource } from "../webhook/event.js";
import { type CompletedTask, parseTask } from "./task.js";

/**
 * A COMPLETED event with images is believed, since its signature was checked. Every other one is a hint to poll, once for
 * each status: duplicates and late earlier statuses neither end a wait nor make it poll faster.
 */
export class WebhookListener {
  /** The task with its images, once a webhook brought them. */
  completed: CompletedTask | undefined;
  /** Aborts with `completed`. */
  readonly done = new AbortController();
  /** Aborts with the next piece of news; replaced by whoever acts on it. */
  news = new AbortController();
  readonly #unsubscribe: (() => void) | undefined;

  constructor(environment: CallEnvironment, id: string, source: WebhookSource | undefined) {
    const heard = new Set<string>();
    this.#unsubscribe = source?.subscribe(id, ({ task: { raw } }) => {
      if (this.completed !== undefined) return;
      try {
        const task = parseTask(environment, id, raw);
        if (task.status === "COMPLETED") this.completed = task;
      } catch {
        // It names no image, or is about another task: the poll will show.
      }
      const status = String(raw[environment.contract.status]);
      if (this.completed !== undefined) this.done.abort();
      else if (heard.has(status)) return;
      heard.add(status);
      this.news.abort();
    });
  }

  close(): void {
    try {
      this.#unsubscribe?.();
    } catch {
      // The outcome of the wait is not lost because its source fails to unsubscribe.
    }
  }
}
