/** Removes keys and images from texts that are written. */

import { keyAs } from "../targets/message.js";

/** Base64 of more than a few bytes, as an image would be, also with the escapes of JSON; a link, whose path looks the same, is passed over. */
const LINK_OR_IMAGE =
  /https?:\/\/[\w.-]+(?:\/[\w.-]{1,60})+|(?:[A-Za-z0-9+/_-]|\\+(?:[rn/]|u[0-9a-fA-F]{4})){120,}={0,2}/g;

/** A shorter key is not a secret, and to remove it would garble the text. */
const SHORTEST_KEY = 6;

export function redact(text: string, key = ""): string {
  let without = text;
  // What is sent as a wrong key tells the right one as well.
  for (const which of [undefined, "cut", "swapped"] as const) {
    const own = keyAs(which, key);
    if (own.length < SHORTEST_KEY) continue;
    for (const each of new Set([own, encodeURIComponent(own), JSON.stringify(own).slice(1, -1)]))
      without = without.replaceAll(each, "[key]");
  }
  return without.replace(LINK_OR_IMAGE, (found) =>
    /^https?:/.test(found) ? found : `[${found.length} characters of base64]`,
  );
}
