/** The contract testers: how each is started against a provider, and what it says it played. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../openapi/document/load.js";
import { isObject, type JsonObject, objectOf } from "../../openapi/document/types.js";
import { BENCH } from "../lib/peers.js";

export const HERE: string = join(BENCH, "contract");

/** Milliseconds that a provider has for an answer, for every tester. */
const PATIENCE = 2_000;

export interface Provider {
  readonly url: string;
  readonly key: string;
}

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Played {
  readonly cases: number;
  readonly passed: number;
}

export interface Tester {
  readonly name: string;
  /** Why it cannot be run here. */
  readonly missing?: string | undefined;
  /** @param folder Where the documents lie, and reports may be written. */
  command(provider: Provider, folder: string): Command;
  /** What it played, out of what it printed; `undefined` when it played nothing. */
  played(output: string, folder: string): Played | undefined;
}

/** Writes the document as each tester can take it. */
export function writeDocuments(document: JsonObject, folder: string): void {
  writeFileSync(join(folder, "openapi.json"), JSON.stringify(document));
  writeFileSync(join(folder, "dredd.json"), JSON.stringify(forDredd(document)));
}

/** Dredd refuses a path parameter with a hyphen in its name, which is never sent. */
function forDredd(document: JsonObject): JsonObject {
  const renamed = JSON.parse(
    JSON.stringify(document)
      .replaceAll(/\{([a-z]+)-([a-z]+)\}/g, "{$1$2}")
      .replaceAll(/"name":"([a-z]+)-([a-z]+)","in":"path"|"in":"path","name":"([a-z]+)-([a-z]+)"/g, (_, a, b, c, d) =>
        JSON.stringify({ name: `${a ?? c}${b ?? d}`, in: "path" }).slice(1, -1),
      ),
  ) as JsonObject;
  for (const path of Object.values(objectOf(renamed.paths)))
    for (const operation of Object.values(objectOf(path))) if (isObject(operation)) delete operation.callbacks;
  return renamed;
}

const ours: Tester = {
  name: "ours",
  command: ({ url, key }, folder) => ({
    command: process.execPath,
    args: [
      ...[
        "--import",
        import.meta.resolve("tsx"),
        join(ROOT, "scripts/contract.ts"),
        "--target",
        url,
        "--allow-paid",
        "10000",
      ],
      ...["--deadline", String(PATIENCE), "--json", join(folder, "ours.json")],
    ],
    env: { MAGNIFIC_API_KEY: key },
  }),
  played: (_, folder) => {
    const path = join(folder, "ours.json");
    if (!existsSync(path)) return undefined;
    const { results } = JSON.parse(readFileSync(path, "utf8")) as { results: readonly { readonly outcome: string }[] };
    const run = results.filter(({ outcome }) => outcome === "conforms" || outcome === "violates");
    return { cases: run.length, passed: run.filter(({ outcome }) => outcome === "conforms").length };
  },
};

function dredd(name: string, extra: readonly string[]): Tester {
  return {
    name,
    command: ({ url, key }, folder) => ({
      command: process.execPath,
      args: [
        ...[join(HERE, "node_modules/dredd/bin/dredd"), join(folder, "dredd.json"), url],
        ...["--header", `x-magnific-api-key: ${key}`, "--no-color", "--sorted", ...extra],
      ],
    }),
    played: (output) => {
      const line = /complete: (\d+) passing, (\d+) failing, (\d+) errors/.exec(output);
      if (line === null) return undefined;
      const [passed = 0, failed = 0, errors = 0] = line.slice(1).map(Number);
      return { cases: passed + failed + errors, passed };
    },
  };
}

const JAR = join(HERE, "node_modules/specmatic/specmatic.jar");

const specmatic: Tester = {
  name: "Specmatic, generative",
  // Asked when the peers are installed, which they are not while this file is loaded.
  get missing() {
    return whyNoSpecmatic();
  },
  command: ({ url, key }, folder) => ({
    command: "java",
    args: [
      ...["-jar", JAR, "test", join(folder, "openapi.json"), `--testBaseURL=${url}`],
      `--timeout-in-ms=${PATIENCE}`,
    ],
    // The key by the name of the security scheme.
    env: { SPECMATIC_GENERATIVE_TESTS: "true", magnificApiKey: key },
  }),
  played: (output) => {
    const line = /Tests run: (\d+), Successes: (\d+)/.exec(output);
    return line === null ? undefined : { cases: Number(line[1]), passed: Number(line[2]) };
  },
};

function whyNoSpecmatic(): string | undefined {
  if (!existsSync(JAR)) return "its npm package has no specmatic.jar in it here";
  return spawnSync("java", ["-version"]).status === 0 ? undefined : "it needs Java, which is not on this machine";
}

/** Ours first. */
export const TESTERS: readonly Tester[] = [
  ours,
  dredd("Dredd", []),
  dredd("Dredd, with a hook by hand", ["--hookfiles", join(HERE, "dredd-hooks.cjs")]),
  specmatic,
];

export interface Run {
  readonly milliseconds: number;
  /** Nothing when the tester did not come to an end, or played nothing. */
  readonly played?: Played;
  readonly output: string;
}

/** Runs a tester to its end, or until its time is over. */
export async function runTester(tester: Tester, provider: Provider, folder: string, limit: number): Promise<Run> {
  const { command, args, env } = tester.command(provider, folder);
  const start = performance.now();
  // A group of its own: what it starts ends with it.
  const child = spawn(command, [...args], {
    cwd: folder,
    detached: true,
    env: { ...process.env, NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const take = (chunk: Buffer): void => {
    // What counts stands at the end.
    output = (output + chunk.toString()).slice(-2_000_000);
  };
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  let over = false;
  const timer = setTimeout(() => {
    over = true;
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  }, limit);
  await new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => resolve());
  });
  clearTimeout(timer);
  const milliseconds = performance.now() - start;
  const played = over ? undefined : tester.played(output, folder);
  return played === undefined ? { milliseconds, output } : { milliseconds, played, output };
}
