/** Reads a genuine delivery as a typed event. */
import { isTaskStatus, type UncheckedTask, urlsOf } from "../task/wire-task.js";
import { isObject } from "../util/json.js";
import type { WebhookDelivery } from "./delivery.js";
import type { WebhookEvent } from "./event.js";
import { check, type WebhookOptions } from "./verify.js";

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
export function unwrapWith<Image>(
  delivery: WebhookDelivery,
  options: WebhookOptions,
  imageOf: (url: string, taskId: string) => Image,
): Promise<WebhookEvent<Image>> {
  return check(delivery, options, ({ id, timestamp, body }, refuse) => {
    const found = taskIn(body);
    const { task_id: taskId, status } = found;
    if (typeof taskId !== "string" || taskId === "" || typeof status !== "string")
      throw refuse("body_unreadable", "The delivery is genuine, but its body contains no task with a status.");
    const facts = { id: taskId, images: urlsOf(found).map((url) => imageOf(url, taskId)), raw: { ...found } };
    const known = isTaskStatus(status) ? { status } : { status: "UNKNOWN" as const, wireStatus: status };
    return { id, timestamp, task: { ...facts, ...known } };
  });
}

/** With or without the `data` wrapper of the status operation: the provider's pages say both. Empty where there is no task. */
function taskIn(body: Uint8Array): UncheckedTask {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    // Not valid UTF-8 or JSON, so there is no task.
  }
  const found = isObject(value) && !("task_id" in value) ? value.data : value;
  return isObject(found) ? found : {};
}
