import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../document/load.js";
import { bumpOf, changesetFiles } from "../changeset.js";
import { reportOf } from "../report.js";
import { writeAll } from "../transaction.js";
import { freshRoot, PAGE, plan } from "./roots.js";

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
    expect([...files.keys()]).toEqual([expect.stringMatching(/^\.changeset\/spec-[0-9a-f]{12}\.md$/)]);
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

  it("is left out where there is no such flow", () => {
    const root = freshRoot();
    const made = plan(root, PAGE.replace("maximum: 100", "maximum: 90"));
    expect(changesetFiles(root, "x", made, reportOf(made)).size).toBe(0);
  });
});
