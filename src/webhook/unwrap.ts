/** Makes a genuine delivery a typed event. */
import { WebhookError } from "../errors/webhook-error.js";
import { isTaskStatus, type UncheckedTask, urlsOf } from "../task/wire-task.js";
import type { WebhookDelivery } from "./body.js";
import type { WebhookEvent } from "./event.js";
import { check, type VerifiedWebhook, type WebhookOptions } from "./verify.js";

/**
 * Checks a delivery and reads it: `const event = await unwrap(request, { secret })`. Takes a fetch `Request`, or
 * `{ headers, body }` with headers of any shape and the raw body.
 *
 * @throws {WebhookError} whose `fault` says why it is not accepted. Respond with 400 and do nothing.
 * @throws {ConfigurationError} for options that cannot work.
 */
export function unwrap(delivery: WebhookDelivery, options: WebhookOptions = {}): Promise<WebhookEvent> {
  return unwrapWith(delivery, options, (url) => url);
}

/** @internal */
export async function unwrapWith<Image>(
  delivery: WebhookDelivery,
  options: WebhookOptions,
  imageOf: (url: string, taskId: string) => Image,
): Promise<WebhookEvent<Image>> {
  let event: WebhookEvent<Image> | undefined;
  await check(delivery, options, (verified) => {
    event = eventOf(verified, imageOf);
  });
  return event as WebhookEvent<Image>;
}

function eventOf<Image>(
  { id, timestamp, body }: VerifiedWebhook,
  imageOf: (url: string, taskId: string) => Image,
): WebhookEvent<Image> {
  const found = taskIn(body);
  const { task_id: taskId, status } = found;
  if (typeof taskId !== "string" || taskId === "" || typeof status !== "string")
    throw new WebhookError("body_unreadable", "The delivery is genuine, but its body contains no task with a status.", {
      webhookId: id,
    });
  const facts = { id: taskId, images: urlsOf(found).map((url) => imageOf(url, taskId)), raw: { ...found } };
  const task = isTaskStatus(status)
    ? { ...facts, status }
    : { ...facts, status: "UNKNOWN" as const, wireStatus: status };
  return { id, timestamp, task };
}

/**
 * The task, with or without the `data` wrapper that the status operation has: the provider's pages say both. Empty for
 * a body without a task.
 */
function taskIn(body: Uint8Array): UncheckedTask {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    // No valid UTF-8 or JSON, so no task.
  }
  const found = isRecord(value) && !("task_id" in value) ? value.data : value;
  return isRecord(found) ? found : {};
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
