import { DEFAULT_TASK } from "../contract/default.js";
import type { WebhookDelivery } from "./delivery.js";
import type { WebhookEvent } from "./event.js";
import { unwrapWith, type WebhookOptions } from "./verify.js";

/**
 * Checks a delivery and reads it: `const event = await unwrap(request, { secret })`. Takes a fetch `Request`, or
 * `{ headers, body }` with headers of any shape and the raw body.
 *
 * @throws {WebhookError} whose `fault` says why it is not accepted. Respond with 400 and do nothing.
 * @throws {ConfigurationError} for options that cannot work.
 */
export function unwrap(delivery: WebhookDelivery, options: WebhookOptions = {}): Promise<WebhookEvent> {
  return unwrapWith(delivery, options, (url) => url, DEFAULT_TASK);
}
