/**
 * `npm run edits`: eight edits that a provider may make to its page, each taken in by `npm run vendor` in a copy of the repository,
 * with `npm test` after it. Exits with 1 where vendor says the wrong thing, or a test is red that no hand-made place explains.
 */
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "../openapi/document/load.js";
import type { breakingIn } from "./intake/report.js";
import { EDITS, type Edit, edited, PAGE_NAME } from "./intake/test/edits.js";
import type { Verified } from "./intake/verify.js";

const USAGE = `npm run edits -- [options] [vitest filters]

  --only <words>   the edits whose names contain this
  --keep           leaves the copies, and prints where they are`;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: "string", default: "" }, keep: { type: "boolean" }, help: { type: "boolean" } },
});

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function run(cwd: string, ...args: readonly string[]): Promise<Ran> {
  const child = spawn(process.execPath, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  let [out, err] = ["", ""];
  child.stdout.on("data", (text) => (out += text));
  child.stderr.on("data", (text) => (err += text));
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, out, err })));
}

/** The repository as it is in the working tree, without what git ignores; some tests ask git which files there are. */
function copyOf(): string {
  const copy = mkdtempSync(join(tmpdir(), "edit-"));
  const skipped = /(?:^|\/)(?:node_modules|dist|reports|\.vendor-run|\.stryker-tmp)$/;
  for (const name of readdirSync(ROOT))
    if (!skipped.test(name))
      cpSync(join(ROOT, name), join(copy, name), { recursive: true, filter: (path) => !skipped.test(path) });
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
  return copy;
}

/** A test file, and what it uses that is for tests alone. */
function partsOf(test: string, found = new Set<string>()): Set<string> {
  if (found.has(test)) return found;
  found.add(test);
  for (const [, path = ""] of readFileSync(join(ROOT, test), "utf8").matchAll(/from "(\.{1,2}\/[^"]+)\.js"/g)) {
    const used = `${join(test, "..", path)}.ts`;
    if (/\/test(?:-support)?\//.test(used)) partsOf(used, found);
  }
  return found;
}

/** What of the report with --json is looked at. */
type Said = Pick<Verified, "client"> & { readonly breaking: ReturnType<typeof breakingIn> };

interface Tests {
  readonly testResults: readonly { readonly name: string; readonly status: string }[];
}

async function check(edit: Edit): Promise<string | undefined> {
  const copy = copyOf();
  try {
    const source = join(copy, PAGE_NAME);
    writeFileSync(source, edited(edit));
    const began = performance.now();
    const vendor = await run(copy, "--import", "tsx", "scripts/vendor.ts", source, "--json");
    const took = Math.round((performance.now() - began) / 1000);
    rmSync(source, { force: true });
    if (vendor.code !== 0) return `vendor: ${vendor.err.trim()}`;
    const { breaking, client } = JSON.parse(vendor.out) as Said;
    const parties = (["senders", "readers"] as const).filter((party) => breaking[party] > 0);
    const says = parties.length === 0 ? "breaks nobody" : `breaks ${parties.join(" and ")}`;
    const report = join(copy, "tests.json");
    const vitest = join("node_modules", "vitest", "vitest.mjs");
    const tests = await run(copy, vitest, "run", "--reporter=json", `--outputFile=${report}`, ...positionals);
    const { testResults } = JSON.parse(readFileSync(report, "utf8")) as Tests;
    const red = testResults
      .filter(({ status }) => status === "failed")
      .map(({ name }) => name.slice(name.lastIndexOf(copy) + copy.length + 1));
    const named = new Set(client.map((place) => place.split(":")[0] ?? ""));
    const unnamed = red.filter((file) => ![...partsOf(file)].some((part) => named.has(part)));
    const green = tests.code === 0;
    const known = red.length - unnamed.length;
    const outcome = green ? "tests green" : `tests red in ${red.length} files, ${known} of them named by vendor`;
    console.log(`${edit.name}: vendor (${took} s) says it ${says}; ${client.length} hand-made places; ${outcome}`);
    if (values.keep === true) console.log(`  ${copy}`);
    for (const place of client) console.log(`  by hand  ${place}`);
    for (const file of unnamed) console.log(`  red      ${file}`);
    if (parties.join() !== edit.breaks.join())
      return `vendor should say that it breaks ${edit.breaks.join(" and ") || "nobody"}`;
    if (!green && (unnamed.length > 0 || red.length === 0)) return "tests are red that vendor did not name";
    return undefined;
  } finally {
    if (values.keep !== true) rmSync(copy, { recursive: true, force: true });
  }
}

if (values.help === true) console.log(USAGE);
else
  for (const edit of EDITS.filter(({ name }) => name.includes(values.only))) {
    const failure = await check(edit);
    if (failure === undefined) continue;
    console.log(`FAILED ${edit.name}: ${failure}`);
    process.exitCode = 1;
  }
