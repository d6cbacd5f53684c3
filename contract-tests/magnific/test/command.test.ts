import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../../openapi/document/load.js";
import { tempFolder } from "../../../src/test-support/temp-folder.js";
import { Contract } from "../../contract.js";
import type { Behaviour } from "../../proof/provider/behaviour.js";
import { type RunningProvider, startProvider } from "../../proof/provider/provider.js";
import { contract as command } from "../command.js";
import { contract as page, vendored } from "./page.js";

const folder = tempFolder("contract-cli-");

const text = vendored[0]?.text ?? "";
/** A copy of the page with something changed. */
function copy(name: string, from: string, to: string): string {
  const file = join(folder, name);
  expect(text).toContain(from);
  writeFileSync(file, text.replace(from, to));
  return file;
}

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  readonly during?: (pid: number) => void;
}

async function run(script: string, args: readonly string[], { env, during }: Surroundings = {}): Promise<Ended> {
  const child = spawn(process.execPath, ["--import", "tsx", `scripts/${script}.ts`, ...args], {
    cwd: ROOT,
    env: { ...process.env, GITHUB_STEP_SUMMARY: "", MAGNIFIC_API_KEY: "", TMPDIR: folder, ...env },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      output += chunk;
    });
  if (child.pid !== undefined) during?.(child.pid);
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output };
}

const SEED = ["--only", "upscaler-precision"];

/** The command in this process, which costs less. */
async function contract(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  let output = "";
  const writer = { write: (text: string | Uint8Array) => (output += text) };
  const code = await command([...SEED, ...args], { env, stdout: writer, stderr: writer });
  return { code, output };
}

/** A file of a process in /proc; empty when it is gone. */
function about(pid: string | number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}

const prismOf = (parent: number): string | undefined =>
  readdirSync("/proc").find(
    (pid) =>
      about(pid, "stat").split(") ")[1]?.split(" ")[1] === String(parent) &&
      about(pid, "cmdline").includes("prism-cli"),
  );

