/** What a result is, by its first bytes. Pure. */
import { type ImageFormat, NOT_IMAGE, sniff } from "../image/sniff.js";
import { latin1 } from "../util/bytes.js";

/** How many bytes `resultType` wants to see. */
export const HEAD_LENGTH = 256;

/** Formats besides images that some operations make: what they have at which place of their bytes. */
const MEDIA: readonly (readonly [at: number, text: string, type: string])[] = [
  [4, "ftypqt", "video/quicktime"],
  [4, "ftyp", "video/mp4"],
  [0, "\x1aE\xdf\xa3", "video/webm"],
  [0, "ID3", "audio/mpeg"],
  [0, "\xff\xfb", "audio/mpeg"],
  [8, "WAVE", "audio/wav"],
  [0, "OggS", "audio/ogg"],
  [0, "glTF", "model/gltf-binary"],
];
/** Types that would have been recognised. */
const KNOWN = /^image\/(?:png|jpeg|webp|gif|bmp|tiff|avif|heic)$/;

/**
 * The media type of a result by its bytes, or what they are instead. For bytes of an unknown format a declared type of media
 * that is unknown too is believed, so that a new format still arrives.
 */
export function resultType(
  head: Uint8Array,
  declared: string | null,
): { type: string; format?: ImageFormat } | { instead: string } {
  const seen = sniff(head.subarray(0, HEAD_LENGTH));
  if ("format" in seen) return { type: `image/${seen.format}`, format: seen.format };
  const start = latin1(head.subarray(0, 16));
  const media = MEDIA.find(([at, text]) => start.startsWith(text, at))?.[2];
  if (media !== undefined) return { type: media };
  const type = declared?.split(";")[0]?.trim().toLowerCase() ?? "";
  const known = KNOWN.test(type) || MEDIA.some(([, , each]) => each === type);
  if (seen.not === "unknown" && /^(?:image|video|audio|model)\/[\w.+-]+$/.test(type) && !known) return { type };
  return { instead: NOT_IMAGE[seen.not] };
}
