/** The lines of a journal: what each says, and how it is parsed. Pure. */
import { parseJson } from "../../util/json.js";
import type { FileFacts } from "../source-digest.js";

/** Version of the format. A reader refuses a newer one. */
export const JOURNAL_VERSION = 1;

const KIND = "magnific-client batch";

/** A line of a journal. Digests are the client's, of image, parameters and server; paths are relative to the journal's folder. */
export type JournalRecord = {
  /** Milliseconds since the epoch. */
  readonly at: number;
} /** A process began to work. `note` is what the program that runs the batch wants to find again. */ & (
  | { readonly type: "run"; readonly pid: number; readonly note?: unknown }
  /** Written before the first byte is sent: from here on only the provider knows whether there is a task. */
  | (SourceFacts & {
      readonly type: "intent";
      /** Where the result goes; `{ext}` stands for the extension that it will have. */
      readonly output: string;
    })
  /** The send made this task; or the task ended FAILED. */
  | { readonly type: "task" | "failed"; readonly digest: string; readonly task: string }
  /** The send provably made no task. */
  | { readonly type: "refused"; readonly digest: string }
  /** The complete result is on the disk. */
  | (SourceFacts & {
      readonly type: "done";
      readonly task: string;
      readonly outputs: readonly string[];
      /** The source as it was when its digest was computed. */
      readonly facts: FileFacts;
    })
);

interface SourceFacts {
  readonly source: string;
  readonly digest: string;
  /** See `DecisionContext`. */
  readonly settings: string;
}

export function headerLine(now: number): string {
  return `${JSON.stringify({ journal: KIND, version: JOURNAL_VERSION, created: new Date(now).toISOString() })}\n`;
}

export function recordLine(record: JournalRecord): string {
  return `${JSON.stringify(record)}\n`;
}

/** The version in a first line; `undefined` when the line is not the header of a journal. */
export function versionOf(line: string): number | undefined {
  const header = parse(line);
  return header?.journal === KIND && typeof header.version === "number" ? header.version : undefined;
}

/** Which members of each type of record must be strings. */
const STRINGS: Readonly<Record<JournalRecord["type"], readonly string[]>> = {
  run: [],
  intent: ["source", "digest", "settings", "output"],
  task: ["digest", "task"],
  refused: ["digest"],
  failed: ["digest", "task"],
  done: ["source", "digest", "settings", "task"],
};

/** A line as a record; `undefined` when it is not one. */
export function parseRecord(line: string): JournalRecord | undefined {
  const record = parse(line);
  return record !== undefined && isRecord(record) ? record : undefined;
}

function isRecord(record: Record<string, unknown>): record is Record<string, unknown> & JournalRecord {
  const { type, at, outputs, facts } = record;
  const strings = STRINGS[type as JournalRecord["type"]];
  if (!strings?.every((name) => typeof record[name] === "string")) return false;
  if (typeof at !== "number" || Number.isNaN(new Date(at).getTime())) return false;
  if (type !== "done") return true;
  const { size, mtimeMs, ctimeMs } = (facts ?? {}) as Record<string, unknown>;
  if (!Array.isArray(outputs) || outputs.length === 0) return false;
  return outputs.every((path) => typeof path === "string") && [size, mtimeMs, ctimeMs].every(Number.isFinite);
}

function parse(line: string): Record<string, unknown> | undefined {
  const value = parseJson(line);
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
}
