import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { expect, it } from "vitest";
import { writeBeforeAfter } from "./before-after.js";
import { label } from "./label.js";
import { showProgress } from "./progress.js";

it("draws letters dot by dot, and refuses those it does not have", async () => {
  const { svg, width, height } = label("1", 1);
  const { data } = await sharp(svg).extractChannel("alpha").raw().toBuffer({ resolveWithObject: true });
  const rows = Array.from({ length: height }, (_, y) =>
    [...data.subarray(y * width, (y + 1) * width)].map((value) => (value > 128 ? "#" : ".")).join(""),
  );
  expect(rows).toEqual(["..#..", ".##..", "..#..", "..#..", "..#..", "..#..", ".###."]);
  expect(label("BEFORE 12 x 34", 3).width).toBe((14 * 6 - 1) * 3);
  expect(() => label("Ä", 1)).toThrow(/"Ä"/);
});

it("puts both pictures side by side in the result's size, a large one made smaller", async () => {
  const folder = await mkdtemp(join(tmpdir(), "pictures-test-"));
  try {
    const colour = (side: number, background: string) =>
      sharp({ create: { width: side, height: side, channels: 3, background } }).png();
    const [before, after, both] = ["before.png", "after.png", "both.png"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    await colour(50, "#f00").toFile(before);
    await colour(100, "#00f").toFile(after);
    const size = await writeBeforeAfter(before, after, both);
    expect(size).toEqual({ width: 248, height: 172 });
    const { data, info } = await sharp(both).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const at = (x: number, y: number): string => {
      const start = (y * info.width + x) * 3;
      return data.toString("hex", start, start + 3);
    };
    expect([at(17, 57), at(115, 155), at(133, 57), at(231, 155)]).toEqual(["ff0000", "ff0000", "0000ff", "0000ff"]);
    await colour(4000, "#00f").toFile(after);
    expect((await writeBeforeAfter(before, after, both)).width).toBe(2 * 1600 + 48);
  } finally {
    await rm(folder, { recursive: true });
  }
});

it("draws one line on a terminal, a line for each status elsewhere", () => {
  let now = 0;
  const written: string[] = [];
  const out = { write: (text: string) => written.push(text) };
  const plain = showProgress(out, () => now);
  plain.status("CREATED");
  now = 1500;
  plain.status("COMPLETED");
  plain.end();
  expect(written).toEqual(["  CREATED (0.0 s)\n", "  COMPLETED (1.5 s)\n"]);

  written.length = 0;
  const live = showProgress({ ...out, isTTY: true }, () => now);
  live.status("CREATED");
  live.status("COMPLETED");
  live.end();
  expect(written.slice(0, -1).every((text) => text.startsWith("\r\x1b[K"))).toBe(true);
  expect(written.at(-2)).toContain("✓ CREATED → COMPLETED  0.0 s");
  expect(written.at(-1)).toBe("\n");
});
