import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../../openapi/document/load.js";
import { bumpOf, changesetFiles } from "../changeset.js";
import { type Plan, planOf } from "../plan.js";
import { reportOf } from "../report.js";
import { writeAll } from "../transaction.js";
import { DOCUMENT_TEXT, freshRoot, PAGE, plan, snapshot } from "./roots.js";

const CHANGES = [
  ["a breaking change", "maximum: 100", "maximum: 90", "major"],
  ["something new", "maximum: 100", "maximum: 110", "minor"],
  ["words", "description: OK", "description: Fine", "patch"],
  ["the page's prose", "Use this file", "Use that file", undefined],
  ["nothing", "maximum: 100", "maximum: 100", undefined],
] as const;

describe("the changeset of a spec change", () => {
  for (const [what, from, to, bump] of CHANGES) {
    it(`${what}: ${bump ?? "none"}`, () => {
      expect(bumpOf(reportOf(plan(freshRoot(), PAGE.replace(from, to))))).toBe(bump);
    });
  }

  it("is what the release flow reads: a breaking spec change makes a major version, with its words in the change log", () => {
    const root = freshRoot();
    mkdirSync(join(root, ".changeset"));
    cpSync(join(ROOT, ".changeset", "config.json"), join(root, ".changeset", "config.json"));
    writeFileSync(join(root, "package.json"), `${JSON.stringify({ name: "example-client", version: "1.2.3" })}\n`);
    writeFileSync(join(root, "package-lock.json"), "{}");
    writeFileSync(join(root, "CHANGELOG.md"), "# example-client\n\n## 1.2.3\n\nBefore.\n");
    const made = plan(root, PAGE.replace("            - FAILED\n", "            - FAILED\n            - CANCELLED\n"));
    const files = changesetFiles(root, "example-client", made, reportOf(made));
    expect([...files.keys()]).toEqual([
      expect.stringMatching(/^\.changeset\/spec-upscaler-precision(?:-[0-9a-f]{8}){2}\.md$/),
    ]);
    writeAll(root, files);
    const run = spawnSync(process.execPath, [join(ROOT, "node_modules/@changesets/cli/bin.js"), "version"], {
      cwd: root,
      encoding: "utf8",
    });
    expect(run.status, run.stderr).toBe(0);
    expect(JSON.parse(readFileSync(join(root, "package.json"), "utf8"))).toMatchObject({ version: "2.0.0" });
    expect(readFileSync(join(root, "CHANGELOG.md"), "utf8")).toMatch(
      /## 2\.0\.0\n\n### Major Changes[\s\S]*breaks readers[\s\S]*"CANCELLED" added[\s\S]*## 1\.2\.3/,
    );
  });

  it("is taken back with its change: a page that goes again, or goes back in two steps, leaves none", () => {
    const root = freshRoot();
    mkdirSync(join(root, ".changeset"));
    cpSync(join(ROOT, ".changeset", "config.json"), join(root, ".changeset", "config.json"));
    const before = snapshot(join(root, ".changeset"));
    const take = (made: Plan): void => {
      writeAll(root, new Map([...made.files, ...changesetFiles(root, "x", made, reportOf(made))]));
    };
    const other = DOCUMENT_TEXT.replaceAll("image-upscaler-precision:", "other:")
      .replaceAll("request-content_2", "other-content")
      .replace("operationId: post", "operationId: other");
    const remove = (name: string) => planOf({ root, sources: [], remove: name, date: "2030-01-01" });
    // A name that begins like the other document's is not taken for it.
    take(plan(root, other, { name: "upscaler" }));
    take(plan(root, PAGE.replace("maximum: 100", "maximum: 90")));
    take(plan(root, other.replace("maximum: 100", "maximum: 80"), { name: "upscaler" }));
    expect(Object.keys(snapshot(join(root, ".changeset"))).length).toBe(4);
    take(remove("upscaler"));
    expect(Object.keys(snapshot(join(root, ".changeset"))).length).toBe(2);
    take(plan(root, PAGE.replace("maximum: 100", "maximum: 80")));
    take(plan(root, PAGE));
    expect(snapshot(join(root, ".changeset"))).toEqual(before);
    // What was released is not undone in silence.
    take(plan(root, PAGE.replace("maximum: 100", "maximum: 110")));
    for (const name of readdirSync(join(root, ".changeset")))
      if (name.startsWith("spec-")) rmSync(join(root, ".changeset", name));
    take(plan(root, PAGE));
    expect(Object.values(snapshot(join(root, ".changeset"))).join()).toContain('"x": major');
  });

  it("is left out where there is no such flow", () => {
    const root = freshRoot();
    const made = plan(root, PAGE.replace("maximum: 100", "maximum: 90"));
    expect(changesetFiles(root, "x", made, reportOf(made)).size).toBe(0);
  });
});
