/** The failures of an earlier run, from its JSON report. */
import { readFileSync } from "node:fs";

interface Failure {
  readonly id: string;
  readonly column: string;
  readonly outcome: string;
  /** Values for the path that the provider gave, percent-encoded. */
  readonly known?: Readonly<Record<string, string>>;
}

export interface Failures {
  has(column: string, id: string): boolean;
  readonly columns: readonly string[];
  /** Case → the ids that its path had. */
  readonly known: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

/** @throws {Error} for a file that is not a report, or lists no case that failed. */
export function failuresIn(file: string): Failures {
  const { results }: { readonly results?: unknown } = JSON.parse(readFileSync(file, "utf8")) ?? {};
  if (!Array.isArray(results)) throw new Error(`${file} is not a report that --json wrote.`);
  const all: readonly Failure[] = results.filter(({ outcome }: Failure) => outcome === "violates");
  if (all.length === 0) throw new Error(`${file} lists no case that failed.`);
  return {
    has: (column, id) => all.some((each) => each.column === column && each.id === id),
    columns: all.map(({ column }) => column),
    known: new Map(all.map(({ id, known = {} }) => [id, known])),
  };
}
