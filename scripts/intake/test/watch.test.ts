import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { ROOT } from "../../../openapi/document/load.js";
import { emptyRoot } from "./roots.js";

/** What `npm run vendor -- --json` prints of a change. */
const CHANGE = { files: ["openapi/x.yaml"], bump: "minor", client: [] as string[] };
/** Programs in place of the real ones: they record their arguments. */
const FAKES: Readonly<Record<string, string>> = {
  npm: `case "$*" in
    *vendor*) echo "the change" > reports/spec-watch/report.md; echo "$VENDOR"; echo "vendor: why not" >&2; exit "\${VENDOR_EXIT:-0}";;
    "$FAILS") echo "a test is red"; exit 1;;
  esac`,
  gh: `case "$*" in "issue list"*) echo "$ISSUE";; esac`,
  git: `case "$*" in ls-remote*) exit 2;; esac`,
};

describe("the watch", () => {
  let root = "";
  beforeEach(() => {
    root = emptyRoot();
    cpSync(join(ROOT, ".ci"), join(root, ".ci"), { recursive: true });
    for (const folder of ["bin", "openapi"]) mkdirSync(join(root, folder));
    writeFileSync(join(root, "openapi", "vendor.lock.json"), "{}");
    for (const [name, body] of Object.entries(FAKES))
      writeFileSync(join(root, "bin", name), `#!/bin/sh\necho ${name} "$@" >> "$CALLS"\n${body}\n`, { mode: 0o755 });
  });

  /** Runs the workflow's scripts in their order; returns what was called besides them, and what they printed. */
  function watch(more: Readonly<Record<string, string>>): { readonly calls: string[]; readonly said: string } {
    const calls = join(root, "calls.txt");
    rmSync(calls, { force: true });
    const PATH = `${join(root, "bin")}${delimiter}${process.env.PATH}`;
    const env = { ...process.env, VENDOR: JSON.stringify(CHANGE), FAILS: "-", CALLS: calls, ...more, PATH };
    const said = ["spec-watch", "spec-checks", "open-pull-request", "open-issue"].map((script) => {
      const { status, stdout, stderr } = spawnSync("bash", [join(root, ".ci", script)], { env, encoding: "utf8" });
      expect(status, `${script}: ${stderr}`).toBe(0);
      return stdout;
    });
    return { calls: readFileSync(calls, "utf8").trim().split("\n"), said: said.join("") };
  }
  const left = (file: string) => readFileSync(join(root, "reports", "spec-watch", file), "utf8");

  it("runs tests and contract on a change itself, and puts the outcome into the pull request", () => {
    const { calls } = watch({});
    expect(calls).toContain("npm test");
    expect(calls).toContain("npm run contract");
    expect(calls).toContain("git add --all -- openapi/x.yaml");
    expect(calls.filter((call) => call.startsWith("gh"))).toEqual([
      expect.stringMatching(/^gh pr create .*--body-file reports\/spec-watch\/body\.md$/),
    ]);
    expect(left("body.md")).toMatch(/the change\n[\s\S]*npm test: passed\n- npm run contract: passed/);
  });

  it("opens a draft where a test fails, with its output", () => {
    const { calls } = watch({ FAILS: "run contract" });
    expect(calls.at(-1)).toMatch(/^gh pr create .*--draft$/);
    expect(left("body.md")).toMatch(/npm test: passed\n- npm run contract: \*\*failed\*\*[\s\S]*a test is red/);
  });

  it("opens a draft where src/ no longer type-checks", () => {
    const { calls } = watch({ VENDOR: JSON.stringify({ ...CHANGE, client: ["src/x.ts: no"] }) });
    expect(calls.at(-1)).toMatch(/^gh pr create .*--draft$/);
  });

  it("does nothing where nothing changed", () => {
    const { calls } = watch({ VENDOR: JSON.stringify({ ...CHANGE, files: [] }) });
    expect(calls).toEqual([expect.stringMatching(/^npm run -s vendor/)]);
  });

  it("opens one issue about a page that cannot be taken in, and updates it from then on", () => {
    const refused = { VENDOR_EXIT: "1", VENDOR: "" };
    const created = watch(refused).calls.filter((call) => call.startsWith("gh"));
    expect(created.at(-1)).toMatch(/^gh issue create .*--body-file reports\/spec-watch\/refused\.md$/);
    expect(left("refused.md")).toContain("vendor: why not");
    const updated = watch({ ...refused, ISSUE: "7" }).calls.filter((call) => call.startsWith("gh"));
    expect(updated.at(-1)).toMatch(/^gh issue edit 7 --body-file/);
    expect(updated.some((call) => call.includes("create"))).toBe(false);
  });

  it("with DRY_RUN=1 says what it would do", () => {
    const change = watch({ DRY_RUN: "1" });
    expect(change.said).toMatch(/^git push .*\ngh pr create /m);
    const refusal = watch({ DRY_RUN: "1", VENDOR_EXIT: "1" });
    expect(refusal.said).toMatch(/^gh issue create /m);
    for (const { calls } of [change, refusal]) expect(calls.some((call) => !call.startsWith("npm"))).toBe(false);
    expect(existsSync(join(root, "reports", "spec-watch", "changed.txt"))).toBe(false);
  });
});
