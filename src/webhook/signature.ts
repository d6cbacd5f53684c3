/** Secrets as keys, and signatures: base64 of HMAC-SHA256 over `<id>.<timestamp>.<raw body>`. WebCrypto only. */
import { ConfigurationError } from "../errors/request-errors.js";
import { WebhookError } from "../errors/webhook-error.js";
import { decode, isBase64 } from "../image/base64.js";
import { concatBytes, utf8 } from "../util/bytes.js";
import { parseJson } from "../util/json.js";
import { environment } from "../util/runtime.js";

/**
 * How a secret stands for the key: its UTF-8 bytes, or the bytes it encodes. The provider's Python, JavaScript and Java
 * samples do the one, its PHP sample the other. Only one of them is accepted, never both.
 */
export type SecretEncoding = "utf8" | "base64";

type Signatures = readonly Uint8Array<ArrayBuffer>[];

/** More signatures than any rotation of secrets needs; the work for one delivery stays bounded. */
const MAX_SIGNATURES = 16;

/** @throws {WebhookError} `secret_missing` when there is none, or one of several is empty: anyone can sign with an empty key. */
export function secretsOf(secret: string | readonly string[] | undefined): readonly string[] {
  const secrets = [secret ?? environment("MAGNIFIC_WEBHOOK_SECRET") ?? []].flat();
  const empty = secrets.some((one) => typeof one !== "string" || one.trim() === "");
  if (secrets.length > 0 && !empty) return secrets;
  const fault = empty ? "A webhook secret is empty" : "There is no webhook secret";
  const remedy = "Pass `secret` or set MAGNIFIC_WEBHOOK_SECRET";
  const why = "without it a genuine delivery cannot be distinguished from a forged one, so none is accepted";
  throw new WebhookError("secret_missing", `${fault}. ${remedy}: ${why}.`);
}

/** What Standard Webhooks puts before the base64 of a secret. */
const PREFIX = "whsec_";

function encodingOf(secret: string, encoding: SecretEncoding | undefined): SecretEncoding {
  return encoding ?? (secret.startsWith(PREFIX) ? "base64" : "utf8");
}

function decodedSecret(secret: string): Uint8Array<ArrayBuffer> | undefined {
  return base64Bytes(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret);
}

/** @throws {ConfigurationError} when a secret should be base64 and is not. */
export function hmacKey(secret: string, encoding: SecretEncoding | undefined): Promise<CryptoKey> {
  if (encoding !== undefined && encoding !== "utf8" && encoding !== "base64")
    throw new ConfigurationError(`encoding must be "utf8" or "base64", not ${String(encoding)}.`);
  const bytes = encodingOf(secret, encoding) === "utf8" ? utf8(secret) : decodedSecret(secret);
  if (bytes === undefined || bytes.byteLength === 0) {
    const what = secret.startsWith(PREFIX) ? `begins with ${PREFIX}, but what follows is not` : "is not";
    throw new ConfigurationError(`A webhook secret ${what} base64: to use it as it is, set encoding: "utf8".`);
  }
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
}

/** The bytes of canonical base64; `undefined` for anything else. */
export function base64Bytes(text: string): Uint8Array<ArrayBuffer> | undefined {
  return isBase64(text) ? decode(text) : undefined;
}

export function signedBytes(id: string, timestamp: string, body: Uint8Array): Uint8Array<ArrayBuffer> {
  return concatBytes([utf8(`${id}.${timestamp}.`), body]);
}

/** The signatures of a header `v1,<base64> v2,<base64>`. Only canonical base64 of 32 bytes is one: none has two spellings. */
function signaturesOf(header: string): Signatures {
  return header
    .split(/\s/)
    .flatMap((entry) => base64Bytes(/^[^,]+,([^,]+),?$/.exec(entry)?.[1] ?? "") ?? [])
    .filter((bytes) => bytes.byteLength === 32)
    .slice(0, MAX_SIGNATURES);
}

/** Whether any of the signatures is right under the key. WebCrypto compares in constant time. */
async function anyMatches(key: CryptoKey, signatures: Signatures, signed: BufferSource): Promise<boolean> {
  const verdicts = signatures.map((signature) => crypto.subtle.verify("HMAC", key, signature, signed));
  return (await Promise.all(verdicts)).includes(true);
}

/** `undefined` where a signature is right under one of the keys, or else what the receiver did wrong, found out by trying. */
export async function mismatch(
  header: string,
  keys: readonly CryptoKey[],
  signed: (body: Uint8Array) => Uint8Array<ArrayBuffer>,
  body: Uint8Array,
  secrets: readonly string[],
  encoding: SecretEncoding | undefined,
): Promise<string | undefined> {
  const signatures = signaturesOf(header);
  const verdicts = await Promise.all(keys.map((key) => anyMatches(key, signatures, signed(body))));
  if (verdicts.includes(true)) return undefined;
  if (signatures.length === 0)
    return "The header webhook-signature contains no signature of the form `v1,<base64 of HMAC-SHA256>`.";

  const matches = async (secret: string, as: SecretEncoding, bytes = body): Promise<boolean> =>
    (as === "utf8" || decodedSecret(secret) !== undefined) &&
    anyMatches(await hmacKey(secret, as), signatures, signed(bytes));
  // The body as the usual JSON writers would have sent it.
  const text = new TextDecoder().decode(body);
  const value = parseJson(text);
  const rewritten = [text.trim(), ...(value === undefined ? [] : [JSON.stringify(value)])];
  for (const secret of secrets) {
    const own = encodingOf(secret, encoding);
    const other = own === "utf8" ? "base64" : "utf8";
    if (await matches(secret, other)) return `It would match with \`encoding: "${other}"\`: set that option.`;
    if (await matches(secret.trim(), encodingOf(secret.trim(), encoding)))
      return "It would match without the space or line break at an end of the secret: remove that.";
    for (const one of rewritten)
      if (await matches(secret, own, utf8(one)))
        return "It would match if the JSON were written differently: the body was parsed and serialised again. Pass the raw body.";
  }
  return "Either the secret is not the one of this webhook (it is not the API key), or the body is not the raw one (parsed and serialised again, decoded in another charset, a line break added), or the delivery is forged.";
}
