/** What is wrong with an image, by its first bytes and, where all were scanned, its structure. Pure. */
import type { Fault } from "../errors/request-errors.js";
import { dimensionsOf, type ImageScanner } from "./scanner.js";
import { NOT_IMAGE, type NotImage, sniff } from "./sniff.js";
import { imageFault } from "./source.js";

/** Limits and checks of images before they are sent. Each can be switched off. */
export interface ImageOptions {
  /** Largest image in bytes, before base64. `false`: no limit but the provider's, which is unknown. Default 536,870,912 (512 MiB). */
  readonly maxBytes?: number | false | undefined;
  /** Most pixels (width × height), where the header states them. `false`: no limit. Default 268,402,689 (16,383²), as image libraries have it. */
  readonly maxPixels?: number | false | undefined;
  /** Whether the bytes must start like a PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF or HEIC. Default `true`. */
  readonly format?: boolean | undefined;
  /**
   * Whether a truncated image is refused; data after the image is fine. An image that can be read only once is scanned
   * while it is sent, and its last bytes are withheld. Default `true`.
   */
  readonly complete?: boolean | undefined;
  /** Whether a base64 string is checked to be exactly that. Default `true`. */
  readonly base64?: boolean | undefined;
}

export type ImageSettings = { readonly [Name in keyof ImageOptions]-?: NonNullable<ImageOptions[Name]> };

/** First bytes that the checks want; enough for a JPEG's header with several segments of metadata before it. */
export const HEAD_BYTES: number = 256 * 1024;

/**
 * @param head The first bytes: `HEAD_BYTES` of them, or the whole image.
 * @param bytes In all, where known.
 * @param scanner Has seen the whole image, or as much as it wanted. None where that was not possible.
 */
export function imageFaults(
  head: Uint8Array,
  settings: ImageSettings,
  bytes?: number,
  scanner?: ImageScanner,
): Fault[] {
  if (head.byteLength === 0) return [imageFault("empty", "is empty: 0 bytes")];
  const { maxBytes, maxPixels } = settings;
  const faults: Fault[] = [];
  if (maxBytes !== false && (bytes ?? head.byteLength) > maxBytes) {
    const what = bytes === undefined ? "is larger than" : `has ${bytes} bytes, more than`;
    faults.push(imageFault("max_bytes", `${what} ${maxBytes} bytes (option \`image.maxBytes\`)`));
  }
  const seen = sniff(head);
  if ("not" in seen) {
    // Being encoded twice is not a matter of formats: whoever allows unknown formats does not want that either.
    const doubled = DOUBLED[seen.not];
    if (doubled !== undefined) faults.push(imageFault("double_encoded", doubled));
    else if (settings.format) {
      const unknown = "is not a PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF or HEIC (option `image.format`)";
      const what = seen.not === "unknown" ? unknown : `is not an image but ${NOT_IMAGE[seen.not]}`;
      faults.push(imageFault("not_an_image", what));
    }
    return faults;
  }
  const size = scanner?.dimensions ?? dimensionsOf(seen.format, head);
  if (scanner?.complete === false) faults.push(imageFault("truncated", truncated(scanner)));
  else if (scanner !== undefined && size === undefined)
    faults.push(imageFault("truncated", `is damaged: its header gives no width and height ${SWITCH}`));
  if (maxPixels !== false && size !== undefined && size.width * size.height > maxPixels) {
    const what = `has ${size.width} × ${size.height} pixels, more than ${maxPixels}`;
    faults.push(imageFault("max_pixels", `${what} (option \`image.maxPixels\`)`));
  }
  return faults;
}

const DOUBLED: { readonly [Not in NotImage]?: string } = {
  data_uri: "contains the text of a data: URI: pass that text as a string",
  base64:
    "is base64 of base64, or base64 text passed as bytes: it would be encoded twice. Pass the bytes, or the text as a string",
};

/** What switches the check off, in the library and in the command. */
const SWITCH = "(option `image.complete`, flag --allow-truncated)";

/** What is wrong with an image whose scanner is not complete. */
export function truncated({ missing }: ImageScanner): string {
  return `is truncated: ${missing} ${SWITCH}`;
}
