/** What enlarges an image. */
import type { operations } from "../../generated/upscaler-precision/schema.js";
import { formatOf } from "../image/sniff.js";

type SubmitFields = operations["postAiImageUpscalerPrecision"]["requestBody"]["content"]["application/json"];

/** The sliders of a submit, from 0 to 100, with the document's defaults where the submit has none. */
export type Sliders = Readonly<Required<Pick<SubmitFields, "sharpen" | "smart_grain" | "ultra_detail">>>;

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

/** Returns the image unchanged: instant, and without a library. */
export const echo: Upscaler = async (image) => {
  const format = formatOf(image);
  if (format === undefined) throw new Error("not an image of a known format");
  return { bytes: image, type: `image/${format}` };
};
