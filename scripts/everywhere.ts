/**
 * `npm run everywhere`: the packed package in every runtime and with every compiler that is available here. Prints a matrix and
 * writes it to reports/everywhere.md; what is not available is listed as not run. Needs a build. Exit 1 when a cell fails.
 */
import { execFile, execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "../openapi/document/load.js";
import { startSandbox } from "../src/sandbox/index.js";
import { chromium, type Result, workerd } from "./everywhere/hosted.js";
import { compilers, HERE, installRuntimes, makeProject, processes, undicis } from "./everywhere/project.js";

interface Cell {
  readonly where: string;
  readonly what: string;
  readonly result: Result;
}

const DOM: readonly string[] = ["dom", "dom.iterable"];
const run = promisify(execFile);
const cells: Cell[] = [];
const folder = mkdtempSync(join(tmpdir(), "everywhere-"));
const lacking = installRuntimes();
const sandbox = await startSandbox({ upscaler: "echo", lifeCycle: "completed" });
try {
  makeProject(folder);
  for (const runtime of processes(lacking)) {
    if ("missing" in runtime) {
      add(runtime.name, "global fetch", runtime);
      continue;
    }
    const drive = (...args: string[]): Promise<Result> =>
      driven(runtime.command, [...runtime.args, "driver.mjs", sandbox.url, sandbox.key, ...args]);
    add(runtime.name, "global fetch", await drive());
    // Other runtimes have an undici of their own making under that name.
    const node = /^Node ([\d.]+)$/.exec(runtime.name)?.[1];
    if (node === undefined) continue;
    for (const { name, path, missing } of undicis(node, lacking)) {
      const what = `dispatcherFetch() over ${name}`;
      add(runtime.name, what, missing === undefined ? await drive(`${path}/index.js`) : { missing });
    }
  }
  const target = { url: sandbox.url, key: sandbox.key };
  for (const [where, drive] of [
    ["Cloudflare workerd (Miniflare)", workerd],
    ["Chromium, bundled", chromium],
  ] as const)
    add(where, "global fetch", lacking === undefined ? await drive(folder, target) : { missing: lacking });
  add(
    `Node ${process.versions.node}`,
    "global fetch under msw and nock",
    lacking === undefined ? await driven(process.execPath, ["interception.mjs"]) : { missing: lacking },
  );
  for (const { name, path } of compilers())
    for (const [module, resolution, lib] of [
      ["node16", "node16", DOM],
      ["nodenext", "nodenext", DOM],
      ["nodenext", "nodenext", []],
      ["esnext", "bundler", DOM],
    ] as const)
      add(
        name,
        `moduleResolution ${resolution}${lib.length === 0 ? ", without the DOM's types" : ""}`,
        lacking === undefined ? compiled(path, module, resolution, lib) : { missing: lacking },
      );
} finally {
  await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
}
print();

function add(where: string, what: string, result: Result): void {
  cells.push({ where, what, result });
  console.log(`${word(result).padEnd(8)} ${where}: ${what}`);
  if ("failures" in result) for (const failure of result.failures) console.log(`         ${failure}`);
}

function word(result: Result): string {
  if ("missing" in result) return "not run";
  return result.failures.length === 0 ? "ok" : "FAILED";
}

async function driven(command: string, args: readonly string[]): Promise<Result> {
  try {
    const { stdout } = await run(command, args, {
      cwd: folder,
      timeout: 90_000,
      env: { ...process.env, NO_COLOR: "1" },
    });
    const failures = /^FAILURES (.*)$/m.exec(stdout)?.[1];
    return failures === undefined
      ? { failures: [`no verdict in its output: ${stdout.slice(0, 400)}`] }
      : { failures: JSON.parse(failures) as string[] };
  } catch (error) {
    return { failures: [String((error as { stderr?: string }).stderr || error).slice(0, 800)] };
  }
}

function compiled(path: string, module: string, moduleResolution: string, lib: readonly string[]): Result {
  writeFileSync(join(folder, "types.ts"), readFileSync(join(HERE, "types.ts.txt")));
  const compilerOptions = {
    target: "es2022",
    lib: ["es2023", ...lib],
    module,
    moduleResolution,
    strict: true,
    exactOptionalPropertyTypes: true,
    verbatimModuleSyntax: true,
    isolatedModules: true,
    skipLibCheck: false,
    noEmit: true,
    types: ["node"],
    typeRoots: [join(ROOT, "node_modules/@types")],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["types.ts"] }));
  try {
    execFileSync(process.execPath, [path, "-p", folder], { cwd: folder, encoding: "utf8" });
    return { failures: [] };
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    return { failures: `${stdout}${stderr}`.trim().split("\n").slice(0, 8) };
  }
}

function print(): void {
  const notes = cells.filter(({ result }) => "missing" in result || result.failures.length > 0);
  const text = [
    "## Everywhere",
    "",
    "The packed package: submit, wait, webhooks and errors against the sandbox; its types under each compiler.",
    "",
    "| where | what | |",
    "|---|---|---|",
    ...cells.map(({ where, what, result }) => `| ${where} | ${what} | ${word(result)} |`),
    "",
    ...notes.map(
      ({ where, what, result }) =>
        `- ${where}, ${what}: ${"missing" in result ? `not run, ${result.missing}` : result.failures.join("; ")}`,
    ),
    "",
  ].join("\n");
  mkdirSync(join(ROOT, "reports"), { recursive: true });
  writeFileSync(join(ROOT, "reports/everywhere.md"), text);
  if (process.env.GITHUB_STEP_SUMMARY !== undefined) appendFileSync(process.env.GITHUB_STEP_SUMMARY, text);
  const count = (which: string): number => cells.filter(({ result }) => word(result) === which).length;
  console.log(`${count("ok")} ok, ${count("FAILED")} failed, ${count("not run")} not run`);
  process.exitCode = count("FAILED") === 0 ? 0 : 1;
}
