/** Runs Stryker over files, in as many passes as it takes to judge every mutant. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, relative, resolve, sep } from "node:path";
import { Stryker } from "@stryker-mutator/core";
import { boundMemory, descendantsFromNow } from "./memory.js";
import { isInSample, keyOf, TESTS, WANTED } from "./wanted.mjs";

type Raw = Awaited<ReturnType<Stryker["runMutationTest"]>>[number];

/** `broken`: the tests could not even be run. `skipped`: not to be judged, for a reason that stands beside it. */
export type Fate = "killed" | "timeout" | "broken" | "survived" | "not covered" | "skipped";

export interface SourceMutant {
  readonly file: string;
  readonly line: number;
  /** The line's text, without what stands around it. */
  readonly text: string;
  readonly mutator: string;
  /** What stands in the file, and what stood there instead. */
  readonly from: string;
  readonly to: string;
  readonly fate: Fate;
  readonly reason?: string;
}

export interface Run {
  /** Files of tests, look by look: a later look is only for what the ones before it did not see. */
  readonly looks: readonly (readonly string[])[];
  readonly concurrency: number;
  /** Only one mutant in so many, chosen by what it is: 1 for all. */
  readonly every: number;
}

const FATES: Partial<Record<Raw["status"], Fate>> = {
  Killed: "killed",
  Timeout: "timeout",
  RuntimeError: "broken",
  Survived: "survived",
  NoCoverage: "not covered",
};

const isStatic = (mutant: Raw): boolean =>
  mutant.status === "Ignored" && /^Static mutant/.test(mutant.statusReason ?? "");

const isUnseen = ({ status }: Raw): boolean => status === "Survived" || status === "NoCoverage";

/** More survivors than this do not get a later look: it starts a process for each. */
const MOST_LATER = 30;

export interface Measured {
  readonly mutants: readonly SourceMutant[];
  /** What was left out, and why. */
  readonly notes: readonly string[];
}

export async function mutate(files: readonly string[], { looks, concurrency, every }: Run): Promise<Measured> {
  const results = new Map<string, Raw>();
  const take = (all: readonly Raw[]): void => {
    for (const each of all) results.set(keyOf(each), each);
  };
  const begin = async (mutate: readonly string[], tests: readonly string[]): Promise<void> => {
    const found = await stryker({ mutate, tests, concurrency, ignoreStatic: true, wanted: { every } });
    take(found.filter((each) => isInSample(keyOf(each), every)));
  };
  const again = async (raw: readonly Raw[], tests: readonly string[], ignoreStatic: boolean): Promise<void> => {
    if (raw.length === 0) return;
    const keys = raw.map((each) => keyOf(each));
    const known = new Set(keys);
    const found = await stryker({ mutate: placesOf(raw), tests, concurrency, ignoreStatic, wanted: { keys } });
    take(found.filter((each) => known.has(keyOf(each)) && !isStatic(each)));
  };
  const [first = [], ...later] = looks;
  // What stands beside a file sees most of it, and takes the least time.
  const beside = files.filter((file) => first.includes(testOf(file)));
  const alone = files.filter((file) => !beside.includes(file));
  if (beside.length > 0) await begin(beside, beside.map(testOf));
  if (first.length > beside.length) await again([...results.values()].filter(isUnseen), first, true);
  if (alone.length > 0) await begin(alone, first);
  // What runs while a module is loaded needs a fresh load each: only these are run so. Where a test loads the module
  // again, Stryker had only that test look.
  const loaded = (each: Raw): boolean => isStatic(each) || (each.static === true && isUnseen(each));
  await again([...results.values()].filter(loaded), first, false);
  const notes: string[] = [];
  for (const tests of later) {
    const unseen = [...results.values()].filter(isUnseen);
    // These tests do their work before the first of them, where Stryker cannot tell which of them reaches what.
    if (unseen.length <= MOST_LATER) await again(unseen, tests, false);
    else notes.push(`${unseen.length} survivors were not shown to ${tests.join(", ")}, being more than ${MOST_LATER}`);
  }
  const texts = new Map(files.map((file) => [file, readFileSync(file, "utf8").split("\n")]));
  return { mutants: [...results.values()].map((each) => told(each, texts.get(pathOf(each)) ?? [])), notes };
}

