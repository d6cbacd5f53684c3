/** A folder with images, a sandbox, and a client of it. */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Magnific, type MagnificOptions } from "../../index.js";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../sandbox/index.js";
import { pngOf } from "../../test-support/png.js";
import { tempFolder } from "../../test-support/temp-folder.js";
import type { BatchResult, UpscaleAllOptions } from "../options.js";
import { upscaleAll } from "../upscale-all.js";

export interface Bench extends AsyncDisposable {
  readonly folder: string;
  readonly out: string;
  readonly journal: string;
  readonly sandbox: Sandbox;
  readonly client: Magnific;
  /** Two images. */
  readonly a: string;
  readonly b: string;
  /** Writes images, each with its own content, and gives their paths. */
  images(...names: string[]): Promise<string[]>;
  /** Runs the batch to its end. */
  run(inputs: Iterable<string>, options?: Partial<UpscaleAllOptions>): Promise<BatchResult[]>;
  /** The records of the journal, with its header first. */
  records(): Promise<Record<string, unknown>[]>;
  /** Files of the journal's lock. */
  locks(): Promise<string[]>;
  /** Every file below the output folder, without the journal. */
  outputs(): Promise<string[]>;
}

export async function bench(sandboxOptions: SandboxOptions = {}, options: MagnificOptions = {}): Promise<Bench> {
  const folder = tempFolder("magnific-batch-");
  const sandbox = await startSandbox({ upscaler: "echo", lifeCycle: "immediate", ...sandboxOptions });
  const client = clientOf(sandbox, options);
  const out = join(folder, "out");
  const journal = join(out, "magnific-journal.jsonl");
  const images = async (...names: string[]): Promise<string[]> => {
    await mkdir(join(folder, "in"), { recursive: true });
    const paths = names.map((name) => join(folder, "in", name));
    for (const path of paths) await writeFile(path, pngOf(400, 8, 8, path));
    return paths;
  };
  const [a = "", b = ""] = await images("a.png", "b.png");
  return {
    a,
    b,
    images,
    folder,
    out,
    journal,
    sandbox,
    client,
    run: (inputs, more = {}) => all(upscaleAll(inputs, { client, out, ...more })),
    async records() {
      const lines = (await readFile(journal, "utf8")).trimEnd().split("\n");
      return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    },
    locks: async () => (await readdir(out)).filter((name) => name.includes(".lock")),
    async outputs() {
      const entries = await readdir(out, { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile() && !entry.name.startsWith("magnific-journal"));
      return files.map((entry) => join(entry.parentPath, entry.name)).sort();
    },
    async [Symbol.asyncDispose]() {
      await sandbox.close();
    },
  };
}

export function clientOf(sandbox: Sandbox, options: MagnificOptions = {}): Magnific {
  const poll = { first: 5, factor: 1, max: 5, jitter: 0 };
  return new Magnific({ apiKey: sandbox.key, baseUrl: sandbox.url, rate: false, retry: 0, poll, ...options });
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** How many of the results came out how. */
export function tally(results: readonly BatchResult[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { outcome } of results) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}
