import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../../openapi/document/load.js";
import { runVendor } from "../command.js";
import { emptyRoot, exampleRoot, PAGE, snapshot } from "./roots.js";

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** In this process, without the contract suite. @param derive runs last, before anything is written. */
async function vendor(args: readonly string[], derive: () => void = () => {}): Promise<Ran> {
  const [out, err]: string[][] = [[], []];
  const status = await runVendor(args, {
    out: (text) => out?.push(text),
    err: (text) => err?.push(text),
    derive: async () => async () => {
      derive();
      return { files: new Map(), lines: ["the cases"] };
    },
  });
  return { status, stdout: out?.join("\n") ?? "", stderr: err?.join("\n") ?? "" };
}

/** Writes a page to a folder of its own. */
function pageFile(content: string): string {
  const path = join(emptyRoot(), "upscaler-precision.md");
  writeFileSync(path, content);
  return path;
}

const changedFiles = (before: Record<string, string>, after: Record<string, string>) =>
  Object.keys(after).filter((name) => after[name] !== before[name]);
const NARROWED = PAGE.replace("          maximum: 100", "          maximum: 90");
const WIDENED = PAGE.replace("          maximum: 100", "          maximum: 110");
const OPERATION = readFileSync(join(import.meta.dirname, "example", "operation.yaml"), "utf8");

