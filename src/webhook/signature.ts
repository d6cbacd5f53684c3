/** Signatures of deliveries: base64 of HMAC-SHA256 over `<id>.<timestamp>.<raw body>`. WebCrypto only. */
import { concatBytes } from "../util/bytes.js";
import { bytesOf } from "./body.js";
import type { SignedHeaders } from "./headers.js";
import { base64Bytes } from "./secret.js";

/** More signatures than any rotation of secrets needs; the work for one delivery stays bounded. */
const MAX_SIGNATURES = 16;

export function signedBytes(
  { id, timestamp }: Pick<SignedHeaders, "id" | "timestamp">,
  body: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return concatBytes([bytesOf(`${id}.${timestamp}.`), body]);
}

/**
 * The signatures of a header `v1,<base64> v2,<base64>`, whatever their version. What is no canonical base64 of 32 bytes
 * is no signature, so none can be written in two ways.
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
