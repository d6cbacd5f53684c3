import sharp, { type Sharp } from "sharp";
import { describe, expect, it } from "vitest";
import { sharpUpscaler } from "../sharp-upscaler.js";

const OFF = { sharpen: 0, smart_grain: 0, ultra_detail: 0 };
const upscale = sharpUpscaler(2, "png");

function plain(channels: 3 | 4 = 3): Sharp {
  return sharp({ create: { width: 40, height: 30, channels, background: { r: 200, g: 100, b: 0, alpha: 0.5 } } });
}

async function grey(bytes: Uint8Array): Promise<{ pixels: number[]; width: number }> {
  const { data, info } = await sharp(bytes).greyscale().raw().toBuffer({ resolveWithObject: true });
  return { pixels: [...data], width: info.width };
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

describe("The stand-in for the model", () => {
  it("only resamples with every slider at 0", async () => {
    const { bytes, type } = await upscale(await plain().png().toBuffer(), OFF);
    expect(type).toBe("image/png");
    const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width: 80, height: 60, channels: 3 });
    expect(
      new Set(Array.from({ length: 80 * 60 }, (_, pixel) => data.toString("hex", pixel * 3, pixel * 3 + 3))),
    ).toEqual(new Set(["c86400"]));
  });

  it("leaves transparency as it was", async () => {
    const { bytes } = await upscale(await plain(4).png().toBuffer(), {
      sharpen: 50,
      smart_grain: 50,
      ultra_detail: 50,
    });
    const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
    expect(info.channels).toBe(4);
    expect(new Set(Array.from({ length: 80 * 60 }, (_, pixel) => data[pixel * 4 + 3]))).toEqual(new Set([128]));
  });

  it("turns a photograph as its EXIF says", async () => {
    // Red on the left; turned clockwise by a quarter, red is at the top.
    const red = {
      input: { create: { width: 20, height: 30, channels: 3, background: "#f00" } },
      left: 0,
      top: 0,
    } as const;
    const image = await plain().composite([red]).jpeg().withMetadata({ orientation: 6 }).toBuffer();
    const { data, info } = await sharp((await upscale(image, OFF)).bytes)
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([60, 80]);
    const green = (x: number, y: number): number => data[(y * 60 + x) * 3 + 1] ?? 0;
    for (const x of [5, 55]) expect([green(x, 10) < 30, green(x, 70) > 70]).toEqual([true, true]);
  });

  it.each(["webp", "gif", "tiff", "avif"] as const)("accepts %s", async (format) => {
    const image = await plain().toFormat(format).toBuffer();
    expect(await sharp((await upscale(image, OFF)).bytes).metadata()).toMatchObject({ width: 80, height: 60 });
  });

  it("has the scale and the format that were asked for", async () => {
    const larger = sharpUpscaler(3, "source");
    for (const [image, type] of [
      [await plain().jpeg().toBuffer(), "image/jpeg"],
      [await plain().webp().toBuffer(), "image/webp"],
      [await plain().gif().toBuffer(), "image/png"],
    ] as const) {
      const result = await larger(image, OFF);
      expect(result.type).toBe(type);
      const { format, width, height } = await sharp(result.bytes).metadata();
      expect([`image/${format}`, width, height]).toEqual([type, 120, 90]);
    }
  });

  it("refuses vector graphics and truncated images", async () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>');
    await expect(upscale(svg, OFF)).rejects.toThrow("not a raster image");
    const jpeg = await plain().jpeg().toBuffer();
    await expect(upscale(jpeg.subarray(0, jpeg.length / 2), OFF)).rejects.toThrow();
  });
});

describe("The filters", () => {
  const SIDE = 24;
  /** One pixel brighter than the grey around it. */
  const dot = Array.from({ length: SIDE * SIDE }, (_, index) => (index === 12 * SIDE + 12 ? 200 : 100));
  const image = (): Sharp => sharp(Buffer.from(dot), { raw: { width: SIDE, height: SIDE, channels: 1 } });

  it("use ultra_detail as the weight of what a gentle blur would take away", async () => {
    const same = sharpUpscaler(1, "png");
    const weight = (x: number, y: number): number => Math.exp(-(x * x + y * y) / 12.5);
    const range = [-4, -3, -2, -1, 0, 1, 2, 3, 4];
    const sum = range.reduce((total, y) => total + range.reduce((row, x) => row + weight(x, y), 0), 0);
    for (const ultra_detail of [40, 100]) {
      const { pixels } = await grey((await same(await image().png().toBuffer(), { ...OFF, ultra_detail })).bytes);
      for (const y of range)
        for (const x of range) {
          const extra = (x === 0 && y === 0 ? 100 : 0) - (100 * weight(x, y)) / sum;
          const expected = 100 + (x === 0 && y === 0 ? 100 : 0) + (ultra_detail / 100) * extra;
          expect(Math.abs((pixels[(12 + y) * SIDE + 12 + x] ?? 0) - Math.min(255, expected))).toBeLessThanOrEqual(1);
        }
    }
  });

  it.each([
    [50, 2, { sigma: 1, m1: 1, m2: 2.5 }],
    [100, 4, { sigma: 1.5, m1: 2, m2: 5 }],
  ])("use sharpen %i at scale %i for halos of that size", async (sharpen, scale, rule) => {
    const png = await image().toColourspace("srgb").png().toBuffer();
    const size = { width: SIDE * scale, height: SIDE * scale };
    const expected = sharp(png)
      .toColourspace("srgb")
      .resize({ ...size, fit: "fill", kernel: "lanczos3" })
      .sharpen(rule);
    const { bytes } = await sharpUpscaler(scale, "png")(png, { ...OFF, sharpen });
    expect((await grey(bytes)).pixels).toEqual((await grey(await expected.removeAlpha().png().toBuffer())).pixels);
  });

  it("write JPEG and WebP at a quality of 92", async () => {
    const source = sharpUpscaler(1, "source");
    for (const format of ["jpeg", "webp"] as const) {
      const sent = await plain().toFormat(format).toBuffer();
      const again = await sharp(sent).toColourspace("srgb").removeAlpha().toFormat(format, { quality: 92 }).toBuffer();
      expect((await source(sent, OFF)).bytes.length).toBe(again.length);
    }
  });
});

it("The grain is the same on every run, keeps the brightness, and no grain leans on its neighbour", async () => {
  const flat = await sharp({ create: { width: 300, height: 300, channels: 3, background: "#808080" } })
    .png()
    .toBuffer();
  const same = sharpUpscaler(1, "png");
  const deviations: number[] = [];
  for (const smart_grain of [10, 50, 100]) {
    const { bytes } = await same(flat, { ...OFF, smart_grain });
    expect(Buffer.compare(bytes, (await same(flat, { ...OFF, smart_grain })).bytes)).toBe(0);
    const { data } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
    const greys = Array.from({ length: 300 * 300 }, (_, pixel) => data[pixel * 3] ?? 0);
    const mean = greys.reduce((sum, value) => sum + value, 0) / greys.length;
    expect(Math.abs(mean - 128)).toBeLessThan(1);
    deviations.push(deviation(greys));
    const leaning = greys.slice(1).reduce((sum, value, at) => sum + (value - mean) * ((greys[at] ?? 0) - mean), 0);
    expect(Math.abs(leaning / greys.length / deviation(greys) ** 2)).toBeLessThan(0.02);
  }
  const [tenth = 0, half = 0, full = 0] = deviations;
  expect([full / half > 1.7, half / tenth > 4.5, full > 30]).toEqual([true, true, true]);
});
