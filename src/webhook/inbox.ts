/** Hands webhooks to the waits for their tasks, in one process. */
import { checkOptions, countOf } from "../util/check-options.js";
import { dropOldest } from "../util/drop-oldest.js";
import type { WebhookEvent, WebhookSource } from "./event.js";

export interface WebhookInbox extends WebhookSource {
  /** Takes an event that `unwrap` returned. Repeated and out of order deliveries do no harm. */
  deliver(event: WebhookEvent<unknown>): void;
}

export interface WebhookInboxOptions {
  /** How many tasks are remembered, the latest ones, for waits that begin after their webhook arrived. Default: 1,000. */
  readonly remember?: number | undefined;
}

type Listener = (event: WebhookEvent<unknown>) => void;

export function webhookInbox(options: WebhookInboxOptions = {}): WebhookInbox {
  checkOptions(options, { remember: countOf(0) });
  const remember = options.remember ?? 1000;
  const latest = new Map<string, WebhookEvent<unknown>>();
  const listeners = new Map<string, Set<Listener>>();

  return {
    deliver(event) {
      const id = event.task.id.toLowerCase();
      // An earlier status that arrives late does not hide the result.
      if (latest.get(id)?.task.status !== "COMPLETED") {
        latest.delete(id);
        dropOldest(latest.set(id, event), remember);
      }
      for (const listener of [...(listeners.get(id) ?? [])]) listener(event);
    },
    subscribe(taskId, listener) {
      const id = taskId.toLowerCase();
      const own = listeners.get(id) ?? new Set();
      // Its own function, so that one listener may subscribe twice.
      const entry: Listener = (event) => listener(event);
      listeners.set(id, own.add(entry));
      const event = latest.get(id);
      if (event !== undefined) listener(event);
      return () => {
        own.delete(entry);
        if (own.size === 0 && listeners.get(id) === own) listeners.delete(id);
      };
    },
  };
}
