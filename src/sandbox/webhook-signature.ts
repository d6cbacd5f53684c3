import { createHmac } from "node:crypto";

/**
 * The value of `webhook-signature` as the provider documents it: "v1," and the base64 of HMAC-SHA256 over
 * `<id>.<timestamp>.<body>`, keyed with the secret's UTF-8 bytes.
 */
export function webhookSignature(secret: string, id: string, timestamp: string, body: string): string {
  return `v1,${createHmac("sha256", secret).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
}
