/** Secrets as keys, and signatures: base64 of HMAC-SHA256 over `<id>.<timestamp>.<raw body>`. WebCrypto only. */
import { ConfigurationError } from "../errors/configuration-error.js";
import { WebhookError } from "../errors/webhook-error.js";
import { concatBytes, utf8 } from "../util/bytes.js";
import { environment } from "../util/runtime.js";
import type { SignedHeaders } from "./headers.js";

/**
 * How a secret stands for the key: its UTF-8 bytes, or the bytes it encodes. The provider's Python, JavaScript and Java
 * samples do the one, its PHP sample the other. Only the one that the option names is accepted.
 */
export type SecretEncoding = "utf8" | "base64";

/** More signatures than any rotation of secrets needs; the work for one delivery stays bounded. */
const MAX_SIGNATURES = 16;

/** @throws {WebhookError} `secret_missing` when there is none, or one of several is empty: anyone can sign with an empty key. */
export function secretsOf(secret: string | readonly string[] | undefined): readonly string[] {
  const secrets = [secret ?? environment("MAGNIFIC_WEBHOOK_SECRET") ?? []].flat();
  const empty = secrets.some((one) => typeof one !== "string" || one.trim() === "");
  if (secrets.length > 0 && !empty) return secrets;
  throw new WebhookError(
    "secret_missing",
    `${empty ? "A webhook secret is empty" : "There is no webhook secret"}. Pass \`secret\` or set MAGNIFIC_WEBHOOK_SECRET: without it a genuine delivery cannot be told from a forged one, so none is accepted.`,
  );
}

/** @throws {ConfigurationError} when a secret should be base64 and is not. */
export function hmacKey(secret: string, encoding: SecretEncoding): Promise<CryptoKey> {
  if (encoding !== "utf8" && encoding !== "base64")
    throw new ConfigurationError(`encoding must be "utf8" or "base64", not ${String(encoding)}.`);
  const bytes = encoding === "utf8" ? utf8(secret) : base64Bytes(secret);
  if (bytes === undefined || bytes.byteLength === 0)
    throw new ConfigurationError('A webhook secret is not base64: use it as it is (encoding: "utf8", the default).');
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
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

export function signedBytes(
  { id, timestamp }: Pick<SignedHeaders, "id" | "timestamp">,
  body: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return concatBytes([utf8(`${id}.${timestamp}.`), body]);
}

/**
 * The signatures of a header `v1,<base64> v2,<base64>`, whatever their version. Only canonical base64 of 32 bytes is a
 * signature, so none can be written in two ways.
 */
export function signaturesOf(header: string): readonly Uint8Array<ArrayBuffer>[] {
  const signatures: Uint8Array<ArrayBuffer>[] = [];
  for (const entry of header.split(/\s/)) {
    const bytes = base64Bytes(/^[^,]+,([^,]+),?$/.exec(entry)?.[1] ?? "");
    if (bytes?.byteLength === 32) signatures.push(bytes);
    if (signatures.length === MAX_SIGNATURES) break;
  }
  return signatures;
}

/** Whether any of the signatures is right under any of the keys. WebCrypto compares in constant time. */
export async function anyMatches(
  keys: readonly CryptoKey[],
  signatures: readonly Uint8Array<ArrayBuffer>[],
  signed: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const pairs = keys.flatMap((key) => signatures.map((signature) => [key, signature] as const));
  const verdicts = await Promise.all(
    pairs.map(([key, signature]) => crypto.subtle.verify("HMAC", key, signature, signed)),
  );
  return verdicts.includes(true);
}

export async function signatureOf(key: CryptoKey, signed: Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.sign("HMAC", key, signed));
  return btoa(String.fromCharCode(...bytes));
}
