import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../../openapi/document/load.js";
import { writeAll } from "../../generate/write.js";
import { bumpOf, changesetFiles } from "../changeset.js";
import type { Plan } from "../plan.js";
import { DOCUMENT_TEXT, exampleRoot, PAGE, plan, snapshot } from "./roots.js";

const withMaximum = (maximum: number) => PAGE.replace("maximum: 100", `maximum: ${maximum}`);

/** The example's root with a release flow. */
function releaseRoot(): string {
  const root = exampleRoot();
  mkdirSync(join(root, ".changeset"));
  cpSync(join(ROOT, ".changeset", "config.json"), join(root, ".changeset", "config.json"));
  return root;
}

describe("the changeset of a change of the provider", () => {
  for (const [what, page, bump] of [
    ["a breaking change", withMaximum(90), "major"],
    ["a wider range", withMaximum(110), "minor"],
    ["another description", PAGE.replace("description: OK", "description: Fine"), "patch"],
    ["another text around the document", PAGE.replace("Use this file", "Use that file"), undefined],
    ["an unchanged page", PAGE, undefined],
  ] as const) {
    it(`asks for ${bump ?? "no"} version for ${what}`, async () => {
      expect(bumpOf((await plan(exampleRoot(), page)).documents)).toBe(bump);
    });
  }

  it("makes a major version of a breaking change, with the change in the change log", async () => {
    const root = releaseRoot();
    writeFileSync(join(root, "package.json"), `${JSON.stringify({ name: "example-client", version: "1.2.3" })}\n`);
    writeFileSync(join(root, "package-lock.json"), "{}");
    writeFileSync(join(root, "CHANGELOG.md"), "# example-client\n\n## 1.2.3\n\nBefore.\n");
    const made = await plan(
      root,
      PAGE.replace("            - FAILED\n", "            - FAILED\n            - STOPPED\n"),
    );
    writeAll(root, changesetFiles(root, "example-client", made.documents));
    const run = spawnSync(process.execPath, [join(ROOT, "node_modules/@changesets/cli/bin.js"), "version"], {
      cwd: root,
      encoding: "utf8",
    });
    expect(run.status, run.stderr).toBe(0);
    expect(JSON.parse(readFileSync(join(root, "package.json"), "utf8"))).toMatchObject({ version: "2.0.0" });
    expect(readFileSync(join(root, "CHANGELOG.md"), "utf8")).toMatch(
      /## 2\.0\.0\n\n### Major Changes[\s\S]*breaks readers[\s\S]*"STOPPED" added[\s\S]*## 1\.2\.3/,
    );
  });

  it("goes when its change is reverted, in one step or in two, unless it was released", async () => {
    const root = releaseRoot();
    const folder = join(root, ".changeset");
    const before = snapshot(folder);
    const take = async (made: Promise<Plan>) => {
      const done = await made;
      writeAll(root, new Map([...done.files, ...changesetFiles(root, "x", done.documents)]));
      return Object.keys(snapshot(folder)).length;
    };
    const other = DOCUMENT_TEXT.replaceAll("image-upscaler-precision:", "other:")
      .replaceAll("request-content_2", "other-content")
      .replace("operationId: post", "operationId: other");
    // A name that begins like the other document's is not taken for it.
    await take(plan(root, other, { name: "upscaler" }));
    await take(plan(root, withMaximum(90)));
    const more = other.replace("maximum: 100", "maximum: 80");
    expect(await take(plan(root, more, { name: "upscaler" }))).toBe(4);
    expect(await take(plan(root, "", { sources: [], remove: "upscaler" }))).toBe(2);
    await take(plan(root, withMaximum(80)));
    await take(plan(root, PAGE));
    expect(snapshot(folder)).toEqual(before);
    await take(plan(root, withMaximum(110)));
    for (const name of readdirSync(folder)) if (name.startsWith("spec-")) rmSync(join(folder, name));
    await take(plan(root, PAGE));
    expect(Object.values(snapshot(folder)).join()).toContain('"x": major');
  });

  it("is not written where the repository has no release flow", async () => {
    const root = exampleRoot();
    const made = await plan(root, withMaximum(90));
    expect(changesetFiles(root, "x", made.documents).size).toBe(0);
  });
});
