/** Tells genuine deliveries from all others, and reads them as typed events. */
import { type TaskFacts, type UncheckedTask, unwrapped } from "../contract/contract.js";
import { DEFAULT_TASK } from "../contract/default.js";
import { TimeoutError } from "../errors/network-errors.js";
import { WebhookError } from "../errors/webhook-error.js";
import { statusOf, urlsOf } from "../task/task-status.js";
import { abortScope, inScope, orAborted } from "../util/abort-scope.js";
import * as option from "../util/check-options.js";
import { isObject } from "../util/json.js";
import { systemTime } from "../util/time.js";
import { headerReader, isRequest, type Refuse, rawBody, type WebhookDelivery } from "./delivery.js";
import type { WebhookEvent } from "./event.js";
import type { SeenWebhooks } from "./seen.js";
import { hmacKey, mismatch, type SecretEncoding, secretsOf, signedBytes } from "./signature.js";

export interface WebhookOptions {
  /** The webhook secret, or several while one replaces another. Default: the environment's `MAGNIFIC_WEBHOOK_SECRET`. */
  readonly secret?: string | readonly string[] | undefined;
  /**
   * How the secret stands for the key. Default: `"utf8"`, its own bytes; `"base64"` for a secret that begins with `whsec_`, as
   * Standard Webhooks has it: what follows the prefix is decoded.
   */
  readonly encoding?: SecretEncoding | undefined;
  /** Seconds that the delivery's timestamp may lie in the past or the future. Default: 300. */
  readonly tolerance?: number | undefined;
  /** Refuses a delivery whose id arrived before, as `replayed`. Default: none, duplicates pass. */
  readonly seen?: SeenWebhooks | undefined;
  /**
   * Milliseconds in which the body has to arrive, and in which `seen` has to answer: whoever sends a delivery may stall.
   * Default 10,000. `Infinity` for no limit.
   */
  readonly timeout?: number | undefined;
  /** The current moment in milliseconds since the epoch. Default: `Date.now`. */
  readonly now?: (() => number) | undefined;
}

/** `webhook-id` and `webhook-timestamp` of a genuine delivery, and its body. */
export interface VerifiedWebhook {
  readonly id: string;
  readonly timestamp: Date;
  /** The raw body that was signed. */
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Secret and encoding are checked where they are used, with errors of their own. */
const WEBHOOK_OPTIONS: option.Kinds = {
  secret: option.ANYTHING,
  encoding: option.ANYTHING,
  tolerance: option.atLeast(0),
  seen: option.having("a SeenWebhooks", ["add"]),
  timeout: option.atLeast(1),
  now: option.A_FUNCTION,
};
const DEFAULTS = { tolerance: 300, timeout: 10_000, now: (): number => Date.now() };
const LATEST = 8_640_000_000_000_000;

/**
 * Checks a delivery; a fetch `Request` can still be read afterwards. @throws {WebhookError} as `unwrap` does.
 * @throws {ConfigurationError} for options that cannot work.
 */
export function verify(delivery: WebhookDelivery, options: WebhookOptions = {}): Promise<VerifiedWebhook> {
  const unread = isRequest(delivery) && !delivery.bodyUsed;
  return check(unread ? delivery.clone() : delivery, options, (verified) => verified);
}

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

/** @internal */
export function unwrapWith<Image>(
  delivery: WebhookDelivery,
  options: WebhookOptions,
  imageOf: (url: string, taskId: string) => Image,
  facts: TaskFacts,
): Promise<WebhookEvent<Image>> {
  return check(delivery, options, ({ id, timestamp, body }, refuse) => {
    const found = taskIn(facts, body);
    const { [facts.id]: taskId, [facts.status]: sent } = found;
    if (typeof taskId !== "string" || taskId === "" || typeof sent !== "string")
      throw refuse("body_unreadable", "The delivery is genuine, but its body contains no task with a status.");
    const images = urlsOf(facts, found).map((url) => imageOf(url, taskId));
    const status = statusOf(facts, sent);
    const known = status === "UNKNOWN" ? { status, wireStatus: sent } : { status };
    return { id, timestamp, task: { id: taskId, images, raw: { ...found }, ...known } };
  });
}

/** With or without the `data` wrapper of the status operation: the provider's pages say both. Empty where there is no task. */
function taskIn(facts: TaskFacts, body: Uint8Array): UncheckedTask {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    // Not valid UTF-8 or JSON, so there is no task.
  }
  const found = isObject(value) && !(facts.id in value) ? unwrapped(facts, value) : value;
  return isObject(found) ? found : {};
}

