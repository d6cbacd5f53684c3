/** Signs deliveries as the provider does, for tests of code that receives them. */
import { bytesOf, concatBytes, utf8 } from "../util/bytes.js";
import { hmacKey, secretsOf, signedBytes } from "./signature.js";
import type { WebhookOptions } from "./verify.js";

/** Several secrets give several signatures, as during a rotation. */
export interface SignWebhookOptions extends Pick<WebhookOptions, "secret" | "encoding"> {
  /** What is sent: text or bytes as they are, anything else as JSON. */
  readonly body: string | Uint8Array | object;
  /** `webhook-id`. Default: a random one. */
  readonly id?: string | undefined;
  /** When it is sent. Default: now. */
  readonly timestamp?: Date | undefined;
}

export interface SignedWebhook {
  readonly headers: Readonly<Record<"content-type" | "webhook-id" | "webhook-timestamp" | "webhook-signature", string>>;
  readonly body: Uint8Array<ArrayBuffer>;
}

/**
 * A delivery that `unwrap` accepts: `await unwrap(await signWebhook({ body, secret }), { secret })`, or
 * `fetch(url, { method: "POST", ...(await signWebhook({ body, secret })) })`.
 */
export async function signWebhook(options: SignWebhookOptions): Promise<SignedWebhook> {
  const { encoding, id = `msg_${crypto.randomUUID()}`, timestamp = new Date() } = options;
  const body = wireBody(options.body);
  const seconds = String(Math.floor(timestamp.getTime() / 1000));
  const signatures = await Promise.all(
    secretsOf(options.secret).map(async (secret) => {
      const key = await hmacKey(secret, encoding);
      const mac = await crypto.subtle.sign("HMAC", key, signedBytes(id, seconds, body));
      return `v1,${btoa(String.fromCharCode(...new Uint8Array(mac)))}`;
    }),
  );
  return {
    headers: {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": seconds,
      "webhook-signature": signatures.join(" "),
    },
    body,
  };
}

function wireBody(body: SignWebhookOptions["body"]): Uint8Array<ArrayBuffer> {
  if (typeof body === "string") return utf8(body);
  const bytes = bytesOf(body);
  return bytes === undefined ? utf8(JSON.stringify(body)) : concatBytes([bytes]);
}
