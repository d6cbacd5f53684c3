import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { SLIDERS } from "../../../test-support/document.js";
import { type Heard, type Here, hereOf, run } from "../../test/here.js";

const FAST = ["--poll", "0.01", "--rate", "none", "--retry", "0"];

let here: Here;
beforeEach(async () => {
  here = await hereOf();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await here[Symbol.asyncDispose]();
});

const camelCase = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

const upscale = (...more: string[]): Promise<Heard> =>
  run(["upscale", here.at("in"), "--out", here.at("out"), ...FAST, ...more]);

async function noted(journal = here.at("out/magnific-journal.jsonl")): Promise<unknown> {
  const lines = (await readFile(journal, "utf8")).split("\n").filter((line) => line.includes('"note"'));
  return JSON.parse(lines.at(-1) ?? "").note;
}

it("keeps in the journal what a call was, so that it can be repeated", async () => {
  await here.image("in/a.png");
  await upscale();
  const flags = { out: here.at("out"), name: "{dir}/{name}.{ext}" };
  expect(await noted()).toEqual({ command: "upscale", cwd: process.cwd(), inputs: [here.at("in")], flags });
  const more = ["--overwrite", "--journal", here.at("j.jsonl"), "--name", "{name}.{ext}", "--no-filter-nsfw"];
  const sliders = SLIDERS.map(([name], index) => [name, index + 1] as const);
  await upscale(...more, ...sliders.flatMap(([name, value]) => [`--${name.replaceAll("_", "-")}`, String(value)]));
  expect(await noted(here.at("j.jsonl"))).toMatchObject({
    flags: {
      out: here.at("out"),
      name: "{name}.{ext}",
      journal: here.at("j.jsonl"),
      overwrite: true,
      ...Object.fromEntries(sliders.map(([name, value]) => [camelCase(name), value])),
      filterNsfw: false,
    },
  });
  expect(here.sandbox.tasks()[0]?.sliders).toMatchObject(Object.fromEntries(sliders));
});

it("resume repeats the call from where it was made, with its own say in how", async () => {
  await here.image("in/a.png");
  here.sandbox.script("failed");
  expect(await upscale("--sharpen", "9", "--name", "x-{name}.{ext}")).toMatchObject({ code: 1 });
  const chdir = vi.spyOn(process, "chdir").mockReturnValue();
  const journal = here.at("out/magnific-journal.jsonl");
  expect(await run(["resume", here.at("out"), ...FAST])).toMatchObject({ code: 1 });
  expect(here.sandbox.counts.paid).toBe(1);
  expect(await run(["resume", journal, "--resubmit-failed", ...FAST])).toMatchObject({ code: 0 });
  expect(chdir.mock.calls).toEqual([[process.cwd()], [process.cwd()]]);
  expect(here.sandbox.tasks().map(({ sliders }) => sliders.sharpen)).toEqual([9, 9]);
  expect(await readFile(here.at("out/x-a.png"))).toHaveLength(300);
});

it("says where the ending of a result's name is not one of its type", async () => {
  const target = here.at("result.jpg");
  const { code, said } = await run(["upscale", await here.image("a.png"), ...FAST, "--out", target]);
  const note = `${target} holds image/png, which its ending .jpg does not say: name it .png, or convert it.`;
  expect([code, said]).toEqual([0, [note]]);
});

it("writes the result of one image into the file that --out names, or next to the image, and pays for it once", async () => {
  const image = await here.image("photos/a.png");
  const one = (...more: string[]): Promise<Heard> => run(["upscale", image, ...FAST, ...more]);
  expect(await one("--out", here.at("new/result.png"))).toMatchObject({ code: 0, said: [] });
  expect(await readFile(here.at("new/result.png"))).toHaveLength(300);
  expect((await one("--out", here.at("new/result.png"))).out[0]).toContain("finished earlier");
  expect(await one()).toMatchObject({ code: 0 });
  expect(await one("--name", "{name}@2x.{ext}")).toMatchObject({ code: 0 });
  expect(await one("--out", here.at("new"), "--name", "fixed.{ext}")).toMatchObject({ code: 0 });
  expect(await one("--out", `${here.at("big")}/`)).toMatchObject({ code: 0 });
  expect(await readdir(here.at("photos"))).toEqual(["a-upscaled.png", "a.png", "a@2x.png"]);
  expect(await readdir(here.at("new"))).toEqual(["fixed.png", "magnific-journal.jsonl", "result.png"]);
  expect(await readdir(here.at("big"))).toEqual(["a.png", "magnific-journal.jsonl"]);
  // Two folders with journals of their own, and one journal of what is written elsewhere.
  expect(here.sandbox.counts.paid).toBe(3);
  expect(await one("--out", here.at("b.png"), "--sharpen", "9")).toMatchObject({ code: 0 });
  expect(await one("--out", here.at("new/fixed.png"), "--sharpen", "8")).toMatchObject({ code: 1 });
  expect(here.sandbox.counts.paid).toBe(4);
  const codes: (number | undefined)[] = [];
  for (const journal of await readdir(here.at("state/magnific/upscale")))
    codes.push((await run(["resume", here.at(`state/magnific/upscale/${journal}`), ...FAST])).code);
  expect(codes.sort()).toEqual([0, 0, 1]);
});

