/** Tells genuine deliveries from all others. */
import { WebhookError } from "../errors/webhook-error.js";
import { A_FUNCTION, ANYTHING, atLeast, checkOptions, having, type Kinds } from "../util/check-options.js";
import { isRequest, rawBody, type WebhookDelivery } from "./body.js";
import { signedHeaders } from "./headers.js";
import { whyNoMatch } from "./mismatch.js";
import type { SeenWebhooks } from "./seen.js";
import { anyMatches, hmacKey, type SecretEncoding, secretsOf, signaturesOf, signedBytes } from "./signature.js";

export interface WebhookOptions {
  /** The webhook secret, or several while one replaces another. Default: the environment's `MAGNIFIC_WEBHOOK_SECRET`. */
  readonly secret?: string | readonly string[] | undefined;
  /** How the secret stands for the key. Default: `"utf8"`, its own bytes. */
  readonly encoding?: SecretEncoding | undefined;
  /** Seconds that the delivery's timestamp may lie in the past or the future. Default: 300. */
  readonly tolerance?: number | undefined;
  /** Refuses a delivery whose id arrived before, as `replayed`. Default: none, duplicates pass. */
  readonly seen?: SeenWebhooks | undefined;
  /** The current moment in milliseconds since the epoch. Default: `Date.now`. */
  readonly now?: (() => number) | undefined;
}

export interface VerifiedWebhook {
  /** `webhook-id` */
  readonly id: string;
  /** `webhook-timestamp` */
  readonly timestamp: Date;
  /** The raw body that was signed. */
  readonly body: Uint8Array<ArrayBuffer>;
}

/** @internal Secret and encoding are checked where they are used, with errors of their own. */
export const WEBHOOK_OPTIONS: Kinds = {
  secret: ANYTHING,
  encoding: ANYTHING,
  tolerance: atLeast(0),
  seen: having("a SeenWebhooks", ["add"]),
  now: A_FUNCTION,
};
const LATEST = 8_640_000_000_000_000;

/**
 * Checks a delivery. A fetch `Request` can still be read afterwards.
 *
 * @throws {WebhookError} whose `fault` says why it is not accepted. @throws {ConfigurationError} for options that cannot work.
 */
export function verify(delivery: WebhookDelivery, options: WebhookOptions = {}): Promise<VerifiedWebhook> {
  const unread = isRequest(delivery) && !delivery.bodyUsed;
  return check(unread ? delivery.clone() : delivery, options, () => {});
}

/** @internal `accept` may still refuse the body before the id counts as seen: such a delivery may be sent again. */
export async function check(
  delivery: WebhookDelivery,
  options: WebhookOptions,
  accept: (verified: VerifiedWebhook) => void,
): Promise<VerifiedWebhook> {
  checkOptions(options, WEBHOOK_OPTIONS);
  const { seen } = options;
  const encoding = options.encoding ?? "utf8";
  const now = options.now ?? Date.now;
  const tolerance = options.tolerance ?? 300;
  const secrets = secretsOf(options.secret);
  const keys = await Promise.all(secrets.map((secret) => hmacKey(secret, encoding)));
  const headers = signedHeaders(delivery?.headers);
  const { id } = headers;
  const moment = momentOf(headers.timestamp, id);

  const body = await rawBody(delivery, id);
  if (!(await anyMatches(keys, signaturesOf(headers.signature), signedBytes(headers, body)))) {
    const reason = await whyNoMatch(headers, body, secrets, encoding);
    throw new WebhookError("signature_mismatch", `No signature matches. ${reason}`, { webhookId: id });
  }
  ensureRecent(moment, now(), tolerance, id);
  const verified = { id, timestamp: new Date(moment), body };
  accept(verified);
  const until = new Date(Math.min(LATEST, moment + tolerance * 1000));
  if (seen && !(await seen.add(id, until)))
    throw new WebhookError(
      "replayed",
      `The delivery ${id} arrived before. Respond with 2xx, so that it is not sent again, and do nothing.`,
      { webhookId: id },
    );
  return verified;
}

/** Milliseconds of a timestamp in seconds. */
function momentOf(timestamp: string, webhookId: string): number {
  if (/^\d{1,11}$/.test(timestamp)) return Number(timestamp) * 1000;
  const hint = /^\d{12,}$/.test(timestamp) ? " It looks like milliseconds." : "";
  const message = `The header webhook-timestamp is not in seconds since the epoch: ${JSON.stringify(timestamp.slice(0, 40))}.${hint}`;
  throw new WebhookError("timestamp_invalid", message, { webhookId });
}

/** Checked after the signature, so that an error about clocks means that the delivery is genuine. */
function ensureRecent(moment: number, now: number, tolerance: number, webhookId: string): void {
  const late = now - moment;
  // Written so that a clock of NaN lets nothing pass.
  if (Math.abs(late) <= tolerance * 1000) return;
  const age = Math.round(late / 1000);
  const clock = `this machine's clock says ${new Date(now).toISOString()}`;
  const [fault, when, why] =
    late > 0
      ? (["too_old", `${age} s ago`, "It was replayed or delayed, or the clock is fast"] as const)
      : (["too_new", `${-age} s in the future`, "The clock is slow"] as const);
  throw new WebhookError(
    fault,
    `The signature is valid, but the delivery was sent ${when}, and \`tolerance\` is ${tolerance} s. ${why}: ${clock}.`,
    { webhookId },
  );
}
