/**
 * `npm run docs`: the documentation site in docs/.vitepress/dist: docs/, the API reference of TypeDoc, the help of the command,
 * and the reports in reports/, or those kept in docs/.vitepress/measured.json. Fails on a warning, a broken link, and a snippet
 * that does not compile and run. `-- --no-snippets` skips the snippets, which take most of the time; `--look` looks at every page
 * in Chromium; `--keep` does nothing but keep the present reports.
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { ROOT } from "../openapi/document/load.js";
import { cliPage } from "./docs/cli.js";
import { keepReports, writeProofPages } from "./docs/proof.js";
import { install } from "./install.js";

const args = process.argv.slice(2);
if (args.some((each) => !["--no-snippets", "--look", "--keep"].includes(each))) {
  console.error("Usage: npm run docs -- [--no-snippets] [--look] [--keep]");
  process.exit(2);
}
if (args.includes("--keep")) {
  keepReports();
  process.exit();
}
const DOCS = join(ROOT, "docs");
install(DOCS);
run("typedoc --options docs/typedoc.config.mjs");
writeFileSync(join(ROOT, "docs/reference/cli.md"), cliPage());
writeProofPages(join(ROOT, "docs/proof"));
run("tsx docs/made.ts");
const output = run("vitepress build docs");
run("tsc -p docs");
const warnings = output.split("\n").filter((line) => /\bwarn|\(!\)|deprecat|is not loaded/i.test(line));
if (warnings.length > 0) fail(`VitePress warns:\n${warnings.join("\n")}`);
run(
  "linkinator docs/.vitepress/dist --recurse --check-fragments --retry-errors --silent --skip ^https?://(?!localhost)|/assets/",
);
run("linkinator *.md examples/*.md --markdown --directory-listing --silent --skip ^https?://(?!localhost)");
if (args.includes("--look")) console.log(run("vitest run scripts/docs/test/site.test.ts").trim());
if (!args.includes("--no-snippets")) {
  run("rolldown --config rolldown.config.ts");
  console.log(run("tsx scripts/check/fresh-project.ts").trimEnd());
}
console.log("The site is in docs/.vitepress/dist.");

/** The output of a tool, of the site's or of the repository's; what it says is shown when it fails. */
function run(command: string): string {
  const [program = "", ...args] = command.split(" ");
  const PATH = [DOCS, ROOT].map((folder) => join(folder, "node_modules/.bin")).concat(process.env.PATH ?? "");
  const env = { ...process.env, LOOK_AT_SITE: "1", PATH: PATH.join(delimiter) };
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: ROOT, encoding: "utf8", timeout: 900_000, env });
  if (status !== 0) fail(`${command} failed:\n${stdout}${stderr}`);
  return stdout + stderr;
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
