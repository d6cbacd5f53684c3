import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { grainTile } from "../grain.js";

const large = { width: 1000, height: 1000 };

/** One channel; the others must be the same. */
function grey(amount: number, picture = large): number[] {
  const { input, raw } = grainTile(amount, picture);
  expect(input).toHaveLength(raw.width * raw.height * 3);
  const pixels = Array.from({ length: raw.width * raw.height }, (_, pixel) => input[pixel * 3] ?? 0);
  for (let pixel = 0; pixel < pixels.length; pixel += 97)
    expect([input[pixel * 3 + 1], input[pixel * 3 + 2]]).toEqual([pixels[pixel], pixels[pixel]]);
  return pixels;
}

it("spreads around the grey that changes nothing, by as much as is wanted", () => {
  for (const [amount, deviation] of [
    [100, 40],
    [50, 20],
    [10, 4],
  ] as const) {
    const pixels = grey(amount);
    const mean = pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
    const variance = pixels.reduce((sum, value) => sum + (value - mean) ** 2, 0) / pixels.length;
    expect(Math.abs(mean - 128)).toBeLessThan(0.5);
    expect(Math.abs(Math.sqrt(variance) / deviation - 1)).toBeLessThan(0.02);
    // No grain leans on its neighbour.
    const leaning = pixels
      .slice(1)
      .reduce((sum, value, index) => sum + (value - mean) * ((pixels[index] ?? 0) - mean), 0);
    expect(Math.abs(leaning / pixels.length / variance)).toBeLessThan(0.02);
  }
  expect(new Set(grey(0))).toEqual(new Set([128]));
});

it("stays the same grain, or the same image would no longer give the same result", () => {
  const digest = createHash("sha256").update(grainTile(100, large).input).digest("hex");
  expect(digest).toBe("8fe92b722930a9951bd95ec2b596b0cbbc44a6e520431c00e8ad7a82d91c99d8");
});

it("is no larger than the picture, and cut from the same grain", () => {
  const tile = grainTile(100, large);
  expect(tile.raw).toEqual({ width: 256, height: 256, channels: 3 });
  expect(grainTile(100, { width: 3, height: 300 }).raw).toEqual({ width: 3, height: 256, channels: 3 });
  const small = grainTile(100, { width: 3, height: 2 });
  expect(small.raw).toEqual({ width: 3, height: 2, channels: 3 });
  const rows = [0, 1].map((y) => tile.input.subarray(y * 256 * 3, y * 256 * 3 + 9));
  expect(small.input.equals(Buffer.concat(rows))).toBe(true);
});
