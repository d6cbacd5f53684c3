/** Mutates the source, group by group. */
import { mkdirSync } from "node:fs";
import type { Group } from "./groups.js";
import { mutate, type SourceMutant } from "./mutants.js";
import { testFiles } from "./selection.js";

export interface SourceRun {
  readonly concurrency: number;
  /** The moment after which no further group is begun. */
  readonly until: number | undefined;
  /** A folder that keeps what is known of unchanged mutants between runs. */
  readonly memory?: string;
  readonly says: (line: string) => void;
}

export interface SourceProof {
  readonly mutants: readonly SourceMutant[];
  /** Files that there was no time for. */
  readonly unmeasured: readonly string[];
}

export async function proveSource(groups: ReadonlyMap<Group, readonly string[]>, run: SourceRun): Promise<SourceProof> {
  const mutants: SourceMutant[] = [];
  const unmeasured: string[] = [];
  if (run.memory !== undefined) mkdirSync(run.memory, { recursive: true });
  for (const [{ name, looks }, files] of groups) {
    if (run.until !== undefined && Date.now() > run.until) {
      unmeasured.push(...files);
      continue;
    }
    run.says(`${name}: ${files.length} files`);
    const memory = run.memory === undefined ? {} : { memory: `${run.memory}/${name.replaceAll("/", "-")}.json` };
    const tests = looks.map((look) => testFiles().filter((file) => look.test(file)));
    mutants.push(...(await mutate(files, { looks: tests, concurrency: run.concurrency, ...memory })));
  }
  return { mutants, unmeasured };
}
