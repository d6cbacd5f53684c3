import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../openapi/document/types.js";
import { reportText } from "../report.js";
import { verify } from "../verify.js";
import { exampleRoot, PAGE, plan, snapshot } from "./roots.js";

const PATH = "/v1/ai/image-upscaler-precision";

describe("the overlays of a changed document", () => {
  const overlayOf = (root: string, action: JsonObject) => {
    const actions = [{ ...action, "x-reason": "r", "x-source": "s" }];
    const overlay = {
      overlay: "1.0.0",
      info: { title: "t", version: "1" },
      extends: "../upscaler-precision.yaml",
      actions,
    };
    const file = join(root, "openapi", "overlays", "upscaler-precision.90.overlay.yaml");
    writeFileSync(file, JSON.stringify(overlay));
  };

  it("stop the run when an action matches nothing any more, which is named", async () => {
    const root = exampleRoot();
    const before = snapshot(root);
    const made = await plan(root, PAGE.replaceAll("/v1/ai/image-upscaler-precision", "/v2/upscaler"));
    const overlay = "upscaler-precision.10.overlay.yaml";
    expect(made.overlays.unmatched).toMatchObject([
      {
        document: "upscaler-precision.yaml",
        ...{ overlay, index: 2, target: `$.paths['${PATH}']` },
        why: "matches nothing; #/paths/~1v1~1ai~1image-upscaler-precision is called #/paths/~1v2~1upscaler now, it seems",
      },
    ]);
    expect(reportText(made)).toContain(`upscaler-precision.yaml: ${overlay}, action 2 (`);
    await expect(verify(root, made, async () => async () => ({ files: new Map(), lines: [] }))).rejects.toThrow(
      /no longer match/,
    );
    expect(snapshot(root)).toEqual(before);
  });

  it("are obsolete where the page now says the same, with the place", async () => {
    const list = `  ${PATH}:\n    get:\n      responses:\n        '200': {description: List}\n`;
    const made = await plan(exampleRoot(), PAGE.replace(`  ${PATH}:\n`, list));
    const why = "the page says itself now: #/paths/~1v1~1ai~1image-upscaler-precision/get";
    expect(made.overlays.obsolete).toMatchObject([{ index: 2, why }]);
  });

  it("stop the run with the new name that can be seen by what it stands for", async () => {
    const schemas = "$.components.schemas['task','task-detail']";
    const root = exampleRoot();
    overlayOf(root, { target: schemas, update: { nullable: true } });
    const gone = PAGE.replace(/\btask-detail\b/g, "detail").replace(/(\/|^ {4})task(?=['"]?:?$)/gm, "$1job");
    const why = (await plan(root, gone)).overlays.unmatched.map((each) => each.why);
    expect(why.at(-1)).toBe(
      "matches nothing; #/components/schemas/task is called #/components/schemas/job now, it seems",
    );
  });

  it("are never called deletable for one of several places: the report says what is still needed", async () => {
    const root = exampleRoot();
    const limit = { "429": { description: "Too many" } };
    overlayOf(root, { target: "$.paths.*[?@.responses].responses", update: limit });
    const declared = PAGE.replace("        '401':\n", "        '429': {description: Slow down}\n        '401':\n");
    const { obsolete, partly } = (await plan(root, declared)).overlays;
    expect(obsolete).toEqual([]);
    const place = (pointer: string) => `#/paths/~1v1~1ai~1image-upscaler-precision${pointer}/responses/429`;
    expect(partly.map(({ why }) => why)).toEqual([
      `the page says itself now: ${place("/post")}; still needed: ${place("/get")}, ${place("~1{task-id}/get")}`,
    ]);
    // The same of two keys that one action adds.
    overlayOf(root, {
      target: `$.paths['${PATH}'].post.responses`,
      update: { ...limit, "402": { description: "Pay" } },
    });
    expect((await plan(root, declared)).overlays).toMatchObject({ obsolete: [], partly: [{ index: 1 }] });
    overlayOf(root, { target: `$.paths['${PATH}'].post.responses`, update: limit });
    expect((await plan(root, declared)).overlays).toMatchObject({ obsolete: [{ index: 1 }], partly: [] });
  });

  it("are obsolete where they change nothing any more", async () => {
    const root = exampleRoot();
    overlayOf(root, { target: "$.info", update: { title: "Upscaler" } });
    expect((await plan(root, PAGE)).overlays.obsolete).toEqual([]);
    const made = await plan(root, PAGE.replace("title: Magnific API", "title: Upscaler"));
    expect(made.overlays.obsolete).toMatchObject([{ index: 1, why: "applying it changes nothing" }]);
  });
});
