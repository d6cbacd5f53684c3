/** What a webhook says, once it is known to be genuine. */
import type { TaskStatus } from "../task/detail.js";

/** What is known of the task in every status. */
export interface WebhookTaskFacts<Image> {
  readonly id: string;
  /** The results: as `ResultImage` from `magnific.webhooks`, as URLs without a client. A COMPLETED task may name none. */
  readonly images: readonly Image[];
  /** The task as it came, with every field that the document does not declare. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** A task at the moment the webhook was sent. Deliveries can come twice and out of order. */
export type WebhookTask<Image = string> = WebhookTaskFacts<Image> &
  (
    | { readonly status: TaskStatus }
    | {
        readonly status: "UNKNOWN";
        /** The status as the provider says it. */
        readonly wireStatus: string;
      }
  );

export interface WebhookEvent<Image = string> {
  /** `webhook-id`: the same when one delivery comes twice. */
  readonly id: string;
  /** `webhook-timestamp`: when it was sent. */
  readonly timestamp: Date;
  readonly task: WebhookTask<Image>;
}

/** Where a wait hears of webhooks. `magnific.webhooks.inbox()` is one; several processes need one over their own queue. */
export interface WebhookSource {
  /**
   * Calls the listener for each event about the task, those from before the call included where they are kept.
   * Only events that `unwrap` returned may arrive here: a COMPLETED one is believed.
   *
   * @returns Ends it.
   */
  subscribe(taskId: string, listener: (event: WebhookEvent<unknown>) => void): () => void;
}
