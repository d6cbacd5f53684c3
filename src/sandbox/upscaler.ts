/** What enlarges an image. */
import { formatOf } from "../image/sniff.js";

/** The fields of a submit that are numbers, by their wire names, with the document's defaults where the submit has none. */
export type Sliders = Readonly<Record<string, number>>;

/** An enlarged image. */
export interface Upscaled {
  readonly bytes: Uint8Array;
  /** Its media type, such as "image/png". */
  readonly type: string;
}

/**
 * Enlarges an image. If it rejects, the task becomes FAILED; the error's message is only in the sandbox's log, since the
 * provider gives no reason. The same image and sliders should give the same bytes.
 */
export type Upscaler = (image: Uint8Array, sliders: Sliders) => Promise<Upscaled>;

/** A picture of one pixel: stands in for an image that was sent as a URL, which a sandbox does not fetch, or not at all. */
export const NO_IMAGE: Buffer = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

/** Returns the image unchanged: instant, and without a library. */
export const echo: Upscaler = async (image) => {
  const format = formatOf(image);
  if (format === undefined) throw new Error("not an image of a known format");
  return { bytes: image, type: `image/${format}` };
};
