/**
 * Installs the packed package in an empty project, as a user would; compiles every TypeScript snippet of the README, the site
 * and the public docstrings there, as printed; and runs them against the package's own sandbox. Needs a build.
 */
import { execFile, execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "../../openapi/document/load.js";
import { siblingFiles } from "../../src/test-support/sibling.js";
import { makeProject } from "../everywhere/project.js";
import { atItsPlace, exampleSnippets, markdownSnippets, type Snippet, unrun } from "./snippets.js";

const ENTRIES = ["magnific-client", "magnific-client/node", "magnific-client/webhook", "magnific-client/sandbox"];
/** Packages that snippets use in addition to this one. */
const BESIDE = ["sharp", "@types/node", "@opentelemetry/api", "undici"];
const TSC = [join(ROOT, "node_modules/typescript/bin/tsc"), "--strict", "--target", "es2022", "--types", "node"];
/** Files whose snippets run at the same time: mostly they wait. */
const AT_ONCE = 6;

const project = mkdtempSync(join(tmpdir(), "fresh-project-"));
/** The command leaves journals there. */
const ENV = { ...process.env, XDG_STATE_HOME: join(project, "state") };
const run = (command: string, args: readonly string[]): string =>
  execFileSync(command, args, { cwd: project, encoding: "utf8", timeout: 240_000, env: ENV });

try {
  makeProject(project, BESIDE);
  readAsCommonJs();
  firstPicture();
  const snippets = allSnippets();
  const idle = unrun(snippets);
  if (idle.length > 0) throw new Error(idle.join("\n"));
  await otherOperation();
  const files = new Map(snippets.map((snippet, index) => [`${slugOf(snippet.source)}-${index + 1}.ts`, snippet]));
  for (const [file, { code }] of files) writeFileSync(join(project, file), code);
  compile(files);
  await runAll(files);
  // The command as npm installs it, with no package but the dependencies of the library.
  console.log(`magnific ${run(join(project, "node_modules/.bin/magnific"), ["--version"]).trimEnd()}`);
  console.log(`${snippets.length} snippets compile and run.`);
} catch (error) {
  const { stdout = "", stderr = "", message } = error as { stdout?: string; stderr?: string; message: string };
  console.error(`${stdout}${stderr}` || message);
  process.exitCode = 1;
} finally {
  rmSync(project, { recursive: true, force: true });
}

/** The lines of the README from the installed package to a saved picture. */
function firstPicture(): void {
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  const [install = "", ...lines] = (/<!-- first picture -->\n```sh\n([^`]*)```/.exec(readme)?.[1] ?? "")
    .trimEnd()
    .split("\n");
  if (install !== "npm install magnific-client" || lines.length > 5)
    throw new Error("README.md has no short way to a first picture.");
  copyFileSync(join(ROOT, "scripts/demo/astronaut.jpg"), join(project, "portrait.jpg"));
  run("bash", ["-e", "-c", ["trap 'kill $(jobs -p) 2>&-' EXIT", ...lines].join("\n")]);
  if (!existsSync(join(project, "big/portrait.jpeg")))
    throw new Error("The first lines of README.md saved no picture.");
}

/** `require()` gives what `import` gives, each class once, and a CommonJS build of its own where Node cannot do that; with types. */
function readAsCommonJs(): void {
  const program = `
    const assert = require("node:assert/strict");
    import("magnific-client").then((modules) => {
      for (const entry of ${JSON.stringify(ENTRIES)}) assert.ok(Object.keys(require(entry)).length > 0, entry);
      const { Magnific } = require("magnific-client");
      assert.equal(Magnific === modules.Magnific, process.features.require_module);
      assert.ok(new Magnific({ apiKey: "key" }).api.GET);
    });`;
  writeFileSync(join(project, "program.cjs"), program);
  for (const options of [[], ["--no-experimental-require-module"]]) run(process.execPath, [...options, "program.cjs"]);
  const typed = ENTRIES.map(
    (entry, n) => `import * as entry${n} from "${entry}";\nexport const keys${n} = Object.keys(entry${n});\n`,
  );
  writeFileSync(join(project, "typed.cts"), typed.join(""));
  for (const form of ["--module node16", "--module commonjs --moduleResolution node10"])
    run(process.execPath, [...TSC, "--noEmit", ...form.split(" "), "typed.cts"]);
}

/** Of the pages that people write, and of the docstrings. */
function allSnippets(): Snippet[] {
  const list = ["ls-files", "-co", "--exclude-standard", "README.md", "docs", "src"];
  const tracked = execFileSync("git", list, { cwd: ROOT, encoding: "utf8" }).trimEnd().split("\n");
  const exports = packageExports();
  return tracked.flatMap((path) => {
    const isPage = path.endsWith(".md");
    if (!existsSync(join(ROOT, path)) || (!isPage && !/^src\/(?!.*\/test\/).*\.ts$/.test(path))) return [];
    const text = readFileSync(join(ROOT, path), "utf8");
    return isPage ? markdownSnippets(path, text) : exampleSnippets(path, text, exports);
  });
}

/**
 * The entry point of each name. Fails when a class exists twice, so that `instanceof` would not hold across entry points, or
 * lost its name to the build.
 */
function packageExports(): Map<string, string> {
  const program = `
    import assert from "node:assert/strict";
    const [known, entries] = [new Map(), {}];
    for (const entry of ${JSON.stringify(ENTRIES)})
      for (const [name, value] of Object.entries(await import(entry))) {
        if (typeof value === "function") assert.equal(value.name, name);
        if (known.has(name)) assert.equal(known.get(name), value, \`\${name} is not the same in \${entry}\`);
        known.set(name, value);
        entries[name] ??= entry;
      }
    console.log(JSON.stringify(entries));`;
  const found = run(process.execPath, ["--input-type=module", "--eval", program]);
  return new Map(Object.entries(JSON.parse(found) as Record<string, string>));
}

function slugOf(path: string): string {
  return path.replace(/[^\w]+/g, "-");
}

/** What a user copies from a repository in which another page was taken in, and a sandbox of it. */
async function otherOperation(): Promise<void> {
  const sandbox = `
    import { startSandbox } from "magnific-client/sandbox";
    import * as operation from "./operations/makePortraitPair.js";
    import * as fields from "./operations/makePortraitPair.fields.js";
    export const sandbox = await startSandbox({ operations: [{ ...operation, ...fields }] });`;
  for (const [name, text] of [...(await siblingFiles()), ["sandbox.ts", sandbox] as const]) {
    const path = join(project, "generated/portraits", name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

function compile(files: ReadonlyMap<string, Snippet>): void {
  try {
    run(process.execPath, [...TSC, "--module", "nodenext", "generated/portraits/sandbox.ts", ...files.keys()]);
  } catch (error) {
    const { stdout = "" } = error as { stdout?: string };
    throw new Error(`A snippet does not compile.\n${atItsPlace(stdout, files)}`);
  }
}

/** Each file has a process, a folder and a sandbox of its own; its snippets run one after the other. */
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
    const options = { cwd: folder, timeout: 120_000, env: ENV };
    await promisify(execFile)(process.execPath, [join(project, `run-${slug}.js`)], options);
    console.log(`${source}: ${snippets.length} run`);
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`A snippet of ${source} fails.\n${stdout}${stderr}`);
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
