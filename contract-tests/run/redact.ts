/** Removes keys and images from texts that are written. */

/** Base64 of more than a few bytes, as an image would be. */
const IMAGE = /[A-Za-z0-9+/_-]{120,}={0,2}/g;

/** A shorter key is not a secret, and to remove it would garble the text. */
const SHORTEST_KEY = 6;

export function redact(text: string, key = ""): string {
  const without =
    key.length < SHORTEST_KEY ? text : text.replaceAll(key, "[key]").replaceAll(encodeURIComponent(key), "[key]");
  return without.replace(IMAGE, (image) => `[${image.length} characters of base64]`);
}