it("says where one file cannot take the results, and that an image is none", async () => {
  await here.image("in/a.png");
  const b = await here.image("in/b.png");
  const wrong = async (message: string, ...args: string[]): Promise<void> => {
    const { code, said } = await run(["upscale", ...args, ...FAST]);
    expect({ code, said: said[0] }).toEqual({ code: 2, said: `red(magnific:) ${message}` });
  };
  const file = (path: string) =>
    `${path} is one file, and there may be several results: name a folder with --out, e.g. big/.`;
  await wrong(file("result.png"), here.at("in"), "--out", "result.png");
  await wrong(file("result.JPG"), here.at("in/*.png"), "--out", "result.JPG");
  await wrong(file(b), here.at("in/a.png"), b, "--out", b);
  await wrong("The results of several images need a folder: name it with --out.", here.at("in"));
  await wrong("stdout takes one result: name a folder with --out, e.g. big/.", here.at("in"), "--out", "-");
  await wrong("--json and --out - both write to stdout: use one of them.", b, "--out", "-", "--json");
  await wrong("There is no file or folder a.png.", "a.png", "--out", "b.png");
  const text = await here.file("a.png", "no image");
  const { code, out } = await run(["upscale", text, "--out", here.at("result.png"), ...FAST]);
  expect({ code, failed: out[0] }).toEqual({ code: 1, failed: expect.stringContaining("is not an image") });
  expect(here.sandbox.counts.requests).toBe(0);
});

it("resume says why it cannot continue", async () => {
  const wrong = async (place: string, pattern: RegExp): Promise<void> => {
    const { code, said } = await run(["resume", place, ...FAST]);
    expect({ code, said: said[0] }, place).toEqual({ code: 2, said: expect.stringMatching(pattern) });
  };
  await wrong(here.at("away"), /There is no journal of a batch at .*\/away\.$/);
  await mkdir(here.at("empty"));
  await wrong(here.at("empty"), /There is no journal of a batch at .*\/empty\/magnific-journal\.jsonl\.$/);
  await mkdir(here.at("odd/magnific-journal.jsonl"), { recursive: true });
  await wrong(here.at("odd"), /There is no journal/);

  await here.image("in/a.png");
  await upscale();
  const text = await readFile(here.at("out/magnific-journal.jsonl"), "utf8");
  const note = JSON.stringify(await noted());
  const noteOf = async (changed: object | undefined): Promise<void> => {
    const other = JSON.stringify(changed === undefined ? 0 : { ...JSON.parse(note), ...changed });
    await writeFile(here.at("other.jsonl"), text.replace(note, other));
  };
  for (const changed of [
    undefined,
    { command: "other" },
    { cwd: undefined },
    { inputs: undefined },
    { flags: undefined },
  ]) {
    await noteOf(changed);
    await wrong(here.at("other.jsonl"), /was not written by `magnific upscale`/);
  }
  await noteOf({ inputs: ["a.png", "-"] });
  await wrong(here.at("other.jsonl"), /read its image from stdin/);
  await noteOf({ cwd: "/nowhere/at/all" });
  await wrong(here.at("other.jsonl"), /The folder \/nowhere\/at\/all, where this batch was started, no longer exists/);
  expect(here.sandbox.counts.paid).toBe(1);
});

