/** Finds out what the receiver did wrong when no signature matches. The delivery is refused either way. */
import { utf8 } from "../util/bytes.js";
import { parseJson } from "../util/json.js";
import type { SignedHeaders } from "./headers.js";
import { anyMatches, base64Bytes, hmacKey, type SecretEncoding, signaturesOf, signedBytes } from "./signature.js";

export async function whyNoMatch(
  headers: SignedHeaders,
  body: Uint8Array<ArrayBuffer>,
  secrets: readonly string[],
  encoding: SecretEncoding,
): Promise<string> {
  const signatures = signaturesOf(headers.signature);
  if (signatures.length === 0)
    return "The header webhook-signature contains no signature of the form `v1,<base64 of HMAC-SHA256>`.";

  const signed = signedBytes(headers, body);
  const matches = async (secret: string, as: SecretEncoding, bytes: Uint8Array<ArrayBuffer> = signed) =>
    (as === "utf8" || base64Bytes(secret) !== undefined) && anyMatches([await hmacKey(secret, as)], signatures, bytes);

  const other = encoding === "utf8" ? "base64" : "utf8";
  for (const secret of secrets) {
    if (await matches(secret, other)) return `It would match with \`encoding: "${other}"\`: set that option.`;
    if (await matches(secret.trim(), encoding))
      return "It would match without the space or line break at an end of the secret: remove that.";
    for (const text of rewritten(body)) {
      if (await matches(secret, encoding, signedBytes(headers, utf8(text))))
        return "It would match if the JSON were written differently: the body was parsed and serialised again. Pass the raw body.";
    }
  }
  return "Either the secret is not the one of this webhook (it is not the API key), or the body is not the raw one (parsed and serialised again, decoded in another charset, a line break added), or the delivery is forged.";
}

/** The body as the usual JSON writers would have sent it. */
function* rewritten(body: Uint8Array): Iterable<string> {
  const text = new TextDecoder().decode(body);
  yield text.trim();
  const value = parseJson(text);
  if (value !== undefined) yield JSON.stringify(value);
}