const testOf = (file: string): string => file.replace(/\.ts$/, ".test.ts");

interface Order {
  readonly mutate: readonly string[];
  readonly tests: readonly string[];
  readonly concurrency: number;
  readonly ignoreStatic: boolean;
  readonly wanted: { readonly keys: readonly string[] } | { readonly every: number };
}

async function stryker({ mutate, tests, concurrency, ignoreStatic, wanted }: Order): Promise<Raw[]> {
  const bound = boundMemory();
  const started = descendantsFromNow();
  const folder = `.stryker-tmp/${process.pid}`;
  // A file: there are more keys than an argument or a variable can hold.
  const order = `${folder}.json`;
  // Stryker answers a signal by ending this process alone.
  const tidy = (): void => {
    started.end();
    for (const path of [folder, order]) rmSync(path, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once("exit", tidy);
  mkdirSync(dirname(order), { recursive: true });
  writeFileSync(order, JSON.stringify(wanted));
  process.env[WANTED] = resolve(order);
  // Not as Stryker's `testFiles`: with these it switches every mutant on after the modules are loaded, too late for what
  // they do while they load.
  process.env[TESTS] = tests.join("\n");
  try {
    return await new Stryker({
      mutate: [...mutate],
      testRunner: "vitest",
      vitest: { configFile: "contract-tests/proof/source/vitest.config.ts", related: false },
      plugins: [
        "@stryker-mutator/vitest-runner",
        "./contract-tests/proof/source/prose.mjs",
        "./contract-tests/proof/source/wanted.mjs",
      ],
      checkers: ["wanted"],
      ignorers: ["prose"],
      coverageAnalysis: "perTest",
      ignoreStatic,
      concurrency,
      testRunnerNodeArgs: ["--max-old-space-size=768"],
      maxTestRunnerReuse: 200,
      timeoutMS: 8000,
      timeoutFactor: 1.5,
      tempDirName: folder,
      cleanTempDir: "always",
      ignorePatterns: [".*", "dist", "out", "reports", "coverage", "examples", "bench", "docs"],
      reporters: process.stderr.isTTY ? ["progress"] : [],
      logLevel: "error",
      allowConsoleColors: false,
      warnings: false,
    } as ConstructorParameters<typeof Stryker>[0]).runMutationTest();
  } finally {
    bound.end();
    process.off("exit", tidy);
    tidy();
  }
}

/** As Stryker takes them: lines from 1, columns from 0; it tells both from 1. */
function placesOf(mutants: readonly Raw[]): string[] {
  const places = mutants.map((mutant) => {
    const { start, end } = mutant.location;
    return `${pathOf(mutant)}:${start.line}:${start.column - 1}-${end.line}:${end.column - 1}`;
  });
  return [...new Set(places)];
}

function told(mutant: Raw, lines: readonly string[]): SourceMutant {
  const { location, mutatorName: mutator, replacement, status, statusReason } = mutant;
  const { start, end } = location;
  const own = lines.slice(start.line - 1, end.line);
  const last = own.length - 1;
  const cut = own.map((line, index) =>
    line.slice(index === 0 ? start.column - 1 : 0, index === last ? end.column - 1 : undefined),
  );
  return {
    file: pathOf(mutant),
    line: start.line,
    text: flat(own[0] ?? ""),
    mutator,
    from: flat(cut.join("\n")),
    to: flat(replacement ?? ""),
    fate:
      status === "Killed" && /timed out in \d+ ?ms/.test(statusReason ?? "") ? "timeout" : (FATES[status] ?? "skipped"),
    ...(statusReason === undefined || FATES[status] !== undefined ? {} : { reason: statusReason }),
  };
}

/** Stryker names files in full. */
const pathOf = ({ fileName }: Raw): string => relative(process.cwd(), fileName).split(sep).join("/");

const flat = (text: string): string => text.replaceAll(/\s+/g, " ").trim();
