/**
 * `npm run check:guards`: does `npm run check` see what it is there for? Plants one fault at a time in a copy of the
 * repository and runs the step that must fail. Exit 1 when a fault gets through, or when a step does not name the cause.
 * `-- <word>` plants only the faults with that word in their description.
 */
import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ROOT } from "../openapi/document/load.js";
import { PLANTED, type PlantedFault } from "./guards/faults.js";

const words = process.argv.slice(2);
const chosen = PLANTED.filter(({ what }) => words.every((word) => what.includes(word)));
const copy = mkdtempSync(join(tmpdir(), "check-guards-"));
let through = 0;
try {
  makeCopy();
  const clean = check([...new Set(chosen.flatMap(({ step, after = [] }) => [...after, step]))]);
  if (clean.status !== 0) console.log(`Without a fault not all steps pass:\n${clean.output}`);
  for (const fault of chosen) {
    // A step that fails anyway sees nothing.
    const said = clean.output.includes(`FAILED ${fault.step}\n`) ? undefined : play(fault);
    if (said === undefined) through++;
    console.log(`${said === undefined ? "THROUGH" : "seen   "} ${fault.what}: ${fault.step}`);
    if (said !== undefined) console.log(`        ${said}`);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
console.log(`${chosen.length - through} of ${chosen.length} planted faults seen`);
process.exitCode = through === 0 && chosen.length > 0 ? 0 : 1;

/** The files as they are now, the packages by a link. */
function makeCopy(): void {
  const list = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
  for (const path of execFileSync("git", list, { cwd: ROOT, encoding: "utf8" }).split("\0")) {
    if (path === "" || path === "node_modules" || !existsSync(join(ROOT, path))) continue;
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    cpSync(join(ROOT, path), join(copy, path), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
  // Tools ask git what belongs to the repository.
  execFileSync("git", ["init", "--quiet"], { cwd: copy });
}

function check(steps: readonly string[]): { readonly status: number | null; readonly output: string } {
  const args = ["--import", "tsx", "scripts/check.ts", ...steps.flatMap((step) => ["--only", step])];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: copy, encoding: "utf8" });
  return { status, output: `${stdout}${stderr}` };
}

/** The line that names the cause; `undefined` when the fault got through, or nothing names it. */
function play({ edits, step, after = [], says }: PlantedFault): string | undefined {
  const before = new Map<string, string>();
  try {
    for (const [place, edit] of Object.entries(edits)) {
      let changed = 0;
      for (const path of filesOf(place)) {
        const text = readFileSync(join(copy, path), "utf8");
        const other = edit(text);
        if (other === text) continue;
        changed++;
        before.set(path, text);
        writeFileSync(join(copy, path), other);
      }
      if (changed === 0) throw new Error(`The fault changes nothing in ${place}: it has to be written anew.`);
    }
    if (after.length > 0 && check(after).status !== 0) return undefined;
    const { status, output } = check([step]);
    if (status !== 1 || !output.includes(`FAILED ${step}`)) return undefined;
    return says.exec(output)?.[0].trim().split("\n")[0]?.slice(0, 160);
  } finally {
    for (const [path, text] of before) writeFileSync(join(copy, path), text);
  }
}

function filesOf(place: string): string[] {
  if (!place.endsWith("/")) return [place];
  return readdirSync(join(copy, place), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `${place}${name}`);
}
