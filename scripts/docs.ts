/**
 * `npm run docs`: the documentation site, from docs/ and from what the repository knows itself, into docs/.vitepress/dist.
 * A warning, a broken link, or a snippet that does not compile and run fails it.
 *
 * --check     then looks at the built pages in Chromium
 * --no-snippets  does not compile and run the snippets, which is most of the time
 */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../openapi/document/load.js";
import { checkInBrowser } from "./docs/browser.js";
import { brokenLinks } from "./docs/html-links.js";
import { brokenMarkdownLinks, type Look, missingIncludes } from "./docs/markdown-links.js";
import { writePages } from "./docs/write.js";

const DIST = join(ROOT, "docs/.vitepress/dist");
const BASE = process.env.DOCS_BASE ?? "/";
const asked = new Set(process.argv.slice(2));
const unknown = [...asked].filter((each) => !["--check", "--no-snippets"].includes(each));
if (unknown.length > 0) {
  console.error(`npm run docs -- [--check] [--no-snippets]; not ${unknown.join(" ")}`);
  process.exit(2);
}

const start = Date.now();
const scratch = mkdtempSync(join(tmpdir(), "docs-"));
const faults: string[] = [];
try {
  await site();
} catch (error) {
  faults.push((error as Error).message);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
for (const fault of faults) console.error(fault);
const seconds = Math.round((Date.now() - start) / 1000);
console.log(
  faults.length === 0 ? `docs/.vitepress/dist is built, in ${seconds} s.` : `${faults.length} faults, in ${seconds} s.`,
);
process.exitCode = faults.length === 0 ? 0 : 1;

async function site(): Promise<void> {
  // Cheap, and before all that takes long.
  faults.push(...sourceFaults());
  // By itself: the mock has to be up in time.
  await tsx("scripts/contract.ts", "--report", scratch);
  const snippets = asked.has("--no-snippets") ? Promise.resolve() : built();
  // It is waited for at the end; until then nobody hears of its failure.
  snippets.catch(() => undefined);
  await writePages(readFileSync(join(scratch, "matrix.md"), "utf8"));
  await vitepress();
  const links = siteLinks();
  console.log(`${links.pages} pages, ${links.faults.length} broken links.`);
  faults.push(...links.faults);
  await snippets;
  if (asked.has("--check") && faults.length === 0) faults.push(...(await checkInBrowser(DIST, BASE)));
}

/** Snippets run against the packed package. */
async function built(): Promise<void> {
  await tsx("scripts/build.ts");
  console.log((await tsx("scripts/check/fresh-project.ts")).trimEnd());
}

/** What is wrong with the Markdown of the repository, links that only GitHub shows among it. */
function sourceFaults(): string[] {
  const list = ["ls-files", "-co", "--exclude-standard", "--", "*.md"];
  const files = execFileSync("git", list, { cwd: ROOT, encoding: "utf8" }).trimEnd().split("\n");
  const look: Look = (name) => {
    const path = join(ROOT, name);
    if (!existsSync(path)) return undefined;
    return statSync(path).isDirectory() ? "" : readFileSync(path, "utf8");
  };
  return files.flatMap((name) => {
    const text = look(name);
    if (text === undefined || name.startsWith("openapi/pages/")) return [];
    // Links of the site's pages are checked as they were built; pages made from others are there by then.
    const own = name.startsWith("docs/");
    const includes = missingIncludes(name, text, (path) =>
      path.startsWith("docs/reference/parts/") ? "" : look(path),
    );
    return own ? includes : brokenMarkdownLinks(name, text, look);
  });
}

/** VitePress itself fails for links to pages that are not there; any other warning fails here. */
async function vitepress(): Promise<void> {
  const said = await run(join(ROOT, "node_modules/.bin/vitepress"), ["build", "docs"]);
  const warnings = said.split("\n").filter((line) => /\bwarn|\(!\)|deprecat|not found|is not loaded/i.test(line));
  if (warnings.length > 0) throw new Error(`VitePress warns:\n${warnings.join("\n")}`);
}

function siteLinks(): { readonly pages: number; readonly faults: string[] } {
  const all = readdirSync(DIST, { recursive: true, encoding: "utf8" }).filter((name) =>
    statSync(join(DIST, name)).isFile(),
  );
  const html = all.filter((name) => name.endsWith(".html"));
  const pages = new Map(html.map((name) => [name.replaceAll("\\", "/"), readFileSync(join(DIST, name), "utf8")]));
  return { pages: pages.size, faults: brokenLinks(pages, new Set(all), BASE) };
}

function tsx(script: string, ...args: string[]): Promise<string> {
  return run(process.execPath, ["--import", "tsx", script, ...args]);
}

/** What a command says. @throws {Error} with it, when it fails. */
function run(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"], timeout: 300_000 });
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => {
        said += chunk.toString();
      });
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(said);
      else reject(new Error(`${[command.split("/").at(-1), ...args].join(" ")} ended with ${code}:\n${said.trim()}`));
    });
  });
}
