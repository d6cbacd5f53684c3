/** What can be said of an image before it is sent: pure, from its first bytes and, where they can be had, its last. */
import { dimensionsOf } from "./dimensions.js";
import type { Dimensions } from "./iso-media.js";
import { type ImageFormat, type NotImage, sniff } from "./sniff.js";
import type { Refusal } from "./source.js";

/** Limits and checks of images before they are sent. Each can be switched off. */
export interface ImageOptions {
  /**
   * Largest image in bytes, before base64. `false`: no limit. Default 536,870,912 (512 MiB). The provider declares none;
   * an image larger than its own, unknown limit ends in a `PayloadTooLargeError`.
   */
  readonly maxBytes?: number | false | undefined;
  /** Most pixels (width × height), where the header tells. `false`: no limit. Default 268,402,689 (16,383²), as image libraries have it. */
  readonly maxPixels?: number | false | undefined;
  /** Whether the bytes must begin like PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF or HEIC. Default `true`. */
  readonly format?: boolean | undefined;
  /** Whether an image that is visibly cut off is refused: header incomplete, end marker of PNG or JPEG missing. Default `true`. */
  readonly complete?: boolean | undefined;
  /** Whether a base64 string is checked to be exactly that. Default `true`. */
  readonly base64?: boolean | undefined;
}

/** The same, with the defaults filled in. */
export type ImageSettings = { readonly [Name in keyof ImageOptions]-?: NonNullable<ImageOptions[Name]> };

export const IMAGE_DEFAULTS: ImageSettings = {
  maxBytes: 512 * 1024 * 1024,
  maxPixels: 16_383 ** 2,
  format: true,
  complete: true,
  base64: true,
};

/** First bytes that the checks want; enough for a JPEG's header with several segments of metadata before it. */
export const HEAD_BYTES: number = 256 * 1024;
/** Last bytes that the checks want: padding after the end marker is common, so it need not be the very last. */
export const TAIL_BYTES: number = 16 * 1024;

export interface ImageView {
  /** The first bytes: `HEAD_BYTES` of them, or the whole image. */
  readonly head: Uint8Array;
  /** Whether `head` is the whole image. */
  readonly whole: boolean;
  /** The last bytes, where they could be had. */
  readonly tail?: Uint8Array | undefined;
  /** Bytes in all, where known. */
  readonly size?: number | undefined;
}

export function imageFaults(view: ImageView, settings: ImageSettings): Refusal[] {
  if (view.head.byteLength === 0) return [{ rule: "empty", message: "is empty: 0 bytes" }];
  const faults: Refusal[] = [];
  if (settings.maxBytes !== false && (view.size ?? view.head.byteLength) > settings.maxBytes)
    faults.push(tooManyBytes(settings.maxBytes, view.size));

  const seen = sniff(view.head);
  if ("not" in seen) {
    // An image encoded twice is no matter of formats: whoever lets unknown formats through does not want that either.
    const doubled = seen.not === "base64" || seen.not === "data_uri";
    if (settings.format || doubled)
      faults.push({ rule: doubled ? "double_encoded" : "not_an_image", message: NOT_IMAGE[seen.not] });
    return faults;
  }
  const size = dimensionsOf(seen.format, view.head);
  if (settings.complete) {
    const cut = cutOff(seen.format, view, size);
    if (cut !== undefined) faults.push({ rule: "truncated", message: cut });
  }
  if (settings.maxPixels !== false && size !== undefined && size.width * size.height > settings.maxPixels) {
    const message = `has ${size.width} × ${size.height} pixels, more than ${settings.maxPixels} (option \`image.maxPixels\`)`;
    faults.push({ rule: "max_pixels", message });
  }
  return faults;
}

export function tooManyBytes(limit: number, size?: number): Refusal {
  const what = size === undefined ? "is larger than" : `has ${size} bytes, more than`;
  return { rule: "max_bytes", message: `${what} ${limit} bytes (option \`image.maxBytes\`)` };
}

const NOT_IMAGE: Readonly<Record<NotImage, string>> = {
  html: "is HTML, not an image: often an error page saved under an image's name",
  xml: "is XML or SVG, not a raster image",
  json: "is JSON, not an image: often an error message saved under an image's name",
  pdf: "is a PDF, not an image",
  data_uri: "holds the text of a data: URI: pass that text as a string",
  base64:
    "is base64 of base64 or base64 text given as bytes: it would be encoded twice. Pass the bytes, or the text as a string",
  text: "is text, not an image",
  unknown: "does not begin like PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF or HEIC (option `image.format`)",
};

/** Bytes without which no image of the format can be, header included. */
const LEAST: Readonly<Record<ImageFormat, number>> = {
  png: 57,
  jpeg: 100,
  webp: 30,
  gif: 14,
  bmp: 26,
  tiff: 26,
  avif: 100,
  heic: 100,
};

function cutOff(format: ImageFormat, view: ImageView, size: Dimensions | undefined): string | undefined {
  if (view.whole && view.head.byteLength < LEAST[format])
    return `is cut off: ${view.head.byteLength} bytes are too few for a ${format.toUpperCase()}`;
  if (view.whole && size === undefined) return `is cut off or broken: its ${format.toUpperCase()} header ends early`;
  const tail = view.whole ? view.head : view.tail;
  if (tail === undefined) return undefined;
  if (format === "png" && !holds(tail, IEND)) return "is cut off: the end marker of a PNG (IEND) is missing";
  if (format === "jpeg" && !holds(tail, END_OF_JPEG)) return "is cut off: the end marker of a JPEG (FF D9) is missing";
  if (format === "webp" && view.size !== undefined) {
    const declared = new DataView(view.head.buffer, view.head.byteOffset).getUint32(4, true) + 8;
    if (view.size < declared) return `is cut off: it says to have ${declared} bytes and has ${view.size}`;
  }
  return undefined;
}

/** The end markers, as bytes; that of PNG with its checksum, which is always the same. */
const IEND = [0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82];
const END_OF_JPEG = [0xff, 0xd9];

/** Whether the marker is among the last bytes; looked for from the end, where it mostly is. */
function holds(bytes: Uint8Array, marker: readonly number[]): boolean {
  const tail = bytes.subarray(Math.max(0, bytes.byteLength - TAIL_BYTES));
  for (let end = tail.byteLength; end > 0; ) {
    const at = tail.lastIndexOf(marker[0] ?? 0, end - 1);
    if (marker.every((byte, i) => tail[at + i] === byte)) return true;
    end = at;
  }
  return false;
}
