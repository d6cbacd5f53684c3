import { copyFile, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { pngOf } from "../../test-support/png.js";
import { headerLine, type JournalRecord, recordLine } from "../journal/record.js";
import { type Planned, type PlanOptions, planAll } from "../plan.js";
import { all, type Bench, bench, tally } from "./bench.js";

const planned = (place: Bench, inputs: Iterable<string>, more: Partial<PlanOptions> = {}): Promise<Planned[]> =>
  all(planAll(inputs, { client: place.client, out: place.out, ...more }));

/** As if the journal had seen the file as it is now, and long after its times, which then prove its content. */
async function believe({ journal }: Bench, path: string): Promise<void> {
  const { size, mtimeMs, ctimeMs } = await stat(path);
  const text = (await readFile(journal, "utf8"))
    .replace(/"facts":\{[^}]*\}/, `"facts":${JSON.stringify({ size, mtimeMs, ctimeMs })}`)
    .replaceAll(/"at":(\d+)/g, (_all, at: string) => `"at":${Number(at) + 60_000}`);
  await writeFile(journal, text);
}

// @tests PlanOptions.read
it("a plan says what a batch would do with each image, and the batch then does that", async () => {
  await using place = await bench();
  const { out, sandbox } = place;
  const names = ["done", "lost", "stuck", "failed", "changed", "new", "twin", "clash"];
  const paths = await place.images(...names.map((name) => `${name}.png`));
  const path = (name: string): string => join(place.folder, "in", `${name}.png`);
  await place.run([path("done"), path("changed")]);
  sandbox.fault({ kind: "reset", on: "submit", handled: true });
  await place.run([path("lost")]);
  sandbox.script("stuck");
  await place.run([path("stuck")], { timeout: 20 });
  sandbox.script("failed");
  await place.run([path("failed")]);
  await writeFile(path("changed"), "other");
  await copyFile(path("new"), path("twin"));
  await writeFile(join(out, "clash.webp"), "mine");

  const plan = async (more: Partial<PlanOptions> = {}): Promise<Record<string, string>> => {
    const list = await planned(place, [...paths, "none.png"], more);
    return Object.fromEntries(list.map(({ path, action }) => [path.replace(/^.*\/|\.png$/g, ""), action]));
  };
  const before = sandbox.counts.requests;
  const sends = { new: "send", twin: "copy", clash: "refuse", none: "refuse" };
  const expected = { done: "skip", lost: "unknown", stuck: "resume", failed: "resume", changed: "refuse", ...sends };
  expect(await plan()).toEqual(expected);
  expect(await plan({ read: false })).toEqual({ ...expected, twin: "send" });
  const allowed = await plan({ resubmitUnknown: true, resubmitFailed: true, overwrite: true });
  expect(allowed).toEqual({ ...expected, lost: "again", failed: "again", clash: "send" });
  expect(sandbox.counts.requests).toBe(before);

  const paid = sandbox.counts.paid;
  await place.run(paths, { timeout: 20 });
  expect(sandbox.counts.paid - paid).toBe(1);
});

