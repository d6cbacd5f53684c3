// @tests PlanOptions
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { planAll } from "../plan.js";
import { all, bench } from "./bench.js";

describe("a plan", () => {
  it("read: false takes a file that the journal does not know for an image, whatever it holds", async () => {
    await using place = await bench();
    const [image = ""] = await place.images("a.png");
    const text = join(place.folder, "in", "b.png");
    await writeFile(text, "no image at all");
    const { client, out } = place;
    const actions = async (read: boolean): Promise<string[]> =>
      (await all(planAll([image, text], { client, out, read }))).map(({ action }) => action);
    expect(await actions(false)).toEqual(["send", "send"]);
    expect(await actions(true)).toEqual(["send", "refuse"]);
    expect(place.sandbox.counts.submits).toBe(0);
  });
});

describe("a journal", () => {
  // @tests BatchSettings.journal
  it("is kept where it is told to be, and there alone", async () => {
    await using place = await bench();
    const journal = join(place.folder, "elsewhere.jsonl");
    await place.run(await place.images("a.png"), { journal });
    expect(await readFile(journal, "utf8")).toContain('"type":"done"');
    expect(await readdir(place.out)).toEqual(["a.png"]);
  });
});
