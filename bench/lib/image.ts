/** A PNG of noise, which nothing compresses. */
import sharp from "sharp";

/** @param bytes its approximate size. */
export async function noisePng(bytes: number): Promise<Buffer> {
  const side = Math.max(1, Math.round(Math.sqrt(bytes / 3)));
  const noise = { type: "gaussian", mean: 128, sigma: 60 } as const;
  const create = { width: side, height: side, channels: 3, background: "black", noise } as const;
  return await sharp({ create }).png({ compressionLevel: 0 }).toBuffer();
}
