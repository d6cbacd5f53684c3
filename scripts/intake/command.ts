/** The command `npm run vendor`: its options, its order, its output. What is derived beyond `generated/` is passed in. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { ROOT } from "../../openapi/document/load.js";
import { requireNoRun, writeAll } from "../generate/write.js";
import { bumpOf } from "./changeset.js";
import { type Plan, planOf, readState } from "./plan.js";
import { breakingIn, reportText, section, shortened } from "./report.js";
import { readSource } from "./source.js";
import type { Derive, Verified } from "./verify.js";

const USAGE = `npm run vendor -- <source>... [options]

A source is a documentation page (Markdown with an OpenAPI fence) or an OpenAPI 3.0 or 3.1 document (YAML or JSON):
a path, an https: address, or - for standard input. Several are taken in together.

  --name <name>         the document's name in openapi/, for a single source (default: that of the document with the
                        same operations, else the source's own name)
  --remove <name>       removes a document with its page and its overlays
  --all                 takes every page in again from the address that openapi/vendor.lock.json holds
  --server <url>        the server in place of those that the sources name, such as an old host
  --skip <pointer>      leaves a place out of the sources, such as /paths/~1v1~1x/post; may be repeated
  --dry-run             reports what it would do and writes nothing
  --json                the report as JSON, on standard output
  --report <file>       the report as Markdown, in a file
  --fail-on breaking    exit 1 and write nothing when a change breaks senders or readers
  --root <dir>          the folder that holds openapi/ and generated/ (default: this repository)

Exit 0: done, or nothing to do. 1: refused, nothing was written. 2: wrong usage.`;

const OPTIONS = {
  name: { type: "string" },
  remove: { type: "string" },
  all: { type: "boolean", default: false },
  server: { type: "string" },
  skip: { type: "string", multiple: true },
  "dry-run": { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  report: { type: "string" },
  "fail-on": { type: "string" },
  root: { type: "string", default: ROOT },
  help: { type: "boolean", default: false },
} as const;

function parsed(args: readonly string[]) {
  const { values, positionals: sources } = parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
  const failOn = values["fail-on"];
  if (failOn !== undefined && failOn !== "breaking") throw new Error(`--fail-on takes "breaking", not "${failOn}".`);
  if (sources.length === 0 && values.remove === undefined && !values.help && !values.all)
    throw new Error("Name a source, a document to --remove, or --all.");
  const { server, skip = [] } = values;
  if (server !== undefined && !/^https:\/\/[^/{}]+$/.test(server))
    throw new Error(`--server takes an https: address without a path, not "${server}".`);
  const wrong = skip.find((pointer) => !pointer.startsWith("/"));
  if (wrong !== undefined) throw new Error(`--skip takes a JSON pointer such as /paths/~1v1~1x/post, not "${wrong}".`);
  if (values.name !== undefined && sources.length !== 1) throw new Error("--name needs exactly one source.");
  return { ...values, sources };
}

type Options = ReturnType<typeof parsed>;

export interface Surroundings {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** What else follows from the documents. */
  readonly derive: Derive;
}

/** Runs the command and returns its exit code. */
export async function runVendor(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { out, err } = surroundings;
  const message = (error: unknown) => `vendor: ${error instanceof Error ? error.message : String(error)}`;
  let options: Options;
  try {
    options = parsed(args);
  } catch (error) {
    err(`${message(error)}\n\n${USAGE}`);
    return 2;
  }
  if (options.help) {
    out(USAGE);
    return 0;
  }
  try {
    await takeIn(options, surroundings);
    return 0;
  } catch (error) {
    err(message(error));
    return 1;
  }
}

async function takeIn(options: Options, { out, err, derive }: Surroundings): Promise<void> {
  const { root, name, remove, server, skip } = options;
  const say = (text: string) => (options.json ? err(text) : out(text));
  requireNoRun(root);
  const state = readState(root);
  const again = options.all ? Object.values(state.lock).map(({ source }) => source) : [];
  for (const file of again.filter((source) => !source.includes("://")))
    say(`${file} was taken in from a file: name the file to take it in again.`);
  const addresses = again.filter((source) => source.includes("://"));
  const named = [...options.sources, ...addresses];
  const sources = await Promise.all(named.map((source) => readSource(source)));
  const date = new Date().toISOString().slice(0, 10);
  const more = Object.entries({ name, remove, server, skip }).filter(([, value]) => value !== undefined);
  const { sources: _, all, root: folder, ...flags } = options;
  const called = { sources: named, options: { ...flags, root: folder === ROOT ? undefined : folder } };
  const plan = await planOf({ root, sources, date, called, ...Object.fromEntries(more) }, state);
  say(reportText(plan));
  if (options.report !== undefined) {
    mkdirSync(dirname(options.report), { recursive: true });
    writeFileSync(options.report, `${reportText(plan)}\n`);
  }
  let verified: Verified | undefined;
  try {
    const { senders, readers } = breakingIn(plan);
    if (options["fail-on"] && senders + readers > 0) throw new Error("The change is breaking. Nothing was written.");
    // Loaded only now: the compiler and the contract suite take longer to load than most pages to be refused.
    const { verify } = await import("./verify.js");
    verified = await verify(root, plan, derive);
    // A plan holds for the state that it was made from.
    if (!isDeepStrictEqual(readState(root), state))
      throw new Error("openapi/ was changed meanwhile. Nothing was written: run it again.");
    if (!options["dry-run"]) writeAll(root, verified.files);
    say(closing(options, verified));
  } finally {
    if (options.json) out(json(options, plan, verified));
  }
}

function closing(options: Options, { files, lint, client, review }: Verified): string {
  if (files.size === 0) return "Nothing to do: the sources are as vendored.";
  const problems = lint.map(({ severity, rule, pointer, message }) => `${severity} ${rule} ${pointer}: ${message}`);
  return [
    ...section("New lint problems:", shortened(problems)),
    ...section("Written by hand, and to be changed by hand:", client),
    ...section(options["dry-run"] ? "Dry run. It would write:" : "Written:", shortened([...files.keys()])),
    ...section("Review:", review),
  ].join("\n");
}

function json(options: Options, plan: Plan, verified: Verified | undefined): string {
  const { files, ...found } = verified ?? { files: new Map(), lint: [], client: [], review: [] };
  const data = {
    documents: plan.documents.map(({ before, after, lint, ...report }) => report),
    breaking: breakingIn(plan),
    overlays: plan.overlays,
    bump: bumpOf(plan.documents) ?? null,
    dryRun: options["dry-run"],
    files: [...files.keys()],
    ...found,
  };
  return JSON.stringify(data, null, 2);
}
