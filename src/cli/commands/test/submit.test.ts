import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { asNobody, CAN_BE_NOBODY } from "../../../test-support/as-nobody.js";
import { begin, type Here, hereOf, run, withStdin } from "../../test/here.js";

const ONCE = ["--rate", "none", "--retry", "0"];

let here: Here;
beforeEach(async () => {
  here = await hereOf();
});
afterEach(() => here[Symbol.asyncDispose]());

it("sends an image once, and says so when it was sent before", async () => {
  const path = await here.image("a.png");
  const first = await run(["submit", path, "--sharpen", "7", "--no-filter-nsfw", ...ONCE]);
  const [task] = here.sandbox.tasks();
  expect(first).toMatchObject({ out: [task?.id], said: [], json: [] });
  expect(task?.sliders).toMatchObject({ sharpen: 7 });
  const again = await run(["submit", path, "--sharpen", "7", "--no-filter-nsfw", ...ONCE]);
  expect(again.out).toEqual(first.out);
  expect(again.said).toEqual([expect.stringMatching(/^This image was sent before.*nothing was paid/)]);
  expect(here.sandbox.counts.paid).toBe(1);
  // What was sent is remembered in the state's folder.
  expect(readdirSync(here.at("state/magnific/tasks"))).not.toEqual([]);
});

it("tells with --json whether it was paid, and pays again with --again or another store", async () => {
  const path = await here.image("a.png");
  const paid = async (...more: string[]) => {
    const { json, out } = await run(["submit", path, "--json", ...ONCE, ...more]);
    expect(out).toEqual([]);
    return json;
  };
  const status = expect.stringMatching(/^[A-Z_]+$/);
  expect(await paid()).toEqual([{ event: "task", path, task: here.sandbox.tasks()[0]?.id, status, paid: true }]);
  expect(await paid()).toMatchObject([{ paid: false }]);
  expect(await paid("--again")).toMatchObject([{ paid: true }]);
  expect(await paid("--store", here.at("elsewhere"))).toMatchObject([{ paid: true }]);
  expect(existsSync(here.at("elsewhere"))).toBe(true);
  expect(here.sandbox.counts.paid).toBe(3);
});

it.runIf(CAN_BE_NOBODY)(
  "sends nothing where the home cannot be written, and names --store, which solves it",
  async () => {
    const path = await here.image("a.png");
    chmodSync(here.folder, 0o755);
    const refused = await asNobody(() => run(["submit", path, ...ONCE]));
    expect([refused.code, here.sandbox.counts.paid]).toEqual([1, 0]);
    expect(refused.said.join(" ")).toMatch(/EACCES.*Choose a folder that can be written with --store\./);
    mkdirSync(here.at("own"));
    chmodSync(here.at("own"), 0o777);
    expect(await asNobody(() => run(["submit", path, ...ONCE, "--store", here.at("own/tasks")]))).toMatchObject({
      said: [],
    });
  },
);

it("a truncated image is refused with the name of the flag that sends it all the same", async () => {
  const path = await here.image("in/a.png");
  await writeFile(path, (await readFile(path)).subarray(0, -12));
  const refused = await run(["submit", path, ...ONCE]);
  expect([refused.code, here.sandbox.counts.paid]).toEqual([1, 0]);
  expect(refused.said[0]).toContain("(--allow-truncated sends it all the same)");
  expect(await run(["submit", path, ...ONCE, "--allow-truncated"])).toMatchObject({ code: undefined, said: [] });
  const batch = ["--out", here.at("out"), "--poll", "0.01", ...ONCE];
  expect(await run(["upscale", here.at("in"), ...batch])).toMatchObject({ code: 1 });
  expect(await run(["resume", here.at("out"), "--poll", "0.01", ...ONCE, "--allow-truncated"])).toMatchObject({
    code: 0,
  });
  expect(here.sandbox.counts.paid).toBe(2);
});

it.each([
  [undefined, "home/.local/state"],
  ["", "home/.local/state"],
])("remembers below HOME where XDG_STATE_HOME is %j", async (state, folder) => {
  vi.stubEnv("XDG_STATE_HOME", state);
  vi.stubEnv("HOME", here.at("home"));
  await run(["submit", await here.image("a.png"), ...ONCE]);
  expect(readdirSync(here.at(`${folder}/magnific/tasks`))).not.toEqual([]);
});