describe("npm run contract", () => {
  it("exits with 0 when the document conforms, and prints counts that add up", async () => {
    const { code, output } = await contract(["--vendored-only"]);
    expect(code, output).toBe(0);
    for (const line of output.match(/(?:document|overlays|Cases): .*\d+ (?:\(.*\) )?= .*/g) ?? []) {
      const [total, parts = ""] = line.replace(/\(.*\)|, in .*/g, "").split("=");
      const sum = (parts.match(/\d+/g) ?? []).reduce((all, each) => all + Number(each), 0);
      expect(sum, line).toBe(Number(/\d+/.exec(total ?? "")?.[0]));
    }
    expect(output).toMatch(/Cases: [1-9]\d* = .* 0 violate/);
  });

  it("names a changed example and a changed default of the copy behind the mock, and exits with 1", async () => {
    const file = copy("word.yaml", "must not be empty", "must not be blank");
    writeFileSync(file, readFileSync(file, "utf8").replace("default: 50", "default: 51"));
    const json = join(folder, "report.json");
    const { code, output } = await contract(["--mock-document", file, "--json", json]);
    expect(code, output).toBe(1);
    expect(output).toMatch(/✗ equality: .*\n.* differs from the example: \/message is .*blank/);
    // What no exchange shows is in the lock.
    expect(output).toMatch(/✗ lock: \/components\/schemas\/.*\/default is 51, was 50/);
    const written = JSON.parse(readFileSync(json, "utf8"));
    const wrong = written.results.filter((each: { outcome: string }) => each.outcome === "violates");
    expect(written.conforms).toBe(false);
    expect(wrong.map((each: { kind: string }) => each.kind)).toEqual(["response example"]);
  });

  it("checks a provider, reports what is wrong with it, and writes neither its key nor an image anywhere", async () => {
    const key = "the-providers-secret-key";
    const provider = await startProvider(page.document, {
      key,
      fault: {
        id: "lax",
        what: "takes any number",
        change: ({ findings }) => ({ findings: (call) => findings(call).filter(({ rule }) => rule !== "maximum") }),
      },
    });
    const report = join(folder, "provider");
    const summary = join(folder, "summary.md");
    const files = ["--report", report, "--json", join(report, "report.json")];
    const { code, output } = await contract(["--target", provider.url, "--allow-paid", "500", ...files], {
      MAGNIFIC_API_KEY: key,
      GITHUB_STEP_SUMMARY: summary,
    });
    await provider.close();
    expect(code, output).toBe(1);
    expect(output).toMatch(
      /✗ accepted: .*\n.*accepted with 200: maximum at body\..*\n.*above the maximum.*\.yaml:\d+\)/,
    );
    expect(output).toMatch(/Note: \d+ of 500 allowed requests may have started something that costs/);
    expect(readdirSync(report).sort()).toEqual([
      ...["ctrf.json", "exchanges.har", "junit.xml", "matrix.html", "matrix.md", "report.json"],
    ]);
    const written = [...readdirSync(report).map((name) => join(report, name)), summary];
    for (const each of [output, ...written.map((file) => readFileSync(file, "utf8"))]) {
      expect(each).toContain("above the maximum");
      expect(each).not.toContain(key);
      expect(each).not.toContain("iVBORw0KGgo");
    }
  });

  it("plays the failures of an earlier run alone, with the ids that it had, and prints the matrix where it is asked for", async () => {
    const read = (call: { readonly operation: { readonly path: string } }): boolean =>
      call.operation.path.includes("{");
    const fault = {
      id: "forgetful",
      what: "knows no task by its id, and takes any number",
      change: ({ findings, exists }: Behaviour): Partial<Behaviour> => ({
        findings: (call) => findings(call).filter(({ rule }) => rule !== "maximum"),
        exists: (call) => !read(call) && exists(call),
      }),
    };
    const json = join(folder, "first.json");
    const outcomes = (file: string, outcome: string): string[] =>
      JSON.parse(readFileSync(file, "utf8"))
        .results.filter((each: { outcome: string }) => each.outcome === outcome)
        .map((each: { id: string }) => each.id);
    const play = async (provider: RunningProvider, ...args: readonly string[]): Promise<Ended> => {
      const env = { MAGNIFIC_API_KEY: provider.key };
      return contract(["--target", provider.url, "--allow-paid", "500", ...args], env).finally(() => provider.close());
    };
    const first = await play(await startProvider(page.document, { fault }), "--json", json, "--matrix");
    expect(first.code, first.output).toBe(1);
    expect(first.output).toMatch(/Contract matrix \(provider\)\n(?: .*\n){50,}/);
    const failed = outcomes(json, "violates");
    expect(failed.join()).toMatch(/above the maximum.*Task · request/);
    const again = join(folder, "again.json");
    const second = await play(await startProvider(page.document, { fault }), "--replay", json, "--json", again);
    expect(second.code, second.output).toBe(1);
    expect(second.output).not.toContain("Contract matrix");
    expect(outcomes(again, "violates")).toEqual(failed);
    expect(outcomes(again, "conforms")).toEqual([]);
    const fixed = { ...fault, change: () => ({ exists: () => true }) };
    const third = await play(await startProvider(page.document, { fault: fixed }), "--replay", json, "--json", again);
    expect(third.code, third.output).toBe(0);
    expect(outcomes(again, "conforms")).toEqual(failed);
    expect(await contract(["--replay", again])).toMatchObject({ code: 2, output: expect.stringContaining("no case") });
  });

  it("takes what the document states wrongly into the list of known findings, with a reason, once", async () => {
    const known = join(folder, "known.json");
    writeFileSync(known, "[]");
    const [flaw] = new Contract(vendored, []).flaws.all;
    const accept = (...args: readonly string[]): Promise<Ended> =>
      contract(["--vendored-only", "--known", known, "--accept-finding", ...args]);
    const pointer = flaw?.pointer ?? "";
    expect(await accept(pointer)).toMatchObject({ code: 2, output: expect.stringContaining("needs --reason") });
    const nowhere = await accept("/paths/nowhere", "--reason", "why not");
    expect(nowhere).toMatchObject({ code: 2, output: expect.stringContaining(`It does at:\n  ${pointer}`) });
    expect(await accept(pointer, "--reason", "it is so")).toMatchObject({ code: 0 });
    const checks = [...new Set(flaw?.faults.map(({ check }) => check))];
    expect(JSON.parse(readFileSync(known, "utf8"))).toEqual([{ pointer, checks, reason: "it is so" }]);
    expect(await accept(pointer, "--reason", "again")).toMatchObject({ code: 2 });
  });

  it("lints the vendored documents with --doctor", async () => {
    const { code, output } = await run("contract", [...SEED, "--doctor"]);
    expect([0, 1], output).toContain(code);
    expect(output).toContain("openapi/upscaler-precision.yaml");
  });

  it.each([
    ["an unknown option", ["--nonsense"], "Unknown option '--nonsense'"],
    ["a provider without a key", ["--target", "http://127.0.0.1:9"], "Set MAGNIFIC_API_KEY"],
    ["a budget that is not a number", ["--target", "http://a.test", "--allow-paid", "many"], "--allow-paid takes"],
    ["an unknown way with fields", ["--undeclared", "ignore"], "--undeclared takes report or fail"],
    ["a provider's URL that is not valid", ["--target", "gateway.test"], "--target takes an http or https URL"],
    ["an address where nothing responds", ["--target", "http://127.0.0.1:9"], "Nothing responds at http://127.0.0.1:9"],
  ])("exits with 2 for %s, and says so", async (what, args, message) => {
    const env = { MAGNIFIC_API_KEY: what.includes("key") ? "" : "a-key-for-tests" };
    const { code, output } = await contract(args, env);
    expect(code, output).toBe(2);
    expect(output).toContain("contract: could not run: ");
    expect(output).toContain(message);
  });

  it("names a $ref to nothing in the copy behind the mock", async () => {
    const file = copy("ref.yaml", "'#/components/schemas/task'", "'#/components/schemas/none'");
    const { code, output } = await contract(["--mock-document", file]);
    expect(code, output).toBe(2);
    expect(output).toContain("$ref to nothing: #/components/schemas/none");
  });

  it("has a mock that exits with 2 for a port that is not a number, and says so in the first line", async () => {
    const { code, output } = await run("mock", ["--port", "http"]);
    expect(code, output).toBe(2);
    expect(output.split("\n")[0]).toBe('mock: --port takes a number from 0 to 65535, not "http".');
  });

  it.each(["SIGINT", "SIGKILL"] as const)(
    "leaves no mock and no file behind when it is ended by %s",
    async (signal) => {
      let prism: string | undefined;
      const { code } = await run("contract", SEED, {
        during: async (pid) => {
          await expect.poll(() => (prism = prismOf(pid))).toBeDefined();
          process.kill(pid, signal);
        },
      });
      expect(code).toBe(signal === "SIGINT" ? 130 : null);
      await expect.poll(() => about(prism ?? "", "cmdline")).not.toContain("prism-cli");
      await expect.poll(() => readdirSync(folder).filter((name) => name.startsWith("contract-mock-"))).toEqual([]);
    },
  );
});
