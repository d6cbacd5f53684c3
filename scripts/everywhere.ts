/**
 * `npm run everywhere`: the packed package in every runtime and with every compiler that is available here. Prints a matrix and
 * writes it to reports/everywhere.md; what is not available is listed as not run. Needs a build. Exit 1 when a cell fails.
 */
import { execFile, execFileSync } from "node:child_process";
import { appendFileSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "../openapi/document/load.js";
import { startSandbox } from "../src/sandbox/index.js";
import { chromium, type Result, workerd } from "./everywhere/hosted.js";
import { addTests, compilers, installRuntimes, makeProject, processes, undicis } from "./everywhere/project.js";

interface Cell {
  readonly where: string;
  readonly what: string;
  readonly result: Result;
}

const DOM: readonly string[] = ["dom", "dom.iterable"];
const run = promisify(execFile);
const cells: Cell[] = [];
const folder = mkdtempSync(join(tmpdir(), "everywhere-"));
const sandbox = await startSandbox({ upscaler: "echo", lifeCycle: "completed" });
try {
  makeProject(folder);
  const missing = installRuntimes();
  if (missing === undefined) await runAll();
  else add("everything", "everything", { missing });
} finally {
  await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
}
print();

async function runAll(): Promise<void> {
  addTests(folder);
  const { url, key } = sandbox;
  const own = { name: `Node ${process.versions.node}`, command: [process.execPath] };
  for (const runtime of [own, ...processes()]) {
    if ("missing" in runtime) {
      add(runtime.name, "global fetch", runtime);
      continue;
    }
    const { name, command } = runtime;
    add(name, "global fetch", await driven(...command, "driver.mjs", url, key));
    // Other runtimes have an undici of their own making under that name.
    const node = /^Node ([\d.]+)$/.exec(name)?.[1];
    for (const { name: undici, path, missing } of node === undefined ? [] : undicis(node)) {
      const result = missing === undefined ? await driven(...command, "driver.mjs", url, key, path) : { missing };
      add(name, `dispatcherFetch() over ${undici}`, result);
    }
  }
  add("Cloudflare workerd (Miniflare)", "global fetch", await workerd(folder, { url, key }));
  add("Chromium, bundled", "global fetch", await chromium(folder, { url, key }));
  add(own.name, "global fetch under msw and nock", await driven(process.execPath, "interception.mjs"));
  for (const { name, path } of compilers())
    for (const [module, resolution, lib, what = ""] of [
      ["node16", "node16", DOM],
      ["nodenext", "nodenext", DOM],
      ["nodenext", "nodenext", [], ", without the DOM's types"],
      ["esnext", "bundler", DOM],
    ] as const)
      add(name, `moduleResolution ${resolution}${what}`, compiled(path, module, resolution, lib));
}

function add(where: string, what: string, result: Result): void {
  cells.push({ where, what, result });
  console.log(`${word(result).padEnd(8)} ${where}: ${what}`);
  if ("failures" in result) for (const failure of result.failures) console.log(`         ${failure}`);
}

function word(result: Result): string {
  if ("missing" in result) return "not run";
  return result.failures.length === 0 ? "ok" : "FAILED";
}

async function driven(command = "", ...args: string[]): Promise<Result> {
  try {
    const env = { ...process.env, NO_COLOR: "1" };
    const { stdout } = await run(command, args, { cwd: folder, timeout: 90_000, env });
    const failures = /^FAILURES (.*)$/m.exec(stdout)?.[1];
    return failures === undefined
      ? { failures: [`no verdict in its output: ${stdout.slice(0, 400)}`] }
      : { failures: JSON.parse(failures) as string[] };
  } catch (error) {
    return { failures: [String((error as { stderr?: string }).stderr || error).slice(0, 800)] };
  }
}

function compiled(path: string, module: string, moduleResolution: string, lib: readonly string[]): Result {
  copyFileSync(join(folder, "types.ts.txt"), join(folder, "types.ts"));
  const typeRoots = [join(ROOT, "node_modules/@types")];
  const compilerOptions = { lib: ["es2023", ...lib], module, moduleResolution, typeRoots };
  const config = { extends: "./compiler.json", compilerOptions, files: ["types.ts"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  try {
    execFileSync(process.execPath, [path, "-p", folder], { cwd: folder, encoding: "utf8" });
    return { failures: [] };
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    return { failures: `${stdout}${stderr}`.trim().split("\n").slice(0, 8) };
  }
}

function print(): void {
  const text = [
    "## Everywhere",
    "",
    "The packed package: submit, wait, webhooks and errors against the sandbox; its types under each compiler.",
    "",
    "| where | what | |",
    "|---|---|---|",
    ...cells.map(({ where, what, result }) => `| ${where} | ${what} | ${word(result)} |`),
    "",
    ...cells.flatMap(({ where, what, result }) => {
      if ("missing" in result) return `- ${where}, ${what}: not run, ${result.missing}`;
      return result.failures.length > 0 ? `- ${where}, ${what}: ${result.failures.join("; ")}` : [];
    }),
    "",
  ].join("\n");
  mkdirSync(join(ROOT, "reports"), { recursive: true });
  writeFileSync(join(ROOT, "reports/everywhere.md"), text);
  if (process.env.GITHUB_STEP_SUMMARY !== undefined) appendFileSync(process.env.GITHUB_STEP_SUMMARY, text);
  const count = (which: string): number => cells.filter(({ result }) => word(result) === which).length;
  console.log(`${count("ok")} ok, ${count("FAILED")} failed, ${count("not run")} not run`);
  process.exitCode = count("FAILED") === 0 ? 0 : 1;
}