it("takes the image on stdin", async () => {
  const image = readFileSync(await here.image("a.png"));
  const heard = await withStdin(image, () => run(["submit", "-", "--json", ...ONCE]));
  expect(heard.json).toMatchObject([{ path: "-", paid: true }]);
});

it("takes one image alone", async () => {
  await here.image("in/a.png");
  await here.image("in/b.png");
  expect(await run(["submit", here.at("in"), ...ONCE])).toMatchObject({
    code: 2,
    said: [expect.stringContaining("submit takes one image; for more use upscale.")],
  });
  expect(await run(["submit", here.at("in"), "-", ...ONCE])).toMatchObject({ code: 2 });
  expect(here.sandbox.counts.requests).toBe(0);
  expect(await run(["submit", here.at("in/b*"), ...ONCE])).toMatchObject({ said: [] });
});

it("an unknown outcome ends with 4 and is not retried; a refused key ends with 3", async () => {
  const path = await here.image("a.png");
  here.sandbox.fault({ kind: "reset", on: "submit", handled: true });
  expect(await run(["submit", path, ...ONCE])).toMatchObject({ code: 4, out: [] });
  expect(await run(["submit", path, ...ONCE])).toMatchObject({
    code: 4,
    said: [expect.anything(), expect.stringContaining("--again")],
  });
  expect(here.sandbox.counts.paid).toBe(1);
  vi.stubEnv("MAGNIFIC_API_KEY", "wrong");
  expect(await run(["submit", await here.image("b.png"), ...ONCE])).toMatchObject({ code: 3 });
});

it("an image in progress is waited for on Ctrl-C, so that its task is known; before that nothing is sent", async () => {
  await here[Symbol.asyncDispose]();
  here = await hereOf({ latencyMs: 150 });
  const path = await here.image("a.png");
  const begun = begin(["submit", path, ...ONCE]);
  await expect.poll(() => here.sandbox.counts.submits, { interval: 5 }).toBe(1);
  begun.signal("SIGINT");
  const heard = await begun.ended;
  expect(heard.out).toEqual([here.sandbox.tasks()[0]?.id]);
  expect(heard.said).toEqual([expect.stringMatching(/^If a request is in flight, it finishes first.*Ctrl-C again/)]);

  vi.stubEnv("MAGNIFIC_API_KEY", undefined);
  expect(await run(["submit", path, ...ONCE])).toMatchObject({
    code: 2,
    said: [expect.stringContaining("no API key")],
  });
});

it("an image that was refused and is to be retried is not, on Ctrl-C", async () => {
  const path = await here.image("a.png");
  here.sandbox.fault({ kind: "rate_limited", on: "submit", retryAfter: "59", reset: 0 });
  const began = begin(["submit", path, "--rate", "none", "--retry", "1"]);
  await expect.poll(() => here.sandbox.counts.submits, { interval: 5 }).toBe(1);
  began.signal("SIGINT");
  expect(await began.ended).toMatchObject({ code: 130, out: [] });
  expect(here.sandbox.counts).toMatchObject({ submits: 1, paid: 0 });
  expect(await run(["submit", path, ...ONCE])).toMatchObject({ said: [], out: [expect.any(String)] });
  expect(here.sandbox.counts.paid).toBe(1);
});

it("--max-paid is counted in the store across calls, also with --again, and ends with exit code 5", async () => {
  const [a, b] = [await here.image("a.png"), await here.image("b.png")];
  const submit = (path: string, ...more: string[]) => run(["submit", path, "--max-paid", "2", ...ONCE, ...more]);
  expect((await submit(a)).code).toBeUndefined();
  expect((await submit(a, "--again")).code).toBeUndefined();
  expect((await submit(a)).code).toBeUndefined();
  for (const more of [[], ["--again"]]) {
    const { code, said } = await submit(b, ...more);
    expect(code).toBe(5);
    expect(said.join()).toMatch(/at most 2 submits.*2 are counted in .*tasks.submits.*higher --max-paid/);
  }
  expect(here.sandbox.counts.paid).toBe(2);
});
