/**
 * `npm run docs`: the documentation site in docs/.vitepress/dist: docs/, the API reference of TypeDoc, the help of the command,
 * and the reports in reports/. Fails on a warning, a broken link, and a snippet that does not compile and run.
 * `-- --no-snippets` skips the snippets, which take most of the time.
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../openapi/document/load.js";
import { cliPage } from "./docs/cli.js";
import { writeProofPages } from "./docs/proof.js";

const args = process.argv.slice(2);
if (args.some((each) => each !== "--no-snippets")) {
  console.error("Usage: npm run docs -- [--no-snippets]");
  process.exit(2);
}
run("typedoc");
writeFileSync(join(ROOT, "docs/reference/cli.md"), cliPage());
writeProofPages(join(ROOT, "docs/proof"));
const output = run("vitepress build docs");
const warnings = output.split("\n").filter((line) => /\bwarn|\(!\)|deprecat|is not loaded/i.test(line));
if (warnings.length > 0) fail(`VitePress warns:\n${warnings.join("\n")}`);
run(
  "linkinator docs/.vitepress/dist --recurse --check-fragments --retry-errors --silent --skip ^https?://(?!localhost)|/assets/",
);
run("linkinator *.md examples/*.md --markdown --directory-listing --silent --skip ^https?://(?!localhost)");
if (!args.includes("--no-snippets")) {
  run("rolldown --config rolldown.config.ts");
  console.log(run("tsx scripts/check/fresh-project.ts").trimEnd());
}
console.log("The site is in docs/.vitepress/dist.");

/** The output of a tool from node_modules; what it says is shown when it fails. */
function run(command: string): string {
  const options = { cwd: ROOT, encoding: "utf8", timeout: 300_000 } as const;
  const { status, stdout, stderr } = spawnSync("npx", ["--no-install", ...command.split(" ")], options);
  if (status !== 0) fail(`${command} failed:\n${stdout}${stderr}`);
  return stdout + stderr;
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
