/** One picture that shows the photograph, stretched to the size of the result, next to the result. */
import sharp from "sharp";

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
  const second = GAP * 2 + panel.width;
  const size = { width: panel.width + second + GAP, height: panel.height + HEAD + GAP };
  const top = Math.round((HEAD - 7 * dot) / 2);
  await sharp({ create: { ...size, channels: 3, background: "#222" } })
    .composite([
      { input: await resized(before), left: GAP, top: HEAD },
      { input: await resized(after), left: second, top: HEAD },
      { input: caption("BEFORE", dot), left: GAP, top },
      { input: caption("AFTER", dot), left: second, top },
    ])
    .png()
    .toFile(target);
}

/** Seven rows of five dots for each letter: a machine without fonts shows them too. */
const LETTERS: Readonly<Record<string, readonly number[]>> = {
  A: [0b01110, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001],
  B: [0b11110, 0b10001, 0b10001, 0b11110, 0b10001, 0b10001, 0b11110],
  E: [0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b11111],
  F: [0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b10000],
  O: [0b01110, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01110],
  R: [0b11110, 0b10001, 0b10001, 0b11110, 0b10100, 0b10010, 0b10001],
  T: [0b11111, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100],
};

/** An SVG of the text, `dot` pixels to a dot. */
function caption(text: string, dot: number): Buffer {
  const dots = [...text].flatMap((letter, index) =>
    (LETTERS[letter] ?? []).flatMap((row, y) =>
      [0, 1, 2, 3, 4]
        .filter((x) => (row >> (4 - x)) & 1)
        .map((x) => `M${(index * 6 + x) * dot} ${y * dot}h${dot}v${dot}h-${dot}z`),
    ),
  );
  const size = `width="${(text.length * 6 - 1) * dot}" height="${7 * dot}"`;
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" ${size}><path fill="#eee" d="${dots.join("")}"/></svg>`);
}
