/** The failures of an earlier run, from its JSON report. */
import { readFileSync } from "node:fs";

interface Entry {
  readonly id: string;
  readonly column: string;
  readonly outcome: string;
  /** Values for the path that the provider gave, percent-encoded. */
  readonly known?: Readonly<Record<string, string>>;
}

export class Failures {
  readonly #entries: readonly Entry[];

  /** @throws {Error} for a file that is not a report, or lists no case that failed. */
  constructor(file: string) {
    const { results }: { readonly results?: unknown } = JSON.parse(readFileSync(file, "utf8")) ?? {};
    if (!Array.isArray(results)) throw new Error(`${file} is not a report that --json wrote.`);
    this.#entries = results.filter((each: Entry) => each.outcome === "violates");
    if (this.#entries.length === 0) throw new Error(`${file} lists no case that failed.`);
  }

  has(column: string, id: string): boolean {
    return this.#entries.some((each) => each.column === column && each.id === id);
  }

  columns(): ReadonlySet<string> {
    return new Set(this.#entries.map(({ column }) => column));
  }

  /** Case → the ids that its path had. */
  known(): ReadonlyMap<string, Readonly<Record<string, string>>> {
    return new Map(this.#entries.flatMap(({ id, known }) => (known ? [[id, known] as const] : [])));
  }
}