describe("a plan", () => {
  it("skips a finished image and names its task, until its result is gone", async () => {
    await using place = await bench();
    const [{ task } = { task: "" }] = await place.run([place.a]);
    const skip = { path: place.a, output: join(place.out, "a.{ext}"), action: "skip", task };
    expect(await planned(place, [place.a])).toEqual([skip]);
    await rm(join(place.out, "a.png"));
    expect(await planned(place, [place.a])).toEqual([{ ...skip, action: "resume" }]);
  });

  it("does not read a finished image whose size and times prove its content, unless asked to verify", async () => {
    await using place = await bench();
    await place.run([place.a]);
    await writeFile(place.a, "no image");
    await believe(place, place.a);
    expect(await planned(place, [place.a])).toMatchObject([{ action: "skip" }]);
    expect(await planned(place, [place.a], { verify: true })).toMatchObject([{ action: "refuse" }]);
    // Within two seconds of the file's last change its times prove nothing.
    const text = await readFile(place.journal, "utf8");
    const { mtimeMs, ctimeMs } = await stat(place.a);
    const at = (after: number) => text.replaceAll(/"at":\d+/g, `"at":${Math.ceil(Math.max(mtimeMs, ctimeMs)) + after}`);
    await writeFile(place.journal, at(2_001));
    expect(await planned(place, [place.a])).toMatchObject([{ action: "skip" }]);
    await writeFile(place.journal, at(1_999));
    expect(await planned(place, [place.a])).toMatchObject([{ action: "refuse" }]);
    await writeFile(place.journal, at(2_001));
    await rm(join(place.out, "a.png"));
    expect(await planned(place, [place.a])).toMatchObject([{ action: "refuse" }]);
  });

  it("looks at each result of an image that has several", async () => {
    await using place = await bench();
    await place.run([place.a]);
    const text = await readFile(place.journal, "utf8");
    await writeFile(place.journal, text.replace('["a.png"]', '["a.png","a-2.png"]'));
    expect(await planned(place, [place.a])).toMatchObject([{ action: "resume" }]);
    await copyFile(join(place.out, "a.png"), join(place.out, "a-2.png"));
    expect(await planned(place, [place.a])).toMatchObject([{ action: "skip" }]);
  });

  it("gives an output's name to the first source, which may come twice", async () => {
    await using place = await bench();
    const [a = "", b = ""] = await place.images("a.png", "a.webp");
    expect(await planned(place, [a, b, a])).toMatchObject([
      { path: a, action: "send" },
      { path: b, action: "refuse", reason: expect.stringContaining("(../in/a.png) would have the same output name") },
      { path: a, action: "copy" },
    ]);
  });

  it("counts every image that it does not read as one to be sent", async () => {
    await using place = await bench();
    await writeFile(place.a, "no image");
    expect(await planned(place, [place.a, place.b], { read: false })).toMatchObject([
      { action: "send" },
      { action: "send" },
    ]);
    expect(await planned(place, [place.a, place.b])).toMatchObject([
      { action: "refuse", reason: expect.stringMatching(/^[^\n]*image[^\n]*$/) },
      { action: "send" },
    ]);
  });

  it("names the earlier task of an image that changed, or replaces the old result when allowed", async () => {
    await using place = await bench();
    const [{ task } = { task: "" }] = await place.run([place.a]);
    await writeFile(place.a, pngOf(500, 8, 8, "changed"));
    const output = join(place.out, "a.{ext}");
    const reason = expect.stringContaining("was sent before with other content");
    expect(await planned(place, [place.a])).toEqual([{ path: place.a, output, action: "refuse", task, reason }]);
    expect(await planned(place, [place.a], { resubmitChanged: true })).toEqual([
      { path: place.a, output, action: "send" },
    ]);

    // The old result is the image's own, also when a run ended before the new one was there.
    place.sandbox.script("failed");
    expect(tally(await place.run([place.a], { resubmitChanged: true }))).toEqual({ failed: 1 });
    expect(await planned(place, [place.a], { resubmitFailed: true })).toEqual([
      { path: place.a, output, action: "again" },
    ]);

    const strange = join(place.out, "a.webp");
    await writeFile(strange, "mine");
    const exists = expect.stringContaining(`${strange} already exists and is not the result of this image.`);
    expect(await planned(place, [place.a], { resubmitFailed: true })).toMatchObject([
      { action: "refuse", reason: exists },
    ]);
    expect(await planned(place, [place.a], { resubmitFailed: true, overwrite: true })).toMatchObject([
      { action: "again" },
    ]);
  });

  it("copies a result that another source has, or skips it where it has the right name already", async () => {
    await using place = await bench();
    const [{ task } = { task: "" }] = await place.run([place.a]);
    const [moved, twin] = [join(place.folder, "elsewhere", "a.png"), join(place.folder, "in", "b.png")];
    await mkdir(join(place.folder, "elsewhere"));
    await copyFile(place.a, twin);
    await rename(place.a, moved);
    expect(await planned(place, [moved, twin])).toEqual([
      { path: moved, output: join(place.out, "a.{ext}"), action: "skip", task },
      { path: twin, output: join(place.out, "b.{ext}"), action: "copy", task },
    ]);
    expect(tally(await place.run([moved, twin]))).toEqual({ skipped: 1, done: 1 });
  });
});