/** `read` may still refuse the body before the id counts as seen: such a delivery may be retried. */
async function check<T>(
  delivery: WebhookDelivery,
  options: WebhookOptions,
  read: (verified: VerifiedWebhook, refuse: Refuse) => T,
): Promise<T> {
  option.checkOptions(options, WEBHOOK_OPTIONS);
  const { tolerance, timeout, now } = option.withDefaults(DEFAULTS, options);
  const encoding = options.encoding ?? undefined;
  const secrets = secretsOf(options.secret);
  const keys = await Promise.all(secrets.map((secret) => hmacKey(secret, encoding)));
  const header = headerReader(delivery);
  const [id, seconds, signature] = [header("webhook-id"), header("webhook-timestamp"), header("webhook-signature")];
  const refuse: Refuse = (fault, message, cause) => new WebhookError(fault, message, { webhookId: id, cause });
  const moment = momentOf(seconds, refuse);

  const body = await within(timeout, (signal) => rawBody(delivery, refuse, signal));
  const signed = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => signedBytes(id, seconds, bytes);
  const fault = await mismatch(signature, keys, signed, body, secrets, encoding);
  if (fault !== undefined) throw refuse("signature_mismatch", `No signature matches. ${fault}`);
  // After the signature, so that an error about clocks means that the delivery is genuine.
  ensureRecent(moment, now(), tolerance, refuse);
  const result = read({ id, timestamp: new Date(moment), body }, refuse);
  const until = new Date(Math.min(LATEST, moment + tolerance * 1000));
  const { seen } = options;
  if (seen && !(await within(timeout, (signal) => orAborted(signal, isNew(seen, id, until))))) {
    const message = `The delivery ${id} arrived before. Respond with 2xx, so that it is not retried, and do nothing.`;
    throw refuse("replayed", message);
  }
  return result;
}

/** @throws {TimeoutError} where the work has no error of its own for a signal that fires. */
function within<T>(timeout: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const scope = abortScope(systemTime, timeout);
  const late = `\`seen\` did not answer within ${timeout} ms. The delivery is genuine: respond with 503, so that it is retried.`;
  return inScope(scope, work, (error) => (error === scope.signal.reason ? new TimeoutError(late) : error));
}

async function isNew(seen: SeenWebhooks, id: string, until: Date): Promise<boolean> {
  return seen.add(id, until);
}

function momentOf(timestamp: string, refuse: Refuse): number {
  if (/^\d{1,11}$/.test(timestamp)) return Number(timestamp) * 1000;
  const hint = /^\d{12,}$/.test(timestamp) ? " It looks like milliseconds." : "";
  const shown = JSON.stringify(timestamp.slice(0, 40));
  throw refuse("timestamp_invalid", `The header webhook-timestamp is not in seconds since the epoch: ${shown}.${hint}`);
}

function ensureRecent(moment: number, now: number, tolerance: number, refuse: Refuse): void {
  const late = now - moment;
  // Written so that a clock of NaN lets nothing pass.
  if (Math.abs(late) <= tolerance * 1000) return;
  const [fault, when, why] =
    late > 0
      ? (["too_old", "ago", "It was replayed or delayed, or the clock is fast"] as const)
      : (["too_new", "in the future", "The clock is slow"] as const);
  const sent = `sent ${Math.round(Math.abs(late) / 1000)} s ${when}, and \`tolerance\` is ${tolerance} s`;
  const date = new Date(now);
  const clock = `this machine's clock says ${Number.isNaN(date.getTime()) ? String(now) : date.toISOString()}`;
  throw refuse(fault, `The signature is valid, but the delivery was ${sent}. ${why}: ${clock}.`);
}