it("asks above the number that the environment says, or above 10", async () => {
  for (let n = 0; n < 11; n++) await here.image(`in/${n}.png`);
  const asked = async (set: string | undefined, ...more: string[]): Promise<string | undefined> => {
    vi.stubEnv("MAGNIFIC_CONFIRM_ABOVE", set);
    const { code, said } = await upscale(...more);
    expect(code).toBe(2);
    return said[0];
  };
  for (const set of [undefined, "", "10", "0"]) expect(await asked(set)).toContain("up to 11 paid calls");
  for (const set of ["many", "-1"])
    expect(await asked(set)).toContain("MAGNIFIC_CONFIRM_ABOVE is invalid. It must be a whole number of at least 0.");
  // The flag comes first.
  expect(await asked("100", "--confirm-above", "10")).toContain("up to 11 paid calls");
  expect(here.sandbox.counts.requests).toBe(0);
  vi.stubEnv("MAGNIFIC_CONFIRM_ABOVE", "11");
  expect(await upscale()).toMatchObject({ code: 0 });
  expect(here.sandbox.counts.paid).toBe(11);
});

it("ten are not asked about", async () => {
  for (let n = 0; n < 10; n++) await here.image(`in/${n}.png`);
  expect(await upscale()).toMatchObject({ code: 0 });
});

it("retries what is unknown, failed or changed only when asked to", async () => {
  await here.image("in/a.png");
  here.sandbox.fault({ kind: "reset", on: "submit", handled: true });
  expect(await upscale()).toMatchObject({ code: 4 });
  expect(await upscale("--resubmit-failed", "--resubmit-changed")).toMatchObject({ code: 4 });
  here.sandbox.script("failed");
  expect(await upscale("--resubmit-unknown")).toMatchObject({ code: 1 });
  expect(await upscale("--resubmit-unknown", "--resubmit-changed")).toMatchObject({ code: 1 });
  expect(await upscale("--resubmit-failed")).toMatchObject({ code: 0 });
  expect(here.sandbox.counts.paid).toBe(3);
  expect(await upscale("--sharpen", "1", "--resubmit-unknown", "--resubmit-failed")).toMatchObject({ code: 1 });
  expect(await upscale("--sharpen", "1", "--resubmit-changed")).toMatchObject({ code: 0 });
  expect(here.sandbox.counts.paid).toBe(4);
});

it("overwrites only when asked to, and names results by the template", async () => {
  await here.image("in/sub/a.png");
  await here.file("out/sub/a.png", "mine");
  expect(await upscale()).toMatchObject({ code: 1, said: [expect.stringContaining("--overwrite")] });
  expect(here.sandbox.counts.submits).toBe(0);
  expect(await upscale("--overwrite")).toMatchObject({ code: 0 });
  expect(await readFile(here.at("out/sub/a.png"))).toHaveLength(300);
});

it("has no more in progress at once than configured, and 4 otherwise", async () => {
  await here[Symbol.asyncDispose]();
  here = await hereOf({ lifeCycle: ["CREATED", { status: "IN_PROGRESS", ms: 60 }, "COMPLETED"] });
  for (let n = 0; n < 6; n++) await here.image(`in/${n}.png`);
  const most = async (...more: string[]): Promise<number> => {
    const began = here.sandbox.counts.paid;
    let most = 0;
    const watch = setInterval(() => {
      const under = here.sandbox.tasks().filter(({ status }) => status !== "COMPLETED").length;
      most = Math.max(most, under);
    }, 3);
    await upscale(...more);
    clearInterval(watch);
    expect(here.sandbox.counts.paid - began).toBe(6);
    return most;
  };
  expect(await most("-c", "1")).toBe(1);
  expect(await most("--journal", here.at("j"), "--name", "x-{name}.{ext}", "--sharpen", "2")).toBeLessThanOrEqual(4);
});

it("ends the wait for a task when asked to; the next run resumes it", async () => {
  await here.image("in/a.png");
  here.sandbox.script("stuck");
  const began = performance.now();
  const heard = await upscale("--wait-timeout", "0.1");
  expect(performance.now() - began).toBeGreaterThan(95);
  expect(heard).toMatchObject({ code: 1, said: [expect.stringContaining("nothing is sent twice")] });
});

it("with --verify reads finished sources again", async () => {
  await here.image("in/a.png");
  await upscale();
  const journal = here.at("out/magnific-journal.jsonl");
  // The file is as it was, of old, and what the journal knows is the digest of another.
  const text = (await readFile(journal, "utf8")).replace(/("type":"done","at":)\d+/, `$1${Date.now() + 100_000}`);
  const digest = /"digest":"([^"]+)"/.exec(text)?.[1] ?? "none";
  await writeFile(journal, text.replaceAll(digest, [...digest].reverse().join("")));
  expect(await upscale()).toMatchObject({ code: 0 });
  expect(await upscale("--verify")).toMatchObject({ code: 1, said: [expect.stringContaining("--resubmit-changed")] });
});
