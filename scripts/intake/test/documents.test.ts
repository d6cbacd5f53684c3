import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type JsonObject, objectOf } from "../../../openapi/document/types.js";
import { filesOf } from "../../generate/files.js";
import { planOf } from "../plan.js";
import { plainReport, reportOf } from "../report.js";
import { verify } from "../verify.js";
import { writeAll } from "../write.js";
import { DOCUMENT_TEXT, exampleDocument, exampleRoot, PAGE, plan, snapshot, sourceOf } from "./roots.js";

const PATH = "/v1/ai/image-upscaler-precision";
const DATE = "2030-01-01";

/** Another page of the provider: it shares the error schemas with the example. */
function sibling(change: (document: JsonObject) => void = () => {}): string {
  const document = exampleDocument();
  const post = objectOf(objectOf(objectOf(document.paths)[PATH]).post);
  document.paths = { "/v1/ai/mystic": { post: { ...post, operationId: "postMystic" } } };
  change(document);
  return JSON.stringify(document);
}
const mystic = { file: "mystic.yaml" };

describe("several documents", () => {
  it("live side by side: the first keeps its types and validators, the second adds its own", async () => {
    const root = exampleRoot();
    const alone = await plan(root, PAGE);
    const both = await plan(root, sibling(), mystic);
    expect(both.documents).toMatchObject([{ name: "mystic.yaml", status: "added" }]);
    if (!alone.effective || !both.effective) throw new Error("There is no effective document.");
    const [before, after] = [await filesOf(alone.effective), await filesOf(both.effective)];
    const names = (files: ReadonlyMap<string, string>) =>
      [...(files.get("validators.d.ts") ?? "").matchAll(/declare const (\w+)/g)].map((match) => match[1]);
    expect(names(after)).toEqual(expect.arrayContaining(names(before)));
    expect(names(after)).toContain("postMysticRequestClosed");
    expect(after.get("schema.ts")).toContain("postMystic: {");
    expect([...both.files.keys()]).toEqual(["openapi/mystic.yaml", "openapi/vendor.lock.json"]);
  });

  it("are refused together where they differ in what they share, naming the place", async () => {
    const other = sibling((document) => {
      objectOf(objectOf(objectOf(document.components).schemas).task).required = ["status"];
    });
    await expect(plan(exampleRoot(), other, mystic)).rejects.toThrow(
      /components › schemas › task differently.*newer pages in together/,
    );
  });

  it("are named by what they hold: the same operations are the same document", async () => {
    const root = exampleRoot();
    const renewed = await plan(root, PAGE.replace("description: OK", "description: Fine"), {
      file: "post-upscaler.md",
    });
    expect(renewed.documents).toMatchObject([{ name: "upscaler-precision.yaml", status: "changed" }]);
    const named = await plan(root, sibling(), { file: "x.yaml", name: "other" });
    expect(named.documents).toMatchObject([{ name: "other.yaml", status: "added" }]);
    await expect(plan(root, PAGE, { name: "../evil" })).rejects.toThrow(/cannot be a document's name/);
    await expect(plan(root, sibling(), { file: "-.yaml" })).rejects.toThrow(/--name/);
    const twice = [sourceOf(PAGE), sourceOf(PAGE)];
    await expect(planOf({ root, sources: twice, date: DATE })).rejects.toThrow(/would both be/);
  });

  it("are removed with their pages, overlays and lock entries", async () => {
    const root = exampleRoot();
    const remove = async (name: string) => await planOf({ root, sources: [], remove: name, date: DATE });
    writeAll(root, (await plan(root, sibling(), mystic)).files);
    const removed = await remove("upscaler-precision");
    expect(removed.removedOverlays).toEqual(["upscaler-precision.10.overlay.yaml"]);
    expect(plainReport(reportOf(removed))).toMatch(/BREAKING for senders and readers\n.*POST \S+ removed/);
    writeAll(root, removed.files);
    expect(Object.keys(snapshot(join(root, "openapi"))).sort()).toEqual(["mystic.yaml", "vendor.lock.json"]);
    expect(Object.keys(JSON.parse(readFileSync(join(root, "openapi", "vendor.lock.json"), "utf8")))).toEqual([
      "mystic.yaml",
    ]);
    await expect(remove("mystic")).rejects.toThrow(/last document cannot be removed/);
    await expect(remove("gone")).rejects.toThrow(/no gone\.yaml in openapi\/ to remove/);
  });
});

describe("the overlays of a changed document", () => {
  it("are not mentioned in the report while they fit", async () => {
    const made = await plan(exampleRoot(), PAGE.replace("description: OK", "description: Fine"));
    expect([...made.unmatched, ...made.obsolete]).toEqual([]);
  });

  it("stop the run when an action matches nothing any more, which is named", async () => {
    const root = exampleRoot();
    const before = snapshot(root);
    const made = await plan(root, PAGE.replaceAll("/v1/ai/image-upscaler-precision", "/v2/upscaler"));
    const overlay = "upscaler-precision.10.overlay.yaml";
    expect(made.unmatched).toMatchObject([{ overlay, index: 2, why: "matches nothing" }]);
    await expect(verify(root, made, reportOf(made))).rejects.toThrow(/no longer match/);
    expect(snapshot(root)).toEqual(before);
  });

  it("are obsolete where the page now says the same, with the place", async () => {
    const list = `  ${PATH}:\n    get:\n      responses:\n        '200': {description: List}\n`;
    const made = await plan(exampleRoot(), PAGE.replace(`  ${PATH}:\n`, list));
    const why = "the page says itself now: #/paths/~1v1~1ai~1image-upscaler-precision/get";
    expect(made.obsolete).toMatchObject([{ index: 2, why }]);
  });

  it("are obsolete where another page says the same, and keep that page out until they are deleted", async () => {
    const root = exampleRoot();
    const list = sibling((document) => {
      document.paths = { [PATH]: { get: { operationId: "list", responses: { "200": { description: "Tasks" } } } } };
    });
    const made = await plan(root, list, { file: "list.yaml" });
    const why = "list.yaml says itself: #/paths/~1v1~1ai~1image-upscaler-precision/get";
    expect(made.obsolete).toMatchObject([{ index: 2, why }]);
    await expect(verify(root, made, reportOf(made))).rejects.toThrow(/precision › get differently.*obsolete actions/);
  });

  it("are obsolete where they change nothing any more", async () => {
    const root = exampleRoot();
    writeFileSync(
      join(root, "openapi", "overlays", "upscaler-precision.90.overlay.yaml"),
      `overlay: 1.0.0\ninfo: {title: t, version: "1"}\nextends: ../upscaler-precision.yaml\nactions:\n  - target: $.info\n    x-reason: r\n    x-source: s\n    update: {title: Upscaler}\n`,
    );
    expect((await plan(root, PAGE)).obsolete).toEqual([]);
    const made = await plan(root, PAGE.replace("title: Magnific API", "title: Upscaler"));
    expect(made.obsolete).toMatchObject([{ index: 1, why: "applying it changes nothing" }]);
  });
});

describe("openapi/ that was edited by hand", () => {
  it("is refused for a lock that is not JSON, with the file's name", async () => {
    const root = exampleRoot();
    writeFileSync(join(root, "openapi", "vendor.lock.json"), "{");
    await expect((async () => await plan(root, PAGE))()).rejects.toThrow(/vendor\.lock\.json: /);
  });

  it("is corrected by taking the page in again", async () => {
    const root = exampleRoot();
    const file = join(root, "openapi", "upscaler-precision.yaml");
    writeFileSync(file, DOCUMENT_TEXT.replace("maximum: 100", "maximum: 50"));
    const made = await plan(root, PAGE);
    expect(made.documents).toMatchObject([{ status: "changed" }]);
    expect([...made.files.keys()]).toEqual(["openapi/upscaler-precision.yaml"]);
    expect(existsSync(join(root, "generated"))).toBe(false);
  });
});
