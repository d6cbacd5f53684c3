import { readFile, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Here, hereOf, run } from "../../test/here.js";

let here: Here;
beforeEach(async () => {
  here = await hereOf();
});
afterEach(() => here[Symbol.asyncDispose]());

const FAST = ["--poll", "0.01", "--rate", "none", "--retry", "0"];
const resume = (...more: string[]) => run(["resume", here.at("out"), ...FAST, "--reconcile", ...more]);

/** A batch of two images, an hour ago: the answer to the second was lost. */
async function lose(handled: boolean): Promise<void> {
  for (const name of ["a.png", "b.png"]) await here.image(`in/${name}`);
  await run(["upscale", here.at("in/a.png"), "--out", `${here.at("out")}/`, ...FAST]);
  here.sandbox.fault({ kind: "reset", on: "submit", handled });
  expect(await run(["upscale", here.at("in"), "--out", here.at("out"), ...FAST])).toMatchObject({ code: 4 });
  const journal = here.at("out/magnific-journal.jsonl");
  const text = await readFile(journal, "utf8");
  await writeFile(
    journal,
    text.replace(/"at":(\d+)/g, (_, at) => `"at":${Number(at) - 3_600_000}`),
  );
}

it("images that provably made no task are retried, and only with the declaration", async () => {
  await lose(false);
  const unsure = await resume();
  expect(unsure).toMatchObject({ code: 4, out: [expect.stringMatching(/^unknown {3}.*b\.png$/)] });
  expect(unsure.said).toEqual([
    "It cannot be said whether 1 image with an unknown outcome made a task:",
    expect.stringMatching(/^- other programs may use this key: .*--exclusive-key/),
  ]);
  expect((await resume("--exclusive-key", "--settle", "7200")).said[1]).toMatch(/too little time .*--settle/);
  const journal = () => readFile(here.at("out/magnific-journal.jsonl"), "utf8");
  const before = await journal();
  const dry = await resume("--exclusive-key", "--dry-run");
  expect(dry.said[0]).toMatch(/^No task exists of 1 image/);
  expect(await journal()).toBe(before);
  const done = await resume("--exclusive-key", "--json");
  expect(done.code).toBe(0);
  expect(done.json[0]).toMatchObject({ event: "reconciled", outcome: "none", tasks: [], reasons: [] });
  expect(done.json.at(-1)).toMatchObject({ event: "summary", done: 1, skipped: 1, unknown: 0, paid: 1 });
  expect(here.sandbox.counts.paid).toBe(2);
});

it("a task that may be of such an image is named with it, and nothing is sent", async () => {
  await lose(true);
  const paid = here.sandbox.counts.paid;
  const { code, out, said } = await resume("--exclusive-key");
  const { id, status } = here.sandbox.tasks()[0] ?? {};
  expect([code, out]).toEqual([4, [expect.stringMatching(/^unknown {3}.*b\.png$/), `candidate ${id}  ${status}`]]);
  expect(said[0]).toMatch(/^1 task may be of 1 image with an unknown outcome.*nothing was retried\.$/);
  expect(here.sandbox.counts.paid).toBe(paid);
});
