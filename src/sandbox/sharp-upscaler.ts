/**
 * The stand-in for Magnific's model: an ordinary enlargement. It resamples and filters what is in the picture; it
 * invents nothing, and its result says nothing about the quality of the real one.
 */
import { createCipheriv } from "node:crypto";
import { createRequire } from "node:module";
import type { Sharp } from "sharp";
import { SandboxError } from "./errors.js";
import type { Sliders, Upscaler } from "./upscaler.js";

/** The format of a result: always PNG, or JPEG for a JPEG, WebP for a WebP and PNG for the rest. */
export type ResultFormat = "png" | "source";

const RASTER = new Set(["jpeg", "png", "webp", "gif", "tiff", "heif"]);

/** Without the cost of loading it. @throws {SandboxError} where `sharp` is not installed. */
export function requireSharp(): void {
  try {
    createRequire(import.meta.url).resolve("sharp");
  } catch (cause) {
    throw new SandboxError(
      "sharp_missing",
      'The sandbox enlarges images with the library sharp, which is not installed. Run "npm install sharp", or set ' +
        '`upscaler` to a function of your own, or to "echo" to get images back unchanged.',
      { cause },
    );
  }
}

/** An upscaler over `sharp`, which is loaded with the first image. `scale`: how many times wider and higher. */
export function sharpUpscaler(scale: number, format: ResultFormat): Upscaler {
  return async (image, sliders) => {
    const { default: sharp } = await import("sharp");
    const source = await sharp(image).metadata();
    if (!RASTER.has(source.format)) throw new Error(`not a raster image (${source.format})`);
    const { width, height } = source.autoOrient;
    const size = { width: Math.round(width * scale), height: Math.round(height * scale) };
    const upright = (): Sharp => sharp(image, { failOn: "truncated" }).autoOrient().toColourspace("srgb");

    // Colours and opacity are processed apart: grain over both would fill what is transparent.
    const opaque = source.hasAlpha
      ? sharp(await upright().removeAlpha().raw().toBuffer(), { raw: { width, height, channels: 3 } })
      : upright();
    let picture = filtered(resized(opaque, size), sliders, scale);
    const { smart_grain = 0 } = sliders;
    if (smart_grain > 0) {
      picture = picture.composite([{ ...grainTile(smart_grain, size), tile: true, blend: "overlay" }]);
    }
    picture = picture.removeAlpha();
    if (source.hasAlpha) {
      const opacity = await resized(upright().extractChannel("alpha"), size).raw().toBuffer();
      const colours = await picture.raw().toBuffer();
      picture = sharp(colours, { raw: { ...size, channels: 3 } }).joinChannel(opacity, {
        raw: { ...size, channels: 1 },
      });
    }
    const type = format === "source" && (source.format === "jpeg" || source.format === "webp") ? source.format : "png";
    const bytes = await picture.toFormat(type, type === "png" ? {} : { quality: 92 }).toBuffer();
    return { bytes, type: `image/${type}` };
  };
}

function resized(picture: Sharp, size: { width: number; height: number }): Sharp {
  return picture.resize({ ...size, fit: "fill", kernel: "lanczos3" });
}

/** Of the sliders, those that have a counterpart here: `ultra_detail` raises the local contrast, `sharpen` the edges. */
function filtered(picture: Sharp, { sharpen = 0, ultra_detail = 0 }: Sliders, scale: number): Sharp {
  const detailed = ultra_detail > 0 ? picture.convolve(detailKernel(ultra_detail / 100)) : picture;
  if (sharpen === 0) return detailed;
  // Halos grow with the scale; the amounts leave 100 strong but not broken.
  return detailed.sharpen({ sigma: 0.5 + scale / 4, m1: (sharpen / 100) * 2, m2: (sharpen / 100) * 5 });
}

/** A wide, gentle unsharp mask: the picture plus what a blur would take from it. */
function detailKernel(amount: number): { width: number; height: number; kernel: number[]; scale: number } {
  const line = [-4, -3, -2, -1, 0, 1, 2, 3, 4].map((offset) => Math.exp(-(offset ** 2) / (2 * 2.5 ** 2)));
  const sum = line.reduce((total, weight) => total + weight) ** 2;
  const kernel = line.flatMap((y) => line.map((x) => (-amount * x * y) / sum));
  // The centre.
  kernel[40] = 1 + amount - amount / sum;
  return { width: 9, height: 9, kernel, scale: 1 };
}

/**
 * A tile of noise for "overlay", where a grey of 128 changes nothing. The same on every run, so that the same image gives
 * the same result: the bytes of a cipher, of which the sum of four is nearly normal.
 */
function grainTile(amount: number, picture: { readonly width: number; readonly height: number }) {
  const [width, height] = [Math.min(256, picture.width), Math.min(256, picture.height)];
  const cipher = createCipheriv("aes-128-ctr", Buffer.alloc(16), Buffer.alloc(16));
  const noise = cipher.update(Buffer.alloc(width * height * 4));
  const deviation = (amount / 100) * 40;
  const greys = Uint8Array.from({ length: width * height }, (_, pixel) => {
    const [a = 0, b = 0, c = 0, d = 0] = noise.subarray(pixel * 4, pixel * 4 + 4);
    return Math.min(255, Math.max(0, Math.round(128 + (deviation * (a + b + c + d - 510)) / 147.8)));
  });
  return { input: Buffer.from(greys), raw: { width, height, channels: 1 } } as const;
}
