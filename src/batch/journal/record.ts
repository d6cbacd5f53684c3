/** The lines of a journal: what each says, and how it is read. Pure. */
import type { FileFacts } from "../file-facts.js";

/** Version of the format. A reader refuses a newer one. */
export const JOURNAL_VERSION = 1;

const KIND = "magnific-client batch";

/** The first line. */
export interface Header {
  readonly journal: typeof KIND;
  readonly version: number;
  /** ISO 8601. */
  readonly created: string;
}

interface Dated {
  /** When it was written; milliseconds since the epoch. */
  readonly at: number;
}

/** A process began to work with the journal. */
export interface RunRecord extends Dated {
  readonly type: "run";
  readonly pid: number;
  /** What the program that runs the batch wants to find again, e.g. the command's arguments. */
  readonly note?: unknown;
}

/** Written before the first byte is sent: from here on nobody but the provider knows whether there is a task. */
export interface IntentRecord extends Dated {
  readonly type: "intent";
  /** The source's path, relative to the journal's folder. */
  readonly source: string;
  /** Digest of image, parameters and server, as the client tells it. */
  readonly digest: string;
  /** Tells batches with other parameters or another server apart. */
  readonly settings: string;
  /** Where the result goes, relative to the journal's folder; `{ext}` stands for what the result turns out to be. */
  readonly output: string;
}

/** The send made this task. */
export interface TaskRecord extends Dated {
  readonly type: "task";
  readonly digest: string;
  readonly task: string;
}

/** The send provably made no task. */
export interface RefusedRecord extends Dated {
  readonly type: "refused";
  readonly digest: string;
}

/** The task ended FAILED. */
export interface FailedRecord extends Dated {
  readonly type: "failed";
  readonly digest: string;
  readonly task: string;
}

/** The result is written, as a whole. */
export interface DoneRecord extends Dated {
  readonly type: "done";
  readonly source: string;
  readonly digest: string;
  readonly settings: string;
  readonly task: string;
  /** The files, relative to the journal's folder. */
  readonly outputs: readonly string[];
  /** The source as it was when its digest was taken. */
  readonly facts: FileFacts;
}

export type JournalRecord = RunRecord | IntentRecord | TaskRecord | RefusedRecord | FailedRecord | DoneRecord;

export function headerLine(now: number): string {
  const header: Header = { journal: KIND, version: JOURNAL_VERSION, created: new Date(now).toISOString() };
  return `${JSON.stringify(header)}\n`;
}

export function recordLine(record: JournalRecord): string {
  return `${JSON.stringify(record)}\n`;
}

/** The version that a first line tells; `undefined` when it is no header of a journal. */
export function versionOf(line: string): number | undefined {
  const header = parsed(line);
  return header?.journal === KIND && typeof header.version === "number" ? header.version : undefined;
}

/** What must be text in a record of each type. */
const TEXTS: Readonly<Record<JournalRecord["type"], readonly string[]>> = {
  run: [],
  intent: ["source", "digest", "settings", "output"],
  task: ["digest", "task"],
  refused: ["digest"],
  failed: ["digest", "task"],
  done: ["source", "digest", "settings", "task"],
};

/** A line as a record; `undefined` when it is none. */
export function recordOf(line: string): JournalRecord | undefined {
  const record = parsed(line);
  const texts = TEXTS[record?.type as JournalRecord["type"]];
  if (record === undefined || texts === undefined || typeof record.at !== "number") return undefined;
  if (!texts.every((name) => typeof record[name] === "string")) return undefined;
  if (record.type === "done") {
    const { outputs, facts } = record;
    const { size, mtimeMs, ctimeMs } = (facts ?? {}) as Record<string, unknown>;
    if (!Array.isArray(outputs) || outputs.length === 0 || !outputs.every((path) => typeof path === "string"))
      return undefined;
    if (![size, mtimeMs, ctimeMs].every((fact) => typeof fact === "number")) return undefined;
  }
  return record as unknown as JournalRecord;
}

function parsed(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
