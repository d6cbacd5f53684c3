/** Hands webhooks to the waits for their tasks, in one process. */
import { checkOptions, countOf } from "../util/check-options.js";
import type { WebhookEvent, WebhookSource } from "./event.js";

export interface WebhookInbox extends WebhookSource {
  /** Takes an event that `unwrap` returned. Repeated and out of order deliveries do no harm. */
  deliver(event: WebhookEvent<unknown>): void;
}

export interface WebhookInboxOptions {
  /**
   * How many tasks are remembered for a wait that begins after its webhook arrived, which can happen while the response
   * to the submit is still on its way. The oldest are forgotten first. Default: 1,000.
   */
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
        latest.set(id, event);
        for (const oldest of latest.keys()) {
          if (latest.size <= remember) break;
          latest.delete(oldest);
        }
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
