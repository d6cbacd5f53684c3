/** Webhooks as a client offers them: `magnific.webhooks`. */

import type { CallEnvironment } from "../http/call.js";
import type { Settings } from "../options.js";
import { ResultImage } from "../result/result-image.js";
import { withDefaults } from "../util/check-options.js";
import { isObject } from "../util/json.js";
import type { WebhookDelivery } from "./delivery.js";
import type { WebhookEvent } from "./event.js";
import { type WebhookInbox, type WebhookInboxOptions, webhookInbox } from "./inbox.js";
import type { VerifiedWebhook, WebhookOptions } from "./verify.js";

export interface ClientWebhooks {
  /**
   * Checks a delivery, a fetch `Request` or its headers and raw body, and reads it; its images are ready to be saved.
   *
   * @throws {WebhookError} whose `fault` says why it is not accepted. Respond with 400 and do nothing.
   */
  unwrap(delivery: WebhookDelivery, options?: WebhookOptions): Promise<WebhookEvent<ResultImage>>;
  /** Checks a delivery without reading it. @throws {WebhookError} */
  verify(delivery: WebhookDelivery, options?: WebhookOptions): Promise<VerifiedWebhook>;
  /** Brings webhooks to waits in this process: `inbox.deliver(event)`, and `task.wait({ webhook: inbox })`. */
  inbox(options?: WebhookInboxOptions): WebhookInbox;
}

export function clientWebhooks(
  ready: () => Promise<CallEnvironment>,
  { time, webhooks }: Pick<Settings, "time" | "webhooks">,
): ClientWebhooks {
  const own = withDefaults<WebhookOptions>({ now: () => time.now() }, webhooks);
  // Deliveries are read by code that is loaded with the first one: most programs have no webhooks. It checks the options.
  const merged = (options: WebhookOptions = {}): WebhookOptions =>
    isObject(options) ? withDefaults(own, options) : options;
  return {
    unwrap: async (delivery, options) => {
      const { unwrapWith } = await import("./verify.js");
      const { settings, contract } = await ready();
      const imageOf = (url: string, taskId: string): ResultImage => new ResultImage(settings, url, taskId);
      return unwrapWith(delivery, merged(options), imageOf, contract);
    },
    verify: async (delivery, options) => {
      const { verify } = await import("./verify.js");
      return verify(delivery, merged(options));
    },
    inbox: webhookInbox,
  };
}
