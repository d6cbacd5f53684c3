import { copyFile, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { pngOf } from "../../test-support/png.js";
import { type Planned, type PlanOptions, planAll } from "../plan.js";
import { all, type Bench, bench, tally } from "./bench.js";

const planned = (place: Bench, inputs: Iterable<string>, more: Partial<PlanOptions> = {}): Promise<Planned[]> =>
  all(planAll(inputs, { client: place.client, out: place.out, ...more }));

/** As if the journal had seen the file as it is now, and long after its times, which then prove its content. */
async function believed({ journal }: Bench, path: string): Promise<void> {
  const { size, mtimeMs, ctimeMs } = await stat(path);
  const text = (await readFile(journal, "utf8"))
    .replace(/"facts":\{[^}]*\}/, `"facts":${JSON.stringify({ size, mtimeMs, ctimeMs })}`)
    .replaceAll(/"at":(\d+)/g, (_all, at: string) => `"at":${Number(at) + 60_000}`);
  await writeFile(journal, text);
}

describe("a plan", () => {
  it("of one path, where a list is wanted, is refused", async () => {
    await using place = await bench();
    const { client, out } = place;
    await expect(all(planAll("a.png", { client, out }))).rejects.toThrow("for one file give");
  });

  it("of a finished image names its task, until its result is gone", async () => {
    await using place = await bench();
    const [path = ""] = await place.images("a.png");
    const [{ task } = { task: "" }] = await place.run([path]);
    const output = join(place.out, "a.{ext}");
    const skip = { path, output, action: "skip", task };
    expect(await planned(place, [path])).toEqual([skip]);
    await rm(join(place.out, "a.png"));
    expect(await planned(place, [path])).toEqual([{ ...skip, action: "resume" }]);
    expect(tally(await place.run([path]))).toEqual({ done: 1 });
  });

  it("of a finished image whose facts prove its content does not read it, unless it is to be verified", async () => {
    await using place = await bench();
    const [path = ""] = await place.images("a.png");
    const [{ task } = { task: "" }] = await place.run([path]);
    await writeFile(path, "no image");
    await believed(place, path);
    const output = join(place.out, "a.{ext}");
    expect(await planned(place, [path])).toEqual([{ path, output, action: "skip", task }]);
    expect(await planned(place, [path], { verify: true })).toMatchObject([{ path, output, action: "refuse" }]);
    await rm(join(place.out, "a.png"));
    expect(await planned(place, [path])).toMatchObject([{ action: "refuse" }]);
  });

  it("of an image with several results looks at each of them", async () => {
    await using place = await bench();
    const [path = ""] = await place.images("a.png");
    await place.run([path]);
    const text = await readFile(place.journal, "utf8");
    await writeFile(place.journal, text.replace('["a.png"]', '["a.png","a-2.png"]'));
    expect(await planned(place, [path])).toMatchObject([{ action: "resume" }]);
    await copyFile(join(place.out, "a.png"), join(place.out, "a-2.png"));
    expect(await planned(place, [path])).toMatchObject([{ action: "skip" }]);
  });

  it("gives an output's name to the first source, which may come twice", async () => {
    await using place = await bench();
    const [a = "", b = ""] = await place.images("a.png", "a.webp");
    expect(await planned(place, [a, b, a])).toMatchObject([
      { path: a, action: "send" },
      { path: b, action: "refuse", reason: "../in/a.png has the same output name" },
      { path: a, action: "copy" },
    ]);
  });

  it("counts every image that it does not read as one to be sent", async () => {
    await using place = await bench();
    const [a = "", b = ""] = await place.images("a.png", "b.png");
    await writeFile(a, "no image");
    expect(await planned(place, [a, b], { read: false })).toMatchObject([{ action: "send" }, { action: "send" }]);
    expect(await planned(place, [a, b])).toMatchObject([
      { action: "refuse", reason: expect.stringContaining("image") },
      { action: "send" },
    ]);
  });

  it("of an image that changed names the earlier task, or takes the old result's place when allowed", async () => {
    await using place = await bench();
    const [path = ""] = await place.images("a.png");
    const [{ task } = { task: "" }] = await place.run([path]);
    await writeFile(path, pngOf(500, 8, 8, "changed"));
    const output = join(place.out, "a.{ext}");
    const reason = "it was sent before with another content or other settings";
    expect(await planned(place, [path])).toEqual([{ path, output, action: "refuse", task, reason }]);
    expect(await planned(place, [path], { resubmitChanged: true })).toEqual([{ path, output, action: "send" }]);

    // The old result is the image's own, also when a run ended before the new one was there.
    place.sandbox.script("failed");
    expect(tally(await place.run([path], { resubmitChanged: true }))).toEqual({ failed: 1 });
    expect(await planned(place, [path], { resubmitFailed: true })).toEqual([{ path, output, action: "again" }]);

    const strange = join(place.out, "a.webp");
    await writeFile(strange, "mine");
    const refused = { path, output, action: "refuse", reason: `${strange} is there already` };
    expect(await planned(place, [path], { resubmitFailed: true })).toEqual([refused]);
    expect(await planned(place, [path], { resubmitFailed: true, overwrite: true })).toMatchObject([
      { action: "again" },
    ]);
  });

  it("takes a known task up whatever stands there, since what that is shows in the result", async () => {
    await using place = await bench();
    const [path = ""] = await place.images("a.png");
    place.sandbox.script("stuck");
    const [{ task } = { task: "" }] = await place.run([path], { timeout: 20 });
    await writeFile(join(place.out, "a.png"), "mine");
    expect(await planned(place, [path])).toMatchObject([{ action: "resume", task }]);
  });

  it("of an image whose result another source has is a copy, or nothing where that is its own name", async () => {
    await using place = await bench();
    const [a = ""] = await place.images("a.png");
    const [{ task } = { task: "" }] = await place.run([a]);
    const [moved, twin] = [join(place.folder, "elsewhere", "a.png"), join(place.folder, "in", "b.png")];
    await mkdir(join(place.folder, "elsewhere"));
    await copyFile(a, twin);
    await rename(a, moved);
    expect(await planned(place, [moved, twin])).toEqual([
      { path: moved, output: join(place.out, "a.{ext}"), action: "skip", task },
      { path: twin, output: join(place.out, "b.{ext}"), action: "copy", task },
    ]);
    expect(tally(await place.run([moved, twin]))).toEqual({ skipped: 1, done: 1 });
  });
});
