/** The command with the operation of another document: two images, names and statuses of its own, a video as result. */
import { mkdir, readdir } from "node:fs/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { pngOf } from "../../test-support/png.js";
import { JOB, PAIR, type SiblingProvider, siblingModules, siblingProvider } from "../../test-support/sibling.js";
import { OPERATIONS } from "../operation.js";
import { type Here, hereOf, run } from "./here.js";

const VIDEO = Uint8Array.from([0, 0, 0, 24, ...Buffer.from("ftypisom"), ...new Array(200).fill(7)]);
const operations = { ...OPERATIONS, [PAIR]: siblingModules };
const base64 = (name: string) => Buffer.from(pngOf(300, 8, 8, name)).toString("base64");

let here: Here;
let server: SiblingProvider;
beforeEach(async () => {
  here = await hereOf();
  server = await siblingProvider(["painting", "ready"], VIDEO);
  await here.image("a.png");
  await here.image("b.png");
});
afterEach(() => here[Symbol.asyncDispose]());

/** A call about the other operation, at its provider. */
const pair = (command: string, ...args: string[]) =>
  run([command, ...args, "--operation", PAIR, "--base-url", server.origin, "--rate", "none", "--retry", "0"], {
    operations,
  });
const bodies = () => server.bodies.map((body) => JSON.parse(body));

it("submit sends its fields and images, and the other commands read its tasks", async () => {
  const sent = await pair("submit", here.at("a.png"), "--style", "oil", "--back", here.at("b.png"), "--strength", "3");
  expect(sent).toMatchObject({ out: [JOB], said: [] });
  expect(bodies()).toEqual([{ style: "oil", front: base64("a.png"), strength: 3, back: base64("b.png") }]);
  expect((await pair("status", JOB)).out).toEqual([`${JOB}  painting`]);
  expect((await pair("wait", JOB, "--poll", "0.01")).out[0]).toBe(`${JOB}  COMPLETED`);
  expect((await pair("list", "--status", "PAINTING")).out).toEqual([`${JOB}  painting`]);
  expect((await pair("list", "--status", "ready")).out).toEqual([]);
  expect(await pair("list", "--status", "COMPLETED")).toMatchObject({ code: 2 });
  const saved = await pair("download", JOB, "--out", here.at("clip.mp4"), "--poll", "0.01");
  expect(saved.out).toEqual([`${here.at("clip.mp4")}  ${VIDEO.byteLength} B`]);
  const url = "https://example.com/b.png";
  await pair("submit", here.at("b.png"), "--style", "oil", "--back", url, "--webhook-url", "https://example.com/");
  expect(bodies()[1]).toMatchObject({ back: url, notify: "https://example.com/" });
});

it("upscale runs a batch of it, which resume knows by its journal", async () => {
  await mkdir(here.at("big"));
  const batch = ["--style", "oil", "--strength", "2", "--out", here.at("big"), "--poll", "0.01"];
  expect(await pair("upscale", here.at("a.png"), here.at("b.png"), ...batch, "--max-paid", "1")).toMatchObject({
    code: 5,
  });
  const how = ["--base-url", server.origin, "--poll", "0.01", "--rate", "none", "--retry", "0"];
  expect(await run(["resume", here.at("big"), ...how], { operations })).toMatchObject({ code: 0 });
  expect(bodies().map(({ style, strength }) => [style, strength])).toEqual([
    ["oil", 2],
    ["oil", 2],
  ]);
  expect((await readdir(here.at("big"))).filter((name) => name.endsWith(".mp4"))).toEqual(["a.mp4", "b.mp4"]);
  const gone = await run(["resume", here.at("big"), ...how]);
  expect(gone).toMatchObject({ code: 2, said: [expect.stringContaining(`POST ${PAIR}, which this package does not`)] });
});

it("help and completion know its fields and statuses, and a wrong path lists the ones that exist", async () => {
  const help = (await run(["submit", "--operation", PAIR, "--help"], { operations })).out.join("\n");
  expect(help).toMatch(/--style <value>[\s\S]*--back <file-or-url>[\s\S]*--strength <1-10>/);
  expect(help).not.toContain("--sharpen <");
  const completed = async (...words: string[]) => (await run(["__complete", "--", ...words], { operations })).out;
  expect(await completed("upscale", "--operation", "")).toEqual(Object.keys(operations).map((path) => `${path}\t`));
  expect(await completed("upscale", "--operation", PAIR, "--stren")).toEqual([
    expect.stringMatching(/^--strength\tstrength/),
  ]);
  expect(await completed("list", `--operation=${PAIR}`, "--status", "p")).toEqual(["painting\t"]);
  for (const command of ["submit", "upscale", "status", "wait", "list", "download"]) {
    const { code, said } = await run([command, "x", "--operation", "/v1/ai/other"], { operations });
    expect({ code, said: said[0] }, command).toEqual({ code: 2, said: expect.stringContaining(PAIR) });
  }
  expect(await pair("submit", here.at("a.png"))).toMatchObject({
    code: 2,
    said: [expect.stringContaining("required option '--style <value>' not specified"), expect.anything()],
  });
});

it("an operation without images takes no image, and makes no batch", async () => {
  const { contract, fields } = await siblingModules();
  const text = { contract: { ...contract, images: {} }, fields: { style: fields.style } } as never;
  const alone = { operations: { [PAIR]: async () => text } };
  const args = ["--operation", PAIR, "--style", "oil"];
  expect((await run(["submit", ...args, "--help"], alone)).out[0]).toMatch(/^Usage: magnific submit \[options\]\n/);
  expect(await run(["upscale", here.at("a.png"), ...args], alone)).toMatchObject({
    code: 2,
    said: ["red(magnific:) This operation takes no image: use `magnific submit`."],
  });
});
