/** What a wait learns of its task by webhook. */
import type { WebhookEvent, WebhookSource } from "../webhook/event.js";
import type { ClientContext } from "./context.js";
import { type CompletedTask, parseTask } from "./task.js";

/**
 * A COMPLETED event with images is believed, since its signature was checked. Every other one is a hint to poll, once for
 * each status: duplicates and late earlier statuses neither end a wait nor make it poll faster.
 */
export class WebhookListener {
  /** The task with its images, once a webhook brought them. */
  completed: CompletedTask | undefined;
  /** Called on every piece of news; one listener at a time. */
  onNews: (() => void) | undefined;
  #hint = false;
  readonly #context: ClientContext;
  readonly #id: string;
  readonly #heard = new Set<string>();
  readonly #unsubscribe: (() => void) | undefined;

  constructor(context: ClientContext, id: string, source: WebhookSource | undefined) {
    this.#context = context;
    this.#id = id;
    this.#unsubscribe = source?.subscribe(id, (event) => this.#hear(event));
  }

  /** Whether there is a reason to poll at once; resets it. */
  takeHint(): boolean {
    const hint = this.#hint;
    this.#hint = false;
    return hint;
  }

  close(): void {
    try {
      this.#unsubscribe?.();
    } catch {
      // The outcome of the wait is not lost because its source fails to unsubscribe.
    }
  }

  #hear({ task: { raw } }: WebhookEvent<unknown>): void {
    if (this.completed !== undefined) return;
    try {
      const task = parseTask(this.#context, this.#id, raw);
      if (task.status === "COMPLETED") this.completed = task;
    } catch {
      // It names no image, or is about another task: the poll will show.
    }
    if (this.completed === undefined) {
      const status = String(raw.status);
      if (this.#heard.has(status)) return;
      this.#heard.add(status);
      this.#hint = true;
    }
    this.onNews?.();
  }
}
