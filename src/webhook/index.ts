/**
 * Webhooks without a client, with WebCrypto only.
 *
 * @module magnific-client/webhook
 */
export type { TaskStatus } from "../contract/default.js";
export { MagnificError } from "../errors/magnific-error.js";
export { ConfigurationError } from "../errors/request-errors.js";
export { WebhookError, type WebhookFault } from "../errors/webhook-error.js";
export type { HeaderValue, WebhookBody, WebhookDelivery, WebhookHeaders } from "./delivery.js";
export type { WebhookEvent, WebhookSource, WebhookTask, WebhookTaskFacts } from "./event.js";
export { type WebhookInbox, type WebhookInboxOptions, webhookInbox } from "./inbox.js";
export { type SeenWebhooks, type SeenWebhooksOptions, seenWebhooks } from "./seen.js";
export { type SignedWebhook, type SignWebhookOptions, signWebhook } from "./sign.js";
export type { SecretEncoding } from "./signature.js";
export { unwrap, type VerifiedWebhook, verify, type WebhookOptions } from "./verify.js";
