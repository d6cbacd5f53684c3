/** Mutates the source, group by group. */
import type { Group } from "./groups.js";
import { mutate, type SourceMutant } from "./mutants.js";
import { testFiles } from "./selection.js";

export interface SourceRun {
  readonly concurrency: number;
  /** One mutant in so many. */
  readonly every: number;
  /** The moment after which no further group is begun. */
  readonly until: number | undefined;
  readonly says: (line: string) => void;
}

export interface SourceProof {
  readonly mutants: readonly SourceMutant[];
  readonly notes: readonly string[];
  /** Files that there was no time for. */
  readonly unmeasured: readonly string[];
}

export async function proveSource(groups: ReadonlyMap<Group, readonly string[]>, run: SourceRun): Promise<SourceProof> {
  const mutants: SourceMutant[] = [];
  const unmeasured: string[] = [];
  const notes: string[] = [];
  for (const [{ name, looks }, files] of groups) {
    if (run.until !== undefined && Date.now() > run.until) {
      unmeasured.push(...files);
      continue;
    }
    run.says(`${name}: ${files.length} files`);
    const tests = looks.map((look) => testFiles().filter((file) => look.test(file)));
    const measured = await mutate(files, { looks: tests, concurrency: run.concurrency, every: run.every });
    mutants.push(...measured.mutants);
    notes.push(...measured.notes.map((note) => `${name}: ${note}`));
  }
  return { mutants, unmeasured, notes };
}
