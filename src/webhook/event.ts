/** The content of a genuine webhook. */
import type { TaskStatus } from "../contract/default.js";

/** What is known of the task in every status. */
export interface WebhookTaskFacts<Image> {
  readonly id: string;
  /** The results: as `ResultImage` from `magnific.webhooks`, as URLs without a client. A COMPLETED task may name none. */
  readonly images: readonly Image[];
  /** The task as it arrived, with every field that the document does not declare. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** A task at the moment the webhook was sent. Deliveries can come twice and out of order. */
export type WebhookTask<Image = string> = WebhookTaskFacts<Image> &
  (
    | { readonly status: TaskStatus }
    | {
        readonly status: "UNKNOWN";
        /** The status as the provider sends it. */
        readonly wireStatus: string;
      }
  );

export interface WebhookEvent<Image = string> {
  /** `webhook-id`: the same when one delivery arrives twice. */
  readonly id: string;
  /** `webhook-timestamp`: when it was sent. */
  readonly timestamp: Date;
  readonly task: WebhookTask<Image>;
}

/** Where a wait gets webhooks from. `magnific.webhooks.inbox()` is one; several processes need one over their own queue. */
export interface WebhookSource {
  /**
   * Calls the listener for each event about the task, earlier ones included where they are kept; returns what ends that.
   * Only events that `unwrap` returned may arrive here: a COMPLETED one is believed.
   */
  subscribe(taskId: string, listener: (event: WebhookEvent<unknown>) => void): () => void;
}
