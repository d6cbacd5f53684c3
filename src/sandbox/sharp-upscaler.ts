/**
 * The stand-in for Magnific's model: an ordinary enlargement. It resamples and filters what is in the picture; it
 * invents nothing, and its result says nothing about the real one's quality.
 */
import { createRequire } from "node:module";
import type { Sharp, SharpOptions } from "sharp";
import { SandboxError } from "./errors.js";
import { grainTile } from "./grain.js";
import type { Sliders, Upscaled, Upscaler } from "./upscaler.js";

type SharpFactory = (input?: Buffer | Uint8Array, options?: SharpOptions) => Sharp;

/** Which format a result has: always PNG, or JPEG for a JPEG, WebP for a WebP and PNG for the rest. */
export type ResultFormat = "png" | "source";

export interface SharpUpscalerOptions {
  /** How many times wider and higher the result is. */
  readonly scale: number;
  readonly format: ResultFormat;
}

const RASTER = new Set(["jpeg", "png", "webp", "gif", "tiff", "heif"]);

/** Fails where `sharp` is not installed, without the cost of loading it. */
export function requireSharp(resolve: (name: string) => unknown = createRequire(import.meta.url).resolve): void {
  try {
    resolve("sharp");
  } catch (cause) {
    throw new SandboxError(
      "sharp_missing",
      'The sandbox enlarges images with the library sharp, which is not installed. Run "npm install sharp", or pass ' +
        '`upscaler`: a function of your own, or "echo" to get images back as they came.',
      { cause },
    );
  }
}

/** An upscaler over `sharp`, which is loaded with the first image. */
export function sharpUpscaler(options: SharpUpscalerOptions): Upscaler {
  return async (image, sliders) => {
    const { default: sharp } = await import("sharp");
    return await enlarge(sharp, image, sliders, options);
  };
}

async function enlarge(
  sharp: SharpFactory,
  image: Uint8Array,
  sliders: Sliders,
  { scale, format }: SharpUpscalerOptions,
): Promise<Upscaled> {
  const source = await sharp(image).metadata();
  if (!RASTER.has(source.format)) throw new Error(`not a raster image (${source.format})`);
  const { width, height } = source.autoOrient;
  const size = { width: Math.round(width * scale), height: Math.round(height * scale) };
  const upright = (): Sharp => sharp(image, { failOn: "truncated" }).autoOrient().toColourspace("srgb");

  // Colours and opacity go separate ways, since grain laid over both would fill what is transparent.
  const opaque = source.hasAlpha
    ? sharp(await upright().removeAlpha().raw().toBuffer(), { raw: { width, height, channels: 3 } })
    : upright();
  let picture = filtered(resized(opaque, size), sliders, scale);
  if (sliders.smart_grain > 0) {
    picture = picture.composite([{ ...grainTile(sliders.smart_grain, size), tile: true, blend: "overlay" }]);
  }
  picture = picture.removeAlpha();
  if (source.hasAlpha) {
    const opacity = await resized(upright().extractChannel("alpha"), size).raw().toBuffer();
    const colours = await picture.raw().toBuffer();
    picture = sharp(colours, { raw: { ...size, channels: 3 } }).joinChannel(opacity, { raw: { ...size, channels: 1 } });
  }
  return await encoded(picture, format === "source" ? source.format : "png");
}

function resized(picture: Sharp, size: { width: number; height: number }): Sharp {
  return picture.resize({ ...size, fit: "fill", kernel: "lanczos3" });
}

/** Local contrast by `ultra_detail`, edges by `sharpen`. */
function filtered(picture: Sharp, { sharpen, ultra_detail }: Sliders, scale: number): Sharp {
  let result = picture;
  if (ultra_detail > 0) result = result.convolve(detailKernel(ultra_detail / 100));
  // Halos grow with the scale; the amounts leave 100 strong but not broken.
  if (sharpen > 0)
    result = result.sharpen({ sigma: 0.5 + scale / 4, m1: (sharpen / 100) * 2, m2: (sharpen / 100) * 5 });
  return result;
}

/** The picture plus what is left of it without its blurred self: a wide, gentle unsharp mask. */
function detailKernel(amount: number): { width: number; height: number; kernel: number[]; scale: number } {
  const radius = 4;
  const side = 2 * radius + 1;
  const blur = Array.from({ length: side * side }, (_, index) => {
    const x = (index % side) - radius;
    const y = Math.floor(index / side) - radius;
    return Math.exp(-(x * x + y * y) / (2 * 2.5 ** 2));
  });
  const sum = blur.reduce((total, weight) => total + weight, 0);
  const centre = (side * side - 1) / 2;
  const kernel = blur.map((weight, index) => (index === centre ? 1 + amount : 0) - (amount * weight) / sum);
  return { width: side, height: side, kernel, scale: 1 };
}

async function encoded(picture: Sharp, format: string): Promise<Upscaled> {
  if (format === "jpeg") return { bytes: await picture.jpeg({ quality: 92 }).toBuffer(), type: "image/jpeg" };
  if (format === "webp") return { bytes: await picture.webp({ quality: 92 }).toBuffer(), type: "image/webp" };
  return { bytes: await picture.png({ compressionLevel: 6 }).toBuffer(), type: "image/png" };
}