describe("npm run vendor", () => {
  it("as a program takes in a page with another operation; its types, validators and cases follow", () => {
    const root = exampleRoot();
    mkdirSync(join(root, "contract-tests", "lock"), { recursive: true });
    mkdirSync(join(root, ".changeset"));
    cpSync(join(ROOT, ".changeset", "config.json"), join(root, ".changeset", "config.json"));
    const before = snapshot(root);
    const ran = spawnSync(process.execPath, ["--import", "tsx", "scripts/vendor.ts", "-", "--root", root], {
      cwd: ROOT,
      encoding: "utf8",
      input: NARROWED.replace("components:\n", OPERATION),
    });
    expect(ran.status, ran.stderr).toBe(0);
    expect(ran.stdout).toMatch(/from 100 to 90[\s\S]*Written:[\s\S]*Review:[\s\S]*contract cases/);
    const after = snapshot(root);
    expect(changedFiles(before, after)).toEqual([
      expect.stringMatching(/^\.changeset\/spec-upscaler-precision-/),
      "contract-tests/lock/cases.txt",
      "contract-tests/lock/document.lock.json",
      "generated/default.ts",
      "generated/index.ts",
      ...[
        "constants.ts",
        "openapi.json",
        "operations/postAiImageUpscalerPrecision.fields.ts",
        "operations/postAiImageUpscalerPrecision.ts",
        "schema.ts",
        "validators.d.ts",
        "validators.js",
      ].map((name) => `generated/upscaler-precision/${name}`),
      "openapi/pages/upscaler-precision.md",
      "openapi/upscaler-precision.yaml",
      "openapi/vendor.lock.json",
    ]);
    expect(after["generated/upscaler-precision/schema.ts"]).toContain("postMystic: {");
    expect(after["generated/upscaler-precision/validators.d.ts"]).toContain("postMysticRequestClosed");
    for (const kind of ["positive", "negative", "security"])
      expect(after["contract-tests/lock/cases.txt"]).toMatch(new RegExp(`^postMystic .*${kind}`, "m"));
  }, 60_000);

  it("writes nothing on --dry-run, the same files without it, and nothing the second time", async () => {
    const root = exampleRoot();
    const page = pageFile(WIDENED);
    const before = snapshot(root);
    const dry = await vendor([page, "--root", root, "--dry-run", "--json", "--fail-on", "breaking"]);
    expect(dry.status, dry.stderr).toBe(0);
    expect(snapshot(root)).toEqual(before);
    const data = JSON.parse(dry.stdout) as { files: string[] };
    const operations = { added: [], changed: ["POST /v1/ai/image-upscaler-precision"] };
    expect(data).toMatchObject({
      documents: [{ name: "upscaler-precision.yaml", operations }],
      breaking: { senders: 0, readers: 0 },
      overlays: { unmatched: [], obsolete: [] },
      ...{ bump: "minor", dryRun: true, lint: [], client: [] },
    });
    const real = await vendor([page, "--root", root]);
    expect(real).toMatchObject({ status: 0, stdout: expect.stringMatching(/Written:[\s\S]*Review:[\s\S]*the cases/) });
    const after = snapshot(root);
    expect(changedFiles(before, after).sort()).toEqual([...data.files].sort());
    const again = await vendor([page, "--root", root]);
    expect(again).toMatchObject({ status: 0, stdout: expect.stringContaining("Nothing to do") });
    expect(snapshot(root)).toEqual(after);
  }, 60_000);

  it("with --fail-on breaking writes nothing of a breaking page but the report that was asked for", async () => {
    const root = exampleRoot();
    const before = snapshot(root);
    const report = join(emptyRoot(), "reports", "change.md");
    const ran = await vendor([pageFile(NARROWED), "--root", root, "--fail-on", "breaking", "--report", report]);
    expect(ran).toMatchObject({ status: 1, stderr: "vendor: The change is breaking. Nothing was written." });
    expect(ran.stdout).toContain("BREAKING for senders");
    expect(readFileSync(report, "utf8")).toMatch(
      /\*\*BREAKING for senders\*\*\n\n- `#\/components\/schemas\/request-content_2\/properties\/sharpen\/maximum`/,
    );
    expect(snapshot(root)).toEqual(before);
  });

  it("prints the whole command that solves it where two documents have the same operation", async () => {
    const root = exampleRoot();
    const page = join(emptyRoot(), "it's the page.md");
    writeFileSync(page, PAGE);
    const refused = await vendor([page, "--name", "twin", "--root", root, "--dry-run"]);
    expect(refused).toMatchObject({ status: 1, stdout: "" });
    expect(refused.stderr).toMatch(/^vendor: POST \S+ is in upscaler-precision\.yaml and in twin\.yaml\.\nTo replace/);
    const command =
      refused.stderr
        .split("\n")
        .at(-1)
        ?.replace(/^npm run vendor --/, "printf '%s\\n'") ?? "";
    const words = spawnSync("bash", ["-c", command], { encoding: "utf8" }).stdout.trimEnd().split("\n");
    expect(words).toEqual(expect.arrayContaining([page, "--remove", "--name", "--dry-run", root]));
    expect(await vendor(words)).toMatchObject({ status: 0, stdout: expect.stringContaining("Dry run") });
  });

  it("writes nothing where another run took a page in meanwhile", async () => {
    const root = exampleRoot();
    let before = {};
    const ran = await vendor([pageFile(NARROWED), "--root", root], () => {
      writeFileSync(join(root, "openapi", "vendor.lock.json"), "{}\n");
      before = snapshot(root);
    });
    expect(ran).toMatchObject({ status: 1, stderr: expect.stringMatching(/changed meanwhile. Nothing was written/) });
    expect(snapshot(root)).toEqual(before);
  }, 30_000);

  it("after a run that was killed while it wrote, says how to restore the files", async () => {
    const root = exampleRoot();
    mkdirSync(join(root, ".vendor-run"));
    const before = snapshot(root);
    expect(await vendor([pageFile(NARROWED), "--root", root])).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/was killed while it did.*git checkout -- openapi generated/),
    });
    expect(snapshot(root)).toEqual(before);
  });

  it("with --all takes every page in again from its address, and says which came as files", async () => {
    const server = createServer((_, response) => response.end(WIDENED));
    await once(server.listen(0, "127.0.0.1"), "listening");
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/page.md`;
    const root = exampleRoot();
    const lock = join(root, "openapi", "vendor.lock.json");
    try {
      const { stdout } = await vendor(["--all", "--root", root, "--dry-run"]);
      expect(stdout).toMatch(/upscaler-precision\.md was taken in from a file: name the file/);
      writeFileSync(lock, readFileSync(lock, "utf8").replace('"upscaler-precision.md"', `"${address}"`));
      const ran = await vendor(["--all", "--root", root, "--dry-run"]);
      expect(ran).toMatchObject({ status: 0, stdout: expect.stringMatching(/from 100 to 110[\s\S]*Dry run/) });
    } finally {
      server.close();
      server.closeAllConnections();
    }
  }, 30_000);

  it("says how it is used, and exits 2 for wrong usage", async () => {
    expect(await vendor(["--help"])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("--fail-on breaking"),
    });
    for (const [args, message] of [
      [[], /Name a source.*--all/],
      [["x.md", "--fail-on", "anything"], /--fail-on takes "breaking"/],
      [["a.md", "b.md", "--name", "c"], /--name needs exactly one source/],
      [["x.md", "--server", "http://old.example"], /--server takes an https: address/],
      [["x.md", "--skip", "paths"], /--skip takes a JSON pointer/],
      [["x.md", "--unknown"], /--unknown/],
    ] as const)
      expect(await vendor(args)).toMatchObject({ status: 2, stdout: "", stderr: expect.stringMatching(message) });
  });
});
