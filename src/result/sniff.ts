/** What a result is, told by its first bytes. Pure. */

/** How many bytes `sniff` wants to see. */
export const SNIFF_LENGTH = 32;

const SIGNATURES: readonly (readonly [type: string, offset: number, bytes: string])[] = [
  ["image/png", 0, "\x89PNG\r\n\x1a\n"],
  ["image/jpeg", 0, "\xff\xd8\xff"],
  ["image/gif", 0, "GIF8"],
  ["image/tiff", 0, "II*\0"],
  ["image/tiff", 0, "MM\0*"],
  ["image/jxl", 0, "\xff\x0a"],
  ["image/jxl", 0, "\0\0\0\x0cJXL \r\n\x87\n"],
  ["image/avif", 4, "ftypavif"],
  ["image/avif", 4, "ftypavis"],
  ["image/heic", 4, "ftyphei"],
  ["image/heic", 4, "ftypmif1"],
];

/**
 * The media type of an image, or what the bytes seem to be instead. The bytes win over the declared type; a declared
 * image type that is none of the known ones is believed unless the bytes are text, so that a new format still arrives.
 */
export function sniff(head: Uint8Array, declared: string | null): { readonly type: string } | { readonly not: string } {
  const text = String.fromCharCode(...head.subarray(0, SNIFF_LENGTH));
  if (text.startsWith("RIFF") && text.slice(8, 12) === "WEBP") return { type: "image/webp" };
  for (const [type, offset, bytes] of SIGNATURES) if (text.startsWith(bytes, offset)) return { type };

  const seen = text.replace(/^\xef\xbb\xbf/, "").trimStart();
  if (/^<(?:!doctype|html|head|body)/i.test(seen)) return { not: "HTML" };
  if (seen.startsWith("<")) return { not: "XML or HTML" };
  if (/^[[{]/.test(seen)) return { not: "JSON" };
  if (/^[\t\n\r\x20-\x7e]+$/.test(text)) return { not: "text" };

  const type = declared?.split(";")[0]?.trim().toLowerCase() ?? "";
  const known = type === "image/webp" || SIGNATURES.some(([name]) => name === type);
  if (/^image\/[\w.+-]+$/.test(type) && !known) return { type };
  return { not: known ? `no ${type}` : "no image format known here" };
}
