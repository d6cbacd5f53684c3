import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ResultImage } from "../../result/result-image.js";
import { saveResult } from "../save-result.js";
import { type Bench, bench } from "./bench.js";
import { CAN_MOUNT, smallDisk } from "./small-disk.js";
import { underWay } from "./under-way.js";

async function imageOf({ client }: Bench, path: string): Promise<ResultImage> {
  const { images } = await client.upscale({ image: await readFile(path) });
  const [image] = images;
  if (image === undefined) throw new Error("The task has no image.");
  return image;
}

describe("the images of a task", () => {
  it("get their names one by one, and are as large as all of them", async () => {
    await using place = await bench();
    const [a = ""] = await place.images("a.png");
    const image = await imageOf(place, a);
    await using open = await underWay(place);
    const { batch } = open;
    const asked: string[] = [];
    const replaceable = (target: string): boolean => {
      asked.push(target);
      return target.endsWith("a-2.png");
    };
    const outputs = [join(place.out, "a.png"), join(place.out, "a-2.png")];
    await mkdir(place.out, { recursive: true });
    await writeFile(outputs[1] ?? "", "old");
    expect(await saveResult(batch, await open.digested(a), [image, image], replaceable)).toEqual({
      outputs,
      bytes: 800,
    });
    expect(asked).toEqual(outputs);
    for (const output of outputs) expect((await readFile(output)).equals(await readFile(a))).toBe(true);
    expect(await readdir(batch.work)).toEqual([]);
  });

  it("are not fetched to their end when the batch is stopped at once", async () => {
    await using place = await bench();
    const [a = ""] = await place.images("a.png");
    const image = await imageOf(place, a);
    await using open = await underWay(place);
    open.batch.abort();
    await expect(saveResult(open.batch, await open.digested(a), [image], () => false)).rejects.toMatchObject({
      code: "aborted",
    });
    expect(await readdir(open.batch.work)).toEqual([]);
    expect(await place.outputs()).toEqual([]);
  });

  it("that cannot be fetched say so, under no other name", async () => {
    await using place = await bench();
    const [a = ""] = await place.images("a.png");
    const image = await imageOf(place, a);
    await using open = await underWay(place);
    place.sandbox.fault({ kind: "error", status: 400, on: "result" });
    await expect(saveResult(open.batch, await open.digested(a), [image], () => false)).rejects.toMatchObject({
      code: "download_failed",
    });
    expect(await place.outputs()).toEqual([]);
  });

  it.skipIf(!CAN_MOUNT)("for which there is no room say so by the result's name", async () => {
    await using place = await bench();
    const [a = ""] = await place.images("a.png");
    const image = await imageOf(place, a);
    await using disk = await smallDisk(join(place.folder, "small"));
    await using open = await underWay(place, { journal: join(place.folder, "small", "j.jsonl") });
    const digested = await open.digested(a);
    disk.fill();
    await expect(saveResult(open.batch, digested, [image], () => false)).rejects.toMatchObject({
      fault: "disk_full",
      path: join(place.out, "a.png"),
    });
    expect(await readdir(open.batch.work)).toEqual([]);
  });
});
