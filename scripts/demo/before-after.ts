/** One picture that shows both: the photograph stretched to the result's size, and the result. */
import sharp from "sharp";
import { label } from "./label.js";

/** A panel is not wider than this, so that the picture of a large result can still be looked at. */
const WIDEST = 1600;
const GAP = 16;
const HEAD = 56;

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The size as it is shown, EXIF orientation heeded. */
export async function sizeOf(file: string): Promise<Size> {
  const { autoOrient } = await sharp(file).metadata();
  return { width: autoOrient.width, height: autoOrient.height };
}

/** Writes a PNG and gives its size. */
export async function writeBeforeAfter(before: string, after: string, target: string): Promise<Size> {
  const [from, to] = [await sizeOf(before), await sizeOf(after)];
  const shrink = Math.min(1, WIDEST / to.width);
  const panel = { width: Math.round(to.width * shrink), height: Math.round(to.height * shrink) };
  // What a viewer would make of the small picture on the same space.
  const left = await sharp(before)
    .autoOrient()
    .resize({ ...panel, fit: "fill", kernel: "cubic" })
    .toBuffer();
  const right = await sharp(after)
    .autoOrient()
    .resize({ ...panel, fit: "fill" })
    .toBuffer();
  const size = { width: panel.width * 2 + GAP * 3, height: panel.height + HEAD + GAP };
  const dot = panel.width < 400 ? 1 : 3;
  const captions = [
    label(`BEFORE ${from.width} x ${from.height}`, dot),
    label(`AFTER ${to.width} x ${to.height}`, dot),
  ];
  const lefts = [GAP, GAP * 2 + panel.width];
  await sharp({ create: { ...size, channels: 3, background: "#222" } })
    .composite([
      ...[left, right].map((input, index) => ({ input, left: lefts[index] ?? 0, top: HEAD })),
      ...captions.map(({ svg, height }, index) => ({
        input: svg,
        left: lefts[index] ?? 0,
        top: Math.round((HEAD - height) / 2),
      })),
    ])
    .png()
    .toFile(target);
  return size;
}
