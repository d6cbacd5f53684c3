/** One picture that shows the photograph, stretched to the size of the result, next to the result. */
import { join } from "node:path";
import sharp from "sharp";
import { ROOT } from "../../openapi/document/load.js";

/** A panel is not wider than this, so that the picture of a large result can still be viewed. */
const WIDEST = 1600;
const GAP = 16;
const HEAD = 56;

/** Width and height as they are shown, after the EXIF orientation. */
export async function sizeOf(file: string) {
  return (await sharp(file).metadata()).autoOrient;
}

/** Writes a PNG. */
export async function writeBeforeAfter(before: string, after: string, target: string): Promise<void> {
  const { width, height } = await sizeOf(after);
  const shrink = Math.min(1, WIDEST / width);
  const panel = { width: Math.round(width * shrink), height: Math.round(height * shrink) };
  const resized = (file: string) =>
    sharp(file)
      .autoOrient()
      .resize({ ...panel, fit: "fill", kernel: "cubic" })
      .toBuffer();
  const dot = panel.width < 200 ? 1 : 3;
  // Drawn, not written: a machine without fonts shows them too.
  const caption = (name: string) => ({ input: join(ROOT, "scripts/demo", `${name}.svg`), density: 72 * dot });
  const second = GAP * 2 + panel.width;
  const size = { width: panel.width + second + GAP, height: panel.height + HEAD + GAP };
  const top = Math.round((HEAD - 7 * dot) / 2);
  await sharp({ create: { ...size, channels: 3, background: "#222" } })
    .composite([
      { input: await resized(before), left: GAP, top: HEAD },
      { input: await resized(after), left: second, top: HEAD },
      { ...caption("before"), left: GAP, top },
      { ...caption("after"), left: second, top },
    ])
    .png()
    .toFile(target);
}
