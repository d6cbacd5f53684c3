import { type ErrorFacts, MagnificError } from "./magnific-error.js";

/** Why a delivery is refused. */
export type WebhookFault =
  | "secret_missing"
  | "header_missing"
  | "timestamp_invalid"
  | "too_old"
  | "too_new"
  | "signature_mismatch"
  | "replayed"
  | "body_parsed"
  | "body_unreadable";

/** A webhook delivery is not genuine, too old, or cannot be read. `code: "webhook_invalid"`; `fault` says which. */
export class WebhookError extends MagnificError {
  override readonly name = "WebhookError";
  static override readonly code = "webhook_invalid";
  declare readonly code: "webhook_invalid";
  readonly fault: WebhookFault;
  /** The `webhook-id` of the delivery, where it has one. */
  declare readonly webhookId?: string;

  constructor(fault: WebhookFault, message: string, facts: ErrorFacts & { webhookId?: string | undefined } = {}) {
    super(message, facts);
    this.fault = fault;
  }
}
