/** What a result is, told by its first bytes. Pure. */
import { type NotImage, sniff } from "../image/sniff.js";

/** How many bytes `imageType` wants to see. */
export const HEAD_LENGTH = 256;

const KNOWN = [
  "image/png",
  "image/jpeg",
  "image/webp",
  "image/gif",
  "image/bmp",
  "image/tiff",
  "image/avif",
  "image/heic",
];

const INSTEAD: Readonly<Record<NotImage, string>> = {
  html: "HTML, often an error page",
  xml: "XML",
  json: "JSON, often an error message",
  pdf: "a PDF",
  data_uri: "a data: URI",
  base64: "base64 text",
  text: "text",
  unknown: "no image format known here",
};

/**
 * The media type of an image, or what the bytes are instead. The bytes win over the declared type. Where they are of no
 * known format and no text, a declared image type that is unknown too is believed, so that a new format still arrives.
 */
export function imageType(
  head: Uint8Array,
  declared: string | null,
): { readonly type: string } | { readonly not: string } {
  const seen = sniff(head.subarray(0, HEAD_LENGTH));
  if ("format" in seen) return { type: `image/${seen.format}` };
  const type = declared?.split(";")[0]?.trim().toLowerCase() ?? "";
  if (seen.not === "unknown" && /^image\/[\w.+-]+$/.test(type) && !KNOWN.includes(type)) return { type };
  return { not: INSTEAD[seen.not] };
}
