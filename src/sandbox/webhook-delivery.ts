/** One delivery of a webhook, from its announcement until it is taken or given up. */
import type { TaskDetail } from "./task.js";

/** What is left to do of a delivery; plain JSON, so that it survives a restart. */
export interface PendingWebhook {
  /** Names this delivery; a doubled one has two of them and one `webhookId`. */
  readonly id: string;
  readonly webhookId: string;
  /** The `webhook_url` of the submit. */
  readonly target: string;
  /** What is announced, with result URLs as paths: the origin may change when the sandbox starts again. */
  readonly detail: TaskDetail;
  /** Signed with a secret that nobody has. */
  readonly forged: boolean;
  /** The next try, from 1. */
  readonly attempt: number;
  /** When that is due; milliseconds since the epoch. */
  readonly dueAt: number;
}

/** The JSON that is sent and signed. */
export function bodyOf({ detail }: PendingWebhook, origin: string): string {
  return JSON.stringify({ ...detail, generated: detail.generated.map((path) => origin + path) });
}
