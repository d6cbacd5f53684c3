import { existsSync, readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { begin, type Here, hereOf, run } from "../../test/here.js";

const FAST = ["--poll", "0.01", "--rate", "none", "--retry", "0"];
const ONCE = FAST.slice(2);
const NOBODY = "046b6c7f-0b8a-43b9-b35d-6489e6daee91";

let here: Here;
beforeEach(async () => {
  here = await hereOf();
});
afterEach(() => here[Symbol.asyncDispose]());

async function submitted(name: string, life: Parameters<Here["sandbox"]["script"]>[0] = "immediate"): Promise<string> {
  here.sandbox.script(life);
  const { out } = await run(["submit", await here.image(name), ...ONCE]);
  const [id = ""] = out;
  if (life === "failed") await run(["wait", id, ...FAST]);
  return id;
}

it("status shows each task as it is now, results with their URLs", async () => {
  const done = await submitted("a.png");
  const failed = await submitted("b.png", "failed");
  const stuck = await submitted("c.png", "stuck");
  const good = await run(["status", done, stuck, ...ONCE]);
  expect(good).toMatchObject({ code: 0, said: [], json: [] });
  expect(good.out).toEqual([
    `${done}  COMPLETED`,
    expect.stringMatching(/^ {2}http:\/\/127\.0\.0\.1:\d+\/\S+$/),
    expect.stringMatching(new RegExp(`^${stuck}  (CREATED|IN_PROGRESS)$`)),
  ]);
  const bad = await run(["status", failed, done, "--json", ...ONCE]);
  expect(bad).toMatchObject({ code: 1, out: [] });
  expect(bad.json).toEqual([
    { task: failed, status: "FAILED", images: [] },
    { task: done, status: "COMPLETED", images: [expect.stringMatching(/^http/)] },
  ]);
});

it("messages are in the words of the command", async () => {
  expect((await run(["status", "no id", ...ONCE])).said[0]).not.toContain("magnific.api");
  const { said } = await run(["status", NOBODY, ...ONCE]);
  expect(said[0]).toMatch(new RegExp(`^red\\(magnific:\\) ${NOBODY}: The request was answered with 404`));
});

it("one that fails keeps no other from its turn", async () => {
  const done = await submitted("a.png");
  const heard = await run(["status", NOBODY, done, ...ONCE]);
  expect(heard.code).toBe(1);
  expect(heard.said[0]).toMatch(new RegExp(`^red\\(magnific:\\) ${NOBODY}: `));
  expect(heard.out[0]).toBe(`${done}  COMPLETED`);
  expect(heard.json).toEqual([]);
  const { json } = await run(["status", NOBODY, "--json", ...ONCE]);
  const docs = expect.stringMatching(/#not_found-not_found$/);
  expect(json).toMatchObject([{ event: "error", about: NOBODY, code: "not_found", status: 404, docs }]);
});

it("wait tells statuses to whoever watches, and the result", async () => {
  const life = ["CREATED", { status: "IN_PROGRESS", answers: 3 }, "COMPLETED"] as const;
  const watched = await submitted("a.png", life);
  const heard = await run(["wait", watched, ...FAST], { terminal: { live: true } });
  expect(heard).toMatchObject({ code: 0, json: [] });
  expect(heard.out).toEqual([`${watched}  COMPLETED`, expect.stringMatching(/^ {2}http/)]);
  expect(heard.said).toContain(`${watched}  IN_PROGRESS`);
  const silent = await submitted("b.png", life);
  expect((await run(["wait", silent, ...FAST])).said).toEqual([]);
  const objects = await submitted("c.png", life);
  const json = await run(["wait", objects, "--json", ...FAST], { terminal: { live: true } });
  expect(json).toMatchObject({ said: [], out: [], json: [{ task: objects, status: "COMPLETED" }] });
});

it("wait ends with 1 for a failed task, and gives up when it is asked to", async () => {
  const failed = await submitted("a.png", "failed");
  expect(await run(["wait", failed, ...FAST])).toMatchObject({ code: 1, out: [] });
  const stuck = await submitted("b.png", "stuck");
  const began = performance.now();
  const heard = await run(["wait", stuck, "--wait-timeout", "0.1", ...FAST]);
  expect(performance.now() - began).toBeGreaterThan(90);
  expect(heard).toMatchObject({ code: 1, out: [] });
  expect(heard.said[1]).toMatch(/nothing is sent twice/);
});

it("Ctrl-C ends the wait and those to come with 130", async () => {
  const stuck = await submitted("a.png", "stuck");
  const begun = begin(["wait", stuck, NOBODY, ...FAST]);
  await expect.poll(() => here.sandbox.counts.reads, { interval: 5 }).toBeGreaterThan(0);
  begun.signal("SIGINT");
  expect(await begun.ended).toMatchObject({
    code: 130,
    out: [],
    said: ["Interrupted. The tasks continue at the provider; the same command resumes waiting."],
  });
});

it("list shows all tasks, or those of one status", async () => {
  const done = await submitted("a.png");
  const failed = await submitted("b.png", "failed");
  const all = await run(["list", ...ONCE]);
  expect(all.code ?? 0).toBe(0);
  expect(all.out.toSorted()).toEqual([`${done}  COMPLETED`, `${failed}  FAILED`].toSorted());
  expect((await run(["list", "--status", "failed", ...ONCE])).out).toEqual([`${failed}  FAILED`]);
  const odd = await run(["list", "--status", "DONE", ...ONCE]);
  expect(odd).toMatchObject({ code: 2, said: [expect.stringContaining("The statuses are "), expect.anything()] });
  const { json, out } = await run(["list", "--status", "COMPLETED", "--json", ...ONCE]);
  expect({ json, out }).toEqual({ json: [{ task: done, status: "COMPLETED" }], out: [] });
});

it("Ctrl-C ends a list that does not come", async () => {
  here.sandbox.fault({ kind: "stall", on: "list" });
  const begun = begin(["list", ...ONCE]);
  await expect.poll(() => here.sandbox.counts.faults, { interval: 5 }).toBe(1);
  begun.signal("SIGINT");
  expect(await begun.ended).toMatchObject({ code: 130, said: [expect.stringContaining("abort")] });
});

it("download saves results under the task's id, and replaces files only when asked to", async () => {
  const id = await submitted("a.png");
  const out = here.at("big/deep");
  const args = ["download", id, "--out", `${out}/`, ...FAST];
  expect(await run(args)).toMatchObject({ code: 0, out: [`${out}/${id}.png  300 B`], json: [] });
  expect(readFileSync(`${out}/${id}.png`)).toEqual(readFileSync(here.at("a.png")));
  await here.file(`big/deep/${id}.png`, "mine");
  const refused = await run(args);
  expect(refused.code).toBe(2);
  expect(refused.said[0]).toContain(`${out}/${id}.png already exists. Allow replacing it with --overwrite.`);
  expect(readFileSync(`${out}/${id}.png`, "utf8")).toBe("mine");
  const again = await run([...args, "--overwrite", "--json"]);
  expect(again).toMatchObject({ code: 0, out: [] });
  expect(again.json).toEqual([{ event: "saved", task: id, path: `${out}/${id}.png`, bytes: 300 }]);
});

it("download says why the folder for results cannot be made", async () => {
  const id = await submitted("a.png");
  const refused = await run(["download", id, "--out", here.at("a.png/b/"), ...FAST]);
  expect(refused.code).toBe(1);
  expect(refused.said[0]).toContain(
    `The folder ${here.at("a.png/b")} could not be created: there is a file in its place (ENOTDIR).`,
  );
});

it("download writes one result into the file that --out names, and says where its ending is wrong", async () => {
  const id = await submitted("a.png");
  const file = async (name: string, ...ids: string[]) => run(["download", id, ...ids, "-o", here.at(name), ...FAST]);
  expect(await file("x/a.png")).toMatchObject({ code: 0, out: [`${here.at("x/a.png")}  300 B`], said: [] });
  expect((await file("x/a.jpg")).said).toEqual([expect.stringContaining("holds image/png")]);
  expect((await file("x")).out).toEqual([`${here.at(`x/${id}.png`)}  300 B`]);
  expect(await file("b.png", NOBODY)).toMatchObject({ code: 2, said: [expect.stringContaining("is one file, and")] });
});

it("download names results by its template", async () => {
  const id = await submitted("a.png");
  const named = async (name: string) => (await run(["download", id, "-o", here.at("out/"), "-n", name, ...FAST])).out;
  expect(await named("{dir}/x-{name}{source_ext}.{ext}")).toEqual([`${here.at(`out/x-${id}.png`)}  300 B`]);
  expect(await named("{name}/{name}.{ext}")).toEqual([`${here.at(`out/${id}/${id}.png`)}  300 B`]);
  // What stays empty leaves nothing behind, least of all the way to the root.
  expect(await named("{dir}/{name}.{ext}")).toEqual([`${here.at(`out/${id}.png`)}  300 B`]);
  expect(await named("x.{ext}")).toEqual([`${here.at("out/x.png")}  300 B`]);
  const wrong = await run(["download", id, NOBODY, "-o", here.at("none"), "-n", "x.{ext}", ...FAST]);
  expect(wrong).toMatchObject({ code: 2, out: [] });
  expect(existsSync(here.at("none"))).toBe(false);
});
