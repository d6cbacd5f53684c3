/** The string formats of this provider's documents: small and linear, since they are shipped with the validators. */

/**
 * Canonical base64 with padding (RFC 4648 §4). ajv-formats' own pattern overflows the stack above 4 MB and accepts text
 * after a newline.
 */
export function byte(text: string): boolean {
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  return text.length % 4 === 0 && !/[^A-Za-z0-9+/]/.test(text.slice(0, text.length - padding));
}

/** An absolute URI by the characters of RFC 3986: a scheme, no blank, no stray `%`, at most one `#`. */
export const uri: RegExp =
  /^[a-z][a-z\d+.-]*:(?:[\w.~:/?[\]@!$&'()*+,;=-]|%[\da-f]{2})*(?:#(?:[\w.~:/?@!$&'()*+,;=-]|%[\da-f]{2})*)?$/i;

export const uuid: RegExp = /^(?:urn:uuid:)?[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i;
