/** Tells genuine deliveries from all others. */
import { WebhookError } from "../errors/webhook-error.js";
import {
  A_FUNCTION,
  ANYTHING,
  atLeast,
  checkOptions,
  having,
  type Kinds,
  withDefaults,
} from "../util/check-options.js";
import { headerReader, isRequest, type Refuse, rawBody, type WebhookDelivery } from "./delivery.js";
import type { SeenWebhooks } from "./seen.js";
import {
  anyMatches,
  hmacKey,
  type SecretEncoding,
  secretsOf,
  signaturesOf,
  signedBytes,
  whyNoMatch,
} from "./signature.js";

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
const DEFAULTS = { encoding: "utf8" as SecretEncoding, tolerance: 300, now: (): number => Date.now() };
const LATEST = 8_640_000_000_000_000;

/**
 * Checks a delivery. A fetch `Request` can still be read afterwards.
 *
 * @throws {WebhookError} whose `fault` says why it is not accepted. @throws {ConfigurationError} for options that cannot work.
 */
export function verify(delivery: WebhookDelivery, options: WebhookOptions = {}): Promise<VerifiedWebhook> {
  const unread = isRequest(delivery) && !delivery.bodyUsed;
  return check(unread ? delivery.clone() : delivery, options, (verified) => verified);
}

/** @internal `read` may still refuse the body before the id counts as seen: such a delivery may be sent again. */
export async function check<T>(
  delivery: WebhookDelivery,
  options: WebhookOptions,
  read: (verified: VerifiedWebhook, refuse: Refuse) => T,
): Promise<T> {
  checkOptions(options, WEBHOOK_OPTIONS);
  const { encoding, tolerance, now } = withDefaults(DEFAULTS, options);
  const secrets = secretsOf(options.secret);
  const keys = await Promise.all(secrets.map((secret) => hmacKey(secret, encoding)));
  const header = headerReader(delivery?.headers);
  const [id, seconds, signature] = [header("webhook-id"), header("webhook-timestamp"), header("webhook-signature")];
  const refuse: Refuse = (fault, message, cause) => new WebhookError(fault, message, { webhookId: id, cause });
  const moment = momentOf(seconds, refuse);

  const body = await rawBody(delivery, refuse);
  const signed = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => signedBytes(id, seconds, bytes);
  const signatures = signaturesOf(signature);
  const verdicts = await Promise.all(keys.map((key) => anyMatches(key, signatures, signed(body))));
  if (!verdicts.includes(true)) {
    const reason = await whyNoMatch(signatures, signed, body, secrets, encoding);
    throw refuse("signature_mismatch", `No signature matches. ${reason}`);
  }
  ensureRecent(moment, now(), tolerance, refuse);
  const result = read({ id, timestamp: new Date(moment), body }, refuse);
  const until = new Date(Math.min(LATEST, moment + tolerance * 1000));
  if (options.seen && !(await options.seen.add(id, until))) {
    const message = `The delivery ${id} arrived before. Respond with 2xx, so that it is not sent again, and do nothing.`;
    throw refuse("replayed", message);
  }
  return result;
}

/** Milliseconds of a timestamp in seconds. */
function momentOf(timestamp: string, refuse: Refuse): number {
  if (/^\d{1,11}$/.test(timestamp)) return Number(timestamp) * 1000;
  const hint = /^\d{12,}$/.test(timestamp) ? " It looks like milliseconds." : "";
  const shown = JSON.stringify(timestamp.slice(0, 40));
  throw refuse("timestamp_invalid", `The header webhook-timestamp is not in seconds since the epoch: ${shown}.${hint}`);
}

/** Checked after the signature, so that an error about clocks means that the delivery is genuine. */
function ensureRecent(moment: number, now: number, tolerance: number, refuse: Refuse): void {
  const late = now - moment;
  // Written so that a clock of NaN lets nothing pass.
  if (Math.abs(late) <= tolerance * 1000) return;
  const age = Math.round(Math.abs(late) / 1000);
  const sent = late > 0 ? `${age} s ago` : `${age} s in the future`;
  const why = late > 0 ? "It was replayed or delayed, or the clock is fast" : "The clock is slow";
  throw refuse(
    late > 0 ? "too_old" : "too_new",
    `The signature is valid, but the delivery was sent ${sent}, and \`tolerance\` is ${tolerance} s. ${why}: this machine's clock says ${new Date(now).toISOString()}.`,
  );
}
