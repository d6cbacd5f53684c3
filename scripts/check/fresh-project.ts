/**
 * Installs the packed package in an empty project, as a user would; type-checks every TypeScript snippet of the README, of
 * the documentation and of the public docstrings there, as printed; and runs them against the package's own sandbox.
 */
import { execFile, execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "../../openapi/document/load.js";
import { atItsPlace, exampleSnippets, markdownSnippets, type Snippet, unrun } from "./snippets.js";

/** Packages that snippets use besides this one. */
const BESIDE = ["sharp", "@types/node", "@opentelemetry/api", "undici"];
/** Documents whose snippets run at the same time: mostly they wait. */
const AT_ONCE = 6;

const project = mkdtempSync(join(tmpdir(), "fresh-project-"));
const run = (command: string, args: readonly string[]): string =>
  execFileSync(command, args, { cwd: project, encoding: "utf8", timeout: 240_000 });

try {
  install();
  const snippets = allSnippets();
  const idle = unrun(snippets);
  if (idle.length > 0) throw new Error(idle.join("\n"));
  const files = new Map(snippets.map((snippet, index) => [`${slugOf(snippet.source)}-${index + 1}.ts`, snippet]));
  for (const [file, { code }] of files) writeFileSync(join(project, file), code);
  compile(files);
  await runAll(files);
  // The command, as npm installs it: with no package but those of the library.
  console.log(`magnific ${run(join(project, "node_modules/.bin/magnific"), ["--version"]).trimEnd()}`);
  const lines = snippets[0]?.code.trimEnd().split("\n").length ?? 0;
  const saved = statSync(join(project, "README-md", "portrait@2x.png")).size;
  const sources = new Set(snippets.map(({ source }) => source)).size;
  console.log(`The first of the README has ${lines} lines and saved ${saved} bytes.`);
  console.log(`${snippets.length} snippets of ${sources} files compile and run.`);
} catch (error) {
  // The child's words say more than that it failed.
  const { stdout = "", stderr = "", message } = error as { stdout?: string; stderr?: string; message: string };
  console.error(`${stdout}${stderr}` || message);
  process.exitCode = 1;
} finally {
  rmSync(project, { recursive: true, force: true });
}

function install(): void {
  const pack = ["pack", "--json", "--ignore-scripts", "--pack-destination", project];
  const [{ filename }] = JSON.parse(
    execFileSync("npm", pack, { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }),
  ) as [{ filename: string }];
  const { devDependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    devDependencies: Record<string, string>;
  };
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "fresh", private: true, type: "module" }));
  const packages = [`./${filename}`, ...BESIDE.map((name) => `${name}@${devDependencies[name]}`)];
  execFileSync("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", ...packages], {
    cwd: project,
    encoding: "utf8",
    timeout: 240_000,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Those of the README first; then the pages that people write, not those that are generated; then the docstrings. */
function allSnippets(): Snippet[] {
  const tracked = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "README.md", "docs", "src"], {
    cwd: ROOT,
    encoding: "utf8",
  }).split("\n");
  const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
  const pages = tracked.filter((path) => path.endsWith(".md")).sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  const sources = tracked.filter((path) => /^src\/.*(?<!\.test)\.ts$/.test(path));
  const exports = packageExports();
  return [
    ...pages.flatMap((path) => markdownSnippets(path, read(path))),
    ...sources.flatMap((path) => exampleSnippets(path, read(path), exports)),
  ];
}

function rank(path: string): number {
  return path === "README.md" ? 0 : 1;
}

function slugOf(path: string): string {
  return path.replace(/[^\w]+/g, "-");
}

function packageExports(): Map<string, string> {
  const names = ["magnific-client", "magnific-client/node", "magnific-client/webhook", "magnific-client/sandbox"];
  const program = `
    const found = {};
    for (const name of ${JSON.stringify(names)})
      for (const key of Object.keys(await import(name))) found[key] ??= name;
    console.log(JSON.stringify(found));`;
  const found = run(process.execPath, ["--input-type=module", "--eval", program]);
  return new Map(Object.entries(JSON.parse(found) as Record<string, string>));
}

function compile(files: ReadonlyMap<string, Snippet>): void {
  const tsc = [join(ROOT, "node_modules/typescript/bin/tsc"), "--strict", "--target", "es2022", "--module", "nodenext"];
  try {
    run(process.execPath, [...tsc, "--types", "node", ...files.keys()]);
  } catch (error) {
    const { stdout = "" } = error as { stdout?: string };
    throw new Error(`A snippet does not compile.\n${atItsPlace(stdout, files)}`);
  }
}

/** Each document has a process, a folder and a sandbox of its own; its snippets run one after the other. */
async function runAll(files: ReadonlyMap<string, Snippet>): Promise<void> {
  const documents = new Map<string, [string, Snippet][]>();
  for (const [file, snippet] of files) {
    const own = documents.get(snippet.source) ?? [];
    documents.set(snippet.source, [...own, [file, snippet]]);
  }
  const waiting = [...documents];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await runDocument(...next);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function runDocument(source: string, snippets: readonly [string, Snippet][]): Promise<void> {
  const slug = slugOf(source);
  const folder = join(project, slug);
  mkdirSync(folder);
  for (const name of ["portrait", "a", "b"])
    copyFileSync(join(ROOT, "scripts/demo/astronaut.jpg"), join(folder, `${name}.jpg`));
  writeFileSync(join(project, `run-${slug}.js`), harness(snippets));
  try {
    const options = { cwd: folder, timeout: 120_000 };
    const { stdout } = await promisify(execFile)(process.execPath, [join(project, `run-${slug}.js`)], options);
    console.log(`${source}: ${snippets.length} run`);
    if (process.argv.includes("--verbose")) console.log(stdout.trimEnd().replace(/^/gm, "  | "));
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`A snippet of ${source} does not run.\n${stdout}${stderr}`);
  }
}

function harness(snippets: readonly [string, Snippet][]): string {
  const steps = snippets.map(
    ([file, { source, line, run: check }]) => `
  await step(${JSON.stringify(`${source}:${line}`)}, () => import("./${file.replace(/\.ts$/, ".js")}"), async (example) => {
${check ?? ""}
  });`,
  );
  return `
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { Magnific } from "magnific-client";
import { startSandbox } from "magnific-client/sandbox";
import { signWebhook } from "magnific-client/webhook";

const sandbox = await startSandbox();
const secret = sandbox.webhookSecret;
Object.assign(process.env, { MAGNIFIC_BASE_URL: sandbox.url, MAGNIFIC_API_KEY: sandbox.key, MAGNIFIC_WEBHOOK_SECRET: secret });
const image = await readFile("portrait.jpg");

async function step(place, load, check) {
  try {
    await check(await load());
  } catch (error) {
    console.error(place);
    throw error;
  }
}

try {${steps.join("\n")}
} finally {
  await sandbox.close();
}
`;
}
