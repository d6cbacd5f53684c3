/** Redocly's lint and its comparison of documents, run as a program of its own, without its telemetry. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../../openapi/document/load.js";

const CLI = join(ROOT, "node_modules", "@redocly", "cli", "bin", "cli.js");
const LONGEST = 120_000;
/** Without it the list is cut after 100, and what is new cannot be told. */
const MOST = "100000";

export interface LintProblem {
  readonly severity: string;
  readonly rule: string;
  readonly pointer: string;
  readonly message: string;
}

/** The problems that Redocly's recommended rules find in a document. */
export async function lint(text: string): Promise<LintProblem[]> {
  const report = (await redocly(
    ["lint", "document.yaml", "--extends", "recommended", "--format", "json", "--max-problems", MOST],
    {
      "document.yaml": text,
    },
  )) as { readonly problems?: readonly RawProblem[] };
  return (report.problems ?? []).map((problem) => ({
    severity: problem.severity,
    rule: problem.ruleId,
    pointer: problem.location[0]?.pointer ?? "#/",
    message: problem.message,
  }));
}

/** Those that the older text did not have. */
export function newProblems(before: readonly LintProblem[], after: readonly LintProblem[]): LintProblem[] {
  const key = (problem: LintProblem) => `${problem.rule}\n${problem.pointer}\n${problem.message}`;
  const known = new Set(before.map(key));
  return after.filter((problem) => !known.has(key(problem)));
}

export interface SecondOpinion {
  readonly pointer: string;
  readonly message: string;
}

/** What `redocly diff` rates as major, with the pointer of each place. */
export async function majorChanges(before: string, after: string): Promise<SecondOpinion[]> {
  const report = (await redocly(["diff", "before.yaml", "after.yaml", "--format", "json", "--fail-on", "none"], {
    "before.yaml": before,
    "after.yaml": after,
  })) as { readonly changes?: readonly RawChange[] };
  const found = (report.changes ?? []).flatMap((change) =>
    change.verdicts
      .filter((verdict) => verdict.impact === "major")
      .map((verdict) => ({
        pointer: verdict.location?.pointer ?? change.revision?.pointer ?? change.base?.pointer ?? change.path,
        message: verdict.message,
      })),
  );
  return [...new Map(found.map((each) => [`${each.pointer}\n${each.message}`, each])).values()];
}

interface RawProblem {
  readonly severity: string;
  readonly ruleId: string;
  readonly message: string;
  readonly location: readonly { readonly pointer?: string }[];
}

interface RawChange {
  readonly path: string;
  readonly base?: { readonly pointer: string };
  readonly revision?: { readonly pointer: string };
  readonly verdicts: readonly {
    readonly impact: string;
    readonly message: string;
    readonly location?: { readonly pointer: string };
  }[];
}

/** @throws {Error} when the program gives no report. */
async function redocly(args: readonly string[], files: Readonly<Record<string, string>>): Promise<unknown> {
  // A folder of its own, so that no configuration of the repository has a say.
  const folder = mkdtempSync(join(tmpdir(), "redocly-"));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const report = join(folder, "report.json");
    // Into a file: what goes through a pipe is cut off when the program ends before it is read.
    const out = openSync(report, "w");
    const child = spawn(process.execPath, [CLI, ...args], {
      cwd: folder,
      stdio: ["ignore", out, "ignore"],
      timeout: LONGEST,
      env: { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" },
    });
    const [code] = (await once(child, "close")) as [number | null];
    closeSync(out);
    const text = readFileSync(report, "utf8");
    if (!text.startsWith("{")) throw new Error(`redocly ${args[0]} gave no report (exit ${code}).`);
    return JSON.parse(text) as unknown;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