describe("with a journal in which", () => {
  const facts = { size: 1, mtimeMs: 1, ctimeMs: 1 };
  const SOURCE = "../in/a.png";
  const OLD = "0".repeat(64);
  const everything = { resubmitUnknown: true, resubmitFailed: true, resubmitChanged: true };
  type Step = (digest: string) => JournalRecord;
  const intent: Step = (digest) => ({
    type: "intent",
    at: 7,
    source: SOURCE,
    digest,
    settings: "s",
    output: "a.{ext}",
  });
  const task: Step = (digest) => ({ type: "task", at: 7, digest, task: "t" });
  const failed: Step = (digest) => ({ type: "failed", at: 7, digest, task: "t" });
  const refused: Step = (digest) => ({ type: "refused", at: 7, digest });
  const done: Step = (digest) => done_(digest, SOURCE, "a.png");
  const elsewhere: Step = (digest) => done_(digest, "../in/b.png", "b.png");
  const done_ = (digest: string, source: string, output: string): JournalRecord => {
    return { type: "done", at: 7, source, digest, settings: "s", task: "t", outputs: [output], facts };
  };
  const old =
    (step: Step): Step =>
    () =>
      step(OLD);

  interface Case {
    readonly steps: readonly Step[];
    /** Results that are there. */
    readonly written?: readonly string[];
    readonly options?: Partial<PlanOptions>;
    readonly action: Planned["action"];
    readonly named?: string;
  }
  it.each<[string, Case]>([
    ["nothing is known of the image, it is sent", { steps: [], action: "send" }],
    [
      "nothing is known of the image, it is sent whatever is allowed",
      { steps: [], options: everything, action: "send" },
    ],
    ["its result is written, it is skipped", { steps: [done], written: ["a.png"], action: "skip", named: "t" }],
    [
      "its result is written, it is skipped whatever is allowed",
      { steps: [done], written: ["a.png"], options: everything, action: "skip", named: "t" },
    ],
    ["its result is gone, its task is resumed", { steps: [done], action: "resume", named: "t" }],
    [
      "its result is gone but was copied, the copy is copied back",
      { steps: [elsewhere, done], written: ["b.png"], action: "copy", named: "t" },
    ],
    [
      "another source has its result, it is copied",
      { steps: [elsewhere], written: ["b.png"], action: "copy", named: "t" },
    ],
    ["its task is known, it is resumed", { steps: [intent, task], action: "resume", named: "t" }],
    [
      "its task is known, it is resumed whatever is allowed, whatever file is there",
      { steps: [intent, task], written: ["a.png"], options: everything, action: "resume", named: "t" },
    ],
    ["its task failed, that is reported", { steps: [intent, task, failed], action: "resume", named: "t" }],
    [
      "its task failed, it is retried when allowed",
      { steps: [intent, task, failed], options: { resubmitFailed: true }, action: "again" },
    ],
    [
      "its outcome is unknown, it is listed",
      { steps: [intent], options: { resubmitFailed: true, resubmitChanged: true }, action: "unknown" },
    ],
    [
      "its outcome is unknown, it is retried when allowed",
      { steps: [intent], options: { resubmitUnknown: true }, action: "again" },
    ],
    ["it was refused, it is sent", { steps: [intent, refused], action: "send" }],
    [
      "a second send of it was refused, the first is as unknown as it was",
      { steps: [intent, intent, refused], action: "unknown" },
    ],
    ["its content changed, it is refused with its task", { steps: [old(done)], action: "refuse", named: "t" }],
    [
      "its content changed, it is refused although its old result is there",
      { steps: [old(done)], written: ["a.png"], action: "refuse", named: "t" },
    ],
    [
      "its content changed while the old outcome is unknown, it is refused",
      { steps: [old(intent)], options: { resubmitUnknown: true, resubmitFailed: true }, action: "refuse" },
    ],
    [
      "its content changed, it is refused although the new one has a result elsewhere",
      { steps: [elsewhere, old(done)], written: ["b.png"], action: "refuse", named: "t" },
    ],
    ["its content changed after a refusal, it is sent", { steps: [old(intent), old(refused)], action: "send" }],
    [
      "its content changed, it is sent when allowed",
      { steps: [old(done)], written: ["a.png"], options: { resubmitChanged: true }, action: "send" },
    ],
  ])("%s", async (_name, { steps, written = [], options, action, named }) => {
    await using place = await bench();
    const digest = await place.client.digest({ image: await readFile(place.a) });
    await mkdir(dirname(place.journal), { recursive: true });
    await writeFile(place.journal, headerLine(0) + steps.map((step) => recordLine(step(digest))).join(""));
    for (const name of written) await writeFile(join(place.out, name), "result");
    const [plan] = await planned(place, [place.a], options);
    expect(plan).toMatchObject({ action, ...(named === undefined ? {} : { task: named }) });
  });
});
