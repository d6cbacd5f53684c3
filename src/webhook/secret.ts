/** Webhook secrets as keys. */
import { ConfigurationError } from "../errors/configuration-error.js";
import { WebhookError } from "../errors/webhook-error.js";
import { environment } from "../util/runtime.js";
import { bytesOf } from "./body.js";

/**
 * How a secret stands for the key: its UTF-8 bytes, or the bytes it encodes. The provider's Python, JavaScript and Java
 * samples do the one, its PHP sample the other. Only the one that is asked for is accepted.
 */
export type SecretEncoding = "utf8" | "base64";

/** @throws {WebhookError} `secret_missing` when there is none, or one of several is empty: an empty key is everybody's. */
export function secretsOf(given: string | readonly string[] | undefined): readonly string[] {
  const secrets = [given ?? environment("MAGNIFIC_WEBHOOK_SECRET") ?? []].flat();
  const empty = secrets.some((secret) => typeof secret !== "string" || secret.trim() === "");
  if (secrets.length > 0 && !empty) return secrets;
  throw new WebhookError(
    "secret_missing",
    `${empty ? "A webhook secret is empty" : "There is no webhook secret"}: pass \`secret\` or set MAGNIFIC_WEBHOOK_SECRET. Without it nothing tells a genuine delivery from a forged one, so none is accepted.`,
  );
}

/** @throws {ConfigurationError} when a secret is no base64 and should be. */
export function hmacKey(secret: string, encoding: SecretEncoding): Promise<CryptoKey> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  return crypto.subtle.importKey("raw", keyBytes(secret, encoding), algorithm, false, ["sign", "verify"]);
}

function keyBytes(secret: string, encoding: SecretEncoding): Uint8Array<ArrayBuffer> {
  if (encoding === "utf8") return bytesOf(secret);
  if (encoding !== "base64")
    throw new ConfigurationError(`encoding must be "utf8" or "base64", not ${String(encoding)}.`);
  const bytes = base64Bytes(secret);
  if (bytes === undefined || bytes.byteLength === 0)
    throw new ConfigurationError('A webhook secret is no base64: use it as it is (encoding: "utf8", the default).');
  return bytes;
}

/** The bytes of canonical base64; `undefined` for anything else. */
export function base64Bytes(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    const letters = atob(text);
    return btoa(letters) === text ? Uint8Array.from(letters, (letter) => letter.charCodeAt(0)) : undefined;
  } catch {
    return undefined;
  }
}
