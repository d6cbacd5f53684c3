/** The command `npm run vendor`: its options, its order, its words. What is derived beyond `generated/` is handed in. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { sha256 } from "../../openapi/document/hash.js";
import { ROOT } from "../../openapi/document/load.js";
import { bumpOf } from "./changeset.js";
import { planOf } from "./plan.js";
import { isBreaking, markdownReport, plainReport, type Report, reportOf } from "./report.js";
import { readSource } from "./source.js";
import { recover, writeAll } from "./transaction.js";
import type { Derive, Verified } from "./verify.js";

const USAGE = `npm run vendor -- <source>... [options]

A source is a documentation page (Markdown with an OpenAPI fence) or an OpenAPI 3.0 or 3.1 document (YAML or JSON):
a path, an https: address, or - for standard input. Several are taken in together.

  --name <name>         the document's name in openapi/, for a single source (default: that of the document with the
                        same operations, else the source's own name)
  --remove <name>       takes a document out again, with its page and its overlays
  --recover             undoes what a killed run left; every run does so first
  --dry-run             says what it would do and writes nothing
  --json                the report as JSON, on standard output
  --report <file>       the report as Markdown, in a file
  --fail-on breaking    exit 1 and write nothing when a change breaks senders or readers
  --root <dir>          the folder that holds openapi/ and generated/ (default: this repository)

Exit 0: done, or nothing to do. 1: refused, nothing was written. 2: used wrongly.`;

interface Options {
  readonly sources: readonly string[];
  readonly root: string;
  readonly name?: string;
  readonly remove?: string;
  readonly recover: boolean;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly report?: string;
  readonly failOnBreaking: boolean;
}

function optionsOf(args: readonly string[]): Options | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      name: { type: "string" },
      remove: { type: "string" },
      recover: { type: "boolean", default: false },
      "dry-run": { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      report: { type: "string" },
      "fail-on": { type: "string" },
      root: { type: "string", default: ROOT },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const failOn = values["fail-on"];
  if (failOn !== undefined && failOn !== "breaking") throw new Error(`--fail-on takes "breaking", not "${failOn}".`);
  if (positionals.length === 0 && values.remove === undefined && !values.recover)
    throw new Error("There is no source.");
  if (values.name !== undefined && positionals.length !== 1) throw new Error("--name needs exactly one source.");
  return {
    sources: positionals,
    root: values.root,
    ...(values.name === undefined ? {} : { name: values.name }),
    ...(values.remove === undefined ? {} : { remove: values.remove }),
    recover: values.recover,
    dryRun: values["dry-run"],
    json: values.json,
    ...(values.report === undefined ? {} : { report: values.report }),
    failOnBreaking: failOn === "breaking",
  };
}

export interface Surroundings {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** What else follows from the documents, for a root. */
  readonly derive: (root: string) => Promise<Derive>;
}

/** Runs the command and returns its exit code. */
export async function runVendor(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const told = (error: unknown) => `vendor: ${error instanceof Error ? error.message : String(error)}`;
  let options: Options | undefined;
  try {
    options = optionsOf(args);
  } catch (error) {
    surroundings.err(`${told(error)}\n\n${USAGE}`);
    return 2;
  }
  if (options === undefined) {
    surroundings.out(USAGE);
    return 0;
  }
  try {
    await takeIn(options, surroundings);
    return 0;
  } catch (error) {
    surroundings.err(told(error));
    return 1;
  }
}

async function takeIn(options: Options, { out, err, derive }: Surroundings): Promise<void> {
  const { root } = options;
  const say = (text: string) => (options.json ? err(text) : out(text));
  if (recover(root)) say("An earlier run was killed half-way: what it had written is undone.");
  else if (options.recover) say("There is nothing to undo.");
  if (options.sources.length === 0 && options.remove === undefined) return;
  const sources = await Promise.all(options.sources.map((source) => readSource(source)));
  const found = folderDigest(root);
  const date = new Date().toISOString().slice(0, 10);
  const { name, remove } = options;
  const plan = planOf({
    root,
    sources,
    date,
    ...(name === undefined ? {} : { name }),
    ...(remove === undefined ? {} : { remove }),
  });
  const report = reportOf(plan);
  say(plainReport(report));
  if (options.report !== undefined) {
    mkdirSync(dirname(options.report), { recursive: true });
    writeFileSync(options.report, markdownReport(report));
  }
  const stop = options.failOnBreaking && isBreaking(report);
  if (options.json && stop) out(json(options, report, undefined));
  if (stop) throw new Error("The change is breaking. Nothing was written.");

  let verified: Verified;
  try {
    // Loaded only now: the compiler and the contract suite take longer to load than most pages to be refused.
    const { verify } = await import("./verify.js");
    verified = await verify(root, plan, report, await derive(root));
  } catch (error) {
    if (options.json) out(json(options, report, undefined));
    throw error;
  }
  // A plan holds for what it was made of; the lint alone takes seconds.
  if (folderDigest(root) !== found)
    throw new Error("openapi/ was changed meanwhile. Nothing was written: run it again.");
  if (!options.dryRun) writeAll(root, verified.files);
  say(closing(options, verified));
  if (options.json) out(json(options, report, verified));
}

/** Of everything in `openapi/`. */
function folderDigest(root: string): string {
  const folder = join(root, "openapi");
  if (!existsSync(folder)) return "";
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  return sha256(paths.map((path) => `${path} ${sha256(readFileSync(path))}`).join("\n"));
}

function closing({ dryRun }: Options, { files, lint, secondOpinion, client, review }: Verified): string {
  if (files.size === 0) return "Nothing to do: everything is as the source says.";
  const section = (heading: string, items: readonly string[]) =>
    items.length === 0
      ? []
      : [
          heading,
          ...items.slice(0, 20).map((item) => `  ${item}`),
          ...(items.length > 20 ? [`  and ${items.length - 20} more`] : []),
        ];
  return [
    ...section(
      "lint, new:",
      lint.map(({ severity, rule, pointer, message }) => `${severity} ${rule} ${pointer}: ${message}`),
    ),
    ...section(
      "redocly diff rates these as major, the rules here do not:",
      secondOpinion.map(({ pointer, message }) => `${pointer}: ${message}`),
    ),
    ...section("src/ does not follow yet:", client),
    ...section(dryRun ? "Dry run. It would write:" : "Written:", [...files.keys()]),
    ...section("Review:", review),
  ].join("\n");
}

function json(options: Options, report: Report, verified: Verified | undefined): string {
  const bump = bumpOf(report);
  const written = verified ? [...verified.files.keys()] : [];
  const { lint, secondOpinion, client, review } = verified ?? { lint: [], secondOpinion: [], client: [], review: [] };
  const data = {
    ...report,
    bump: bump ?? null,
    dryRun: options.dryRun,
    files: written,
    lint,
    secondOpinion,
    client,
    review,
  };
  return JSON.stringify(data, null, 2);
}
