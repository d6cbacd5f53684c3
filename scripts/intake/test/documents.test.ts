import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Document } from "yaml";
import { type JsonObject, objectOf } from "../../../openapi/document/types.js";
import { filesOf } from "../../generate/files.js";
import { planOf } from "../plan.js";
import { plainReport, reportOf } from "../report.js";
import { writeAll } from "../transaction.js";
import { verify } from "../verify.js";
import { DOCUMENT_TEXT, freshRoot, PAGE, plan, seedDocument, snapshot, sourceOf } from "./roots.js";

/** Another page of the provider: it shares the error schemas with the upscaler's. */
function sibling(change: (document: JsonObject) => void = () => {}): string {
  const document = seedDocument();
  const post = objectOf(objectOf(objectOf(document.paths)["/v1/ai/image-upscaler-precision"]).post);
  document.paths = { "/v1/ai/mystic": { post: { ...post, operationId: "postMystic" } } };
  change(document);
  return new Document(document, { aliasDuplicateObjects: false }).toString();
}

describe("several documents", () => {
  it("live side by side: the first keeps its types and validators, the second adds its own", async () => {
    const root = freshRoot();
    const alone = planOf({ root, sources: [sourceOf(PAGE)], date: "2030-01-01" });
    const both = plan(root, sibling(), { file: "mystic.yaml" });
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

  it("are refused together where they differ in what they share, naming the place", () => {
    const other = sibling((document) => {
      objectOf(objectOf(objectOf(document.components).schemas).task).required = ["status"];
    });
    expect(() => plan(freshRoot(), other, { file: "mystic.yaml" })).toThrow(
      /components › schemas › task differently.*newer pages in together/,
    );
  });

  it("change together what they share, in one run", () => {
    const root = freshRoot();
    writeAll(root, plan(root, sibling(), { file: "mystic.yaml" }).files);
    const text = PAGE.replace("            - FAILED\n", "            - FAILED\n            - CANCELLED\n");
    const other = sibling((document) => {
      const status = objectOf(
        objectOf(objectOf(objectOf(objectOf(document.components).schemas).task).properties).status,
      );
      status.enum = ["CREATED", "IN_PROGRESS", "COMPLETED", "FAILED", "CANCELLED"];
    });
    expect(() => plan(root, text)).toThrow(/task differently/);
    const together = planOf({ root, sources: [sourceOf(text), sourceOf(other, "mystic.yaml")], date: "2030-01-01" });
    expect(reportOf(together).breaking).toEqual({ senders: 0, readers: 2 });
  });

  it("are named by what they hold: the same operations are the same document", () => {
    const root = freshRoot();
    const [document] = plan(root, PAGE.replace("description: OK", "description: Fine"), {
      file: "post-image-upscaler.md",
    }).documents;
    expect(document).toMatchObject({ name: "upscaler-precision.yaml", status: "changed" });
    expect(plan(root, sibling(), { file: "x.yaml", name: "other" }).documents).toMatchObject([
      { name: "other.yaml", status: "added" },
    ]);
    expect(() => plan(root, PAGE, { name: "../evil" })).toThrow(/cannot be a document's name/);
    expect(() => plan(root, sibling(), { file: "-.yaml" })).toThrow(/--name/);
  });

  it("are taken out with their pages and overlays, the lock's entry among them", async () => {
    const root = freshRoot();
    writeAll(root, plan(root, sibling(), { file: "mystic.yaml" }).files);
    const removed = planOf({ root, sources: [], remove: "upscaler-precision", date: "2030-01-01" });
    expect(removed.removedOverlays.length).toBe(readdirSync(join(root, "openapi", "overlays")).length);
    expect(plainReport(reportOf(removed))).toMatch(
      /BREAKING for senders and readers\n.*POST \/v1\/ai\/image-upscaler-precision removed/,
    );
    writeAll(root, removed.files);
    expect(Object.keys(JSON.parse(readFileSync(join(root, "openapi", "vendor.lock.json"), "utf8")) as object)).toEqual([
      "mystic.yaml",
    ]);
    expect(Object.keys(snapshot(join(root, "openapi"))).sort()).toEqual(["mystic.yaml", "vendor.lock.json"]);
    expect(() => planOf({ root, sources: [], remove: "mystic", date: "2030-01-01" })).toThrow(/no document in openapi/);
    expect(() => planOf({ root, sources: [], remove: "gone", date: "2030-01-01" })).toThrow(/no gone\.yaml in openapi/);
  });
});

describe("overlays of a changed document", () => {
  const taken = (content: string, root = freshRoot()) => plan(root, content);

  it("are none of the report's business while they fit", () => {
    const made = taken(PAGE.replace("description: OK", "description: Fine"));
    expect([...made.unmatched, ...made.obsolete]).toEqual([]);
  });

  it("that match nothing any more are named, and nothing is written", async () => {
    const root = freshRoot();
    const before = snapshot(root);
    const made = taken(PAGE.replaceAll("/v1/ai/image-upscaler-precision", "/v2/ai/image-upscaler-precision"), root);
    expect(made.unmatched.length).toBeGreaterThan(3);
    expect(made.unmatched[0]).toMatchObject({
      overlay: "upscaler-precision.10-status-operations.overlay.yaml",
      index: 2,
      why: "matches nothing",
    });
    await expect(verify(root, made, reportOf(made))).rejects.toThrow(/no longer match/);
    expect(snapshot(root)).toEqual(before);
  });

  it("that the page now says itself are obsolete, with the place", () => {
    const list = "  /v1/ai/image-upscaler-precision:\n    get:\n      responses:\n        '200': {description: List}\n";
    const made = taken(PAGE.replace("  /v1/ai/image-upscaler-precision:\n", list));
    expect(made.obsolete).toMatchObject([
      {
        overlay: "upscaler-precision.10-status-operations.overlay.yaml",
        index: 2,
        why: "the page says itself now: #/paths/~1v1~1ai~1image-upscaler-precision/get",
      },
    ]);
  });

  it("that another page makes needless are obsolete, and keep it out until they are gone", async () => {
    const root = freshRoot();
    const list = sibling((document) => {
      document.paths = {
        "/v1/ai/image-upscaler-precision": {
          get: { operationId: "list", responses: { "200": { description: "Tasks" } } },
        },
      };
    });
    const made = plan(root, list, { file: "list.yaml" });
    expect(made.obsolete).toMatchObject([
      { index: 2, why: "list.yaml says itself: #/paths/~1v1~1ai~1image-upscaler-precision/get" },
    ]);
    await expect(verify(root, made, reportOf(made))).rejects.toThrow(/precision › get differently.*obsolete actions/);
  });

  it("that change nothing any more are obsolete", () => {
    const root = freshRoot();
    const overlay = join(root, "openapi", "overlays", "upscaler-precision.90-test.overlay.yaml");
    writeFileSync(
      overlay,
      `overlay: 1.0.0\ninfo: {title: t, version: "1"}\nextends: ../upscaler-precision.yaml\nactions:\n  - target: $.info\n    x-reason: r\n    x-source: s\n    update: {title: Upscaler}\n`,
    );
    expect(taken(PAGE, root).obsolete).toEqual([]);
    expect(taken(PAGE.replace("title: Magnific API", "title: Upscaler"), root).obsolete).toMatchObject([
      { index: 1, why: "applying it changes nothing" },
    ]);
  });
});

describe("a lock that is broken", () => {
  it("is reported with its name", () => {
    const root = freshRoot();
    writeFileSync(join(root, "openapi", "vendor.lock.json"), "{");
    expect(() => plan(root, PAGE)).toThrow(/vendor\.lock\.json: /);
  });

  it("does not hide a document that was edited by hand: it is put right again", () => {
    const root = freshRoot();
    writeFileSync(
      join(root, "openapi", "upscaler-precision.yaml"),
      DOCUMENT_TEXT.replace("maximum: 100", "maximum: 50"),
    );
    const made = plan(root, PAGE);
    expect(made.documents).toMatchObject([{ status: "changed" }]);
    expect([...made.files.keys()]).toEqual(["openapi/upscaler-precision.yaml"]);
    expect(existsSync(join(root, "generated"))).toBe(false);
  });
});
