/** Defaults of the user's own: a call comes before a variable, that before the file, and that before the command's own. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { PAIR, siblingModules } from "../../test-support/sibling.js";
import { OPERATIONS } from "../operation.js";
import { type Here, hereOf, run } from "./here.js";

const FAST = ["--rate", "none"];

let here: Here;
beforeEach(async () => {
  here = await hereOf();
});
afterEach(() => here[Symbol.asyncDispose]());

const config = (defaults: object) => here.file("config/magnific/config.json", JSON.stringify(defaults));

it("a flag comes before a variable, that before the file, and that before the default", async () => {
  const image = await here.image("a.png");
  const sliders = async (...more: string[]) => {
    await run(["submit", image, "--again", ...FAST, ...more]);
    return here.sandbox.tasks()[0]?.sliders;
  };
  await config({ sharpen: 3, "ultra-detail": 4, "filter-nsfw": true, "max-paid": 3 });
  expect(await sliders()).toMatchObject({ sharpen: 3, ultra_detail: 4 });
  vi.stubEnv("MAGNIFIC_SHARPEN", "5");
  vi.stubEnv("MAGNIFIC_FILTER_NSFW", "0");
  expect(await sliders()).toMatchObject({ sharpen: 5, ultra_detail: 4 });
  expect(await sliders("--sharpen", "6", "--ultra-detail", "7")).toMatchObject({ sharpen: 6, ultra_detail: 7 });
  expect(await run(["submit", image, "--again", ...FAST])).toMatchObject({ code: 5 });
  vi.stubEnv("MAGNIFIC_MAX_PAID", "4");
  vi.stubEnv("MAGNIFIC_SHARPEN", "");
  expect(await sliders()).toMatchObject({ sharpen: 3 });
});

it("the file and the environment set names, folders and switches of any command", async () => {
  const image = await here.image("a.png");
  await config({ out: here.at("big/"), name: "x-{name}.{ext}", rate: "none", poll: 0.01 });
  vi.stubEnv("MAGNIFIC_JSON", "true");
  const { json, out } = await run(["upscale", image]);
  expect(json).toContainEqual(expect.objectContaining({ outputs: [here.at("big/x-a.png")] }));
  expect(out).toEqual([]);
  vi.stubEnv("MAGNIFIC_JSON", "yes");
  const wrong = { code: 2, said: ["red(magnific:) MAGNIFIC_JSON must be true or false."] };
  expect(await run(["list"])).toMatchObject(wrong);
  // What pays again is said in each call.
  vi.stubEnv("MAGNIFIC_JSON", undefined);
  vi.stubEnv("MAGNIFIC_AGAIN", "true");
  for (const paid of [2, 2]) {
    await run(["submit", image]);
    expect(here.sandbox.counts.paid).toBe(paid);
  }
});

it.each<[string, RegExp]>([
  ["{", /config\.json is not valid JSON/],
  ["[]", /config\.json must hold a JSON object/],
  ['{"concurency": 2}', /config\.json has the unknown key "concurency"\. Known: .*concurrency.*sharpen/],
  ['{"yes": true}', /has the unknown key "yes"/],
  ['{"rate": 0}', /"rate" in .*config\.json is invalid\. It must be a whole number of at least 1\./],
  ['{"json": 2}', /"json" in .*config\.json must be true or false\./],
  ['{"apiKey": "of-the-file"}', /must not hold the API key: put it in .*magnific\/key \(chmod 600\)/],
  ['{"api-key": "of-the-file"}', /must not hold the API key/],
  ['{"MAGNIFIC_API_KEY": "of-the-file"}', /must not hold the API key/],
  ['{"key": "of-the-file"}', /must not hold the API key/],
])("the file %s is an error, which shows no key", async (text, message) => {
  await here.file("config/magnific/config.json", text);
  const { code, said } = await run(["list"]);
  expect({ code, said }).toEqual({ code: 2, said: [expect.stringMatching(message)] });
  expect(said.join()).not.toContain("of-the-file");
  // Who asks for help or a script gets it.
  for (const args of [["--help"], ["list", "--help"], ["completion", "bash"], ["__complete", "--", "li"]])
    expect((await run(args)).out, args.join()).not.toEqual([]);
});

it("the file may hold fields of any operation", async () => {
  const operations = { ...OPERATIONS, [PAIR]: siblingModules };
  await config({ style: "oil", sharpen: 3 });
  expect((await run(["list", ...FAST], { operations })).said).toEqual([]);
  expect((await run(["list", ...FAST])).said[0]).toContain('unknown key "style"');
});
