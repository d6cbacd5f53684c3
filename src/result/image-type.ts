/** What a result is, by its first bytes. Pure. */
import { type ImageFormat, NOT_IMAGE, sniff } from "../image/sniff.js";

/** How many bytes `imageType` wants to see. */
export const HEAD_LENGTH = 256;

/** Formats that would have been recognised. */
const KNOWN = /^image\/(?:png|jpeg|webp|gif|bmp|tiff|avif|heic)$/;

/**
 * The media type of an image by its bytes, or what they are instead. For bytes of an unknown format a declared image type
 * that is unknown too is believed, so that a new format still arrives.
 */
export function imageType(
  head: Uint8Array,
  declared: string | null,
): { type: string; format?: ImageFormat } | { instead: string } {
  const seen = sniff(head.subarray(0, HEAD_LENGTH));
  if ("format" in seen) return { type: `image/${seen.format}`, format: seen.format };
  const type = declared?.split(";")[0]?.trim().toLowerCase() ?? "";
  if (seen.not === "unknown" && /^image\/[\w.+-]+$/.test(type) && !KNOWN.test(type)) return { type };
  return { instead: NOT_IMAGE[seen.not] };
}
