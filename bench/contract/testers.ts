/** The contract testers: the command of each, and how its output is counted. */
import { execFile } from "node:child_process";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../openapi/document/load.js";
import { BENCH } from "../lib/peers.js";

export const HERE: string = join(BENCH, "contract");
const REDOCLY = `node ${join(ROOT, "node_modules/@redocly/cli/bin/cli.js")}`;
const DREDD = `node ${join(HERE, "node_modules/dredd/bin/dredd")} dredd.json $URL --header "x-magnific-api-key: $KEY" --sorted --no-color`;
const RESPECT = `${REDOCLY} respect -S openapi=$URL -i magnificApiKey=$KEY --max-fetch-timeout 2000 --har-output traffic.har`;
const JAR = join(HERE, "node_modules/specmatic/specmatic.jar");

export interface Played {
  /** 0 when it did not run, or did not end in time. */
  readonly cases: number;
  readonly passed: number;
}

export interface Tester {
  readonly name: string;
  /** What somebody has to write for this document. */
  readonly byHand: string;
  /** For the shell, with the provider in `URL` and `KEY`, in the folder of the documents. */
  readonly command: string;
  readonly played: (output: string) => Played;
}

const numberIn = (output: string, pattern: RegExp): number => Number(pattern.exec(output)?.[1] ?? 0);
const countOf = (output: string, pattern: RegExp): number => new Set(output.match(pattern)).size;

function playedByDredd(output: string): Played {
  const passed = numberIn(output, /complete: (\d+) passing/);
  return { cases: passed + numberIn(output, /, (\d+) failing/) + numberIn(output, /, (\d+) errors/), passed };
}

function playedByRespect(output: string): Played {
  return { cases: numberIn(output, /Checks:.* (\d+) total/), passed: numberIn(output, /Checks: (\d+) passed/) };
}

/** Ours first. */
export const TESTERS: readonly Tester[] = [
  {
    name: "ours",
    byHand: "nothing",
    command: `node --import ${import.meta.resolve("tsx")} ${join(ROOT, "scripts/contract.ts")} --target $URL --allow-paid 10000 --undeclared fail --deadline 2000 --json ours.json >/dev/null; cat ours.json`,
    played: (output) => {
      const passed = (output.match(/"outcome": "conforms"/g) ?? []).length;
      return { cases: passed + (output.match(/"outcome": "violates"/g) ?? []).length, passed };
    },
  },
  { name: "Dredd", byHand: "nothing", command: DREDD, played: playedByDredd },
  {
    name: "Dredd with hooks",
    byHand: "15 lines of hooks",
    command: `${DREDD} --hookfiles ${join(HERE, "dredd-hooks.cjs")}`,
    played: playedByDredd,
  },
  {
    name: "Redocly generate-arazzo, respect",
    byHand: "nothing",
    command: `${REDOCLY} generate-arazzo openapi.json -o made.yaml && ${RESPECT} made.yaml`,
    played: playedByRespect,
  },
  {
    name: "Redocly respect",
    byHand: "9 workflows",
    command: `${RESPECT} workflows.arazzo.yaml`,
    played: playedByRespect,
  },
  {
    name: "Redocly respect, then drift",
    byHand: "9 workflows to make traffic",
    command: `${RESPECT} workflows.arazzo.yaml >/dev/null; ${REDOCLY} drift traffic.har --api openapi.json --server $URL --ignore-headers x-magnific-api-key --format json`,
    played: (output) => {
      const cases = numberIn(output, /"totalExchanges": (\d+)/);
      return { cases, passed: cases - countOf(output, /"exchangeIndex": \d+/g) };
    },
  },
  {
    name: "Specmatic, generative",
    byHand: "nothing",
    command: `java -jar ${JAR} test openapi.json --testBaseURL=$URL --timeout-in-ms=2000`,
    played: (output) => ({
      cases: numberIn(output, /Tests run: (\d+)/),
      passed: numberIn(output, /Successes: (\d+)/),
    }),
  },
];

/** Writes what the testers read. */
export function prepareFolder(document: object, folder: string): void {
  const text = JSON.stringify(document);
  writeFileSync(join(folder, "openapi.json"), text);
  // Dredd refuses a hyphen in the name of a path parameter, which is never sent.
  writeFileSync(join(folder, "dredd.json"), text.replaceAll(/task-id(?=["}])/g, "taskid"));
  copyFileSync(join(HERE, "workflows.arazzo.yaml"), join(folder, "workflows.arazzo.yaml"));
}

/** Runs a tester to its end, or stops it with all that it has started. */
export async function run(tester: Tester, url: string, key: string, folder: string): Promise<Played> {
  const keys = { URL: url, KEY: key, MAGNIFIC_API_KEY: key, magnificApiKey: key };
  const env = { ...process.env, ...keys, NO_COLOR: "1", REDOCLY_TELEMETRY: "off", SPECMATIC_GENERATIVE_TESTS: "true" };
  const options = { cwd: folder, env, maxBuffer: 2 ** 28 };
  // A tester exits with 1 when it finds something.
  const output = new Promise<string>((resolve) => {
    execFile("timeout", ["60", "sh", "-c", `rm -f ours.json traffic.har; ${tester.command}`], options, (_, stdout) =>
      resolve(stdout),
    );
  });
  return tester.played(await output);
}
