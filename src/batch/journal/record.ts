/** The lines of a journal: what each says, and how it is parsed. Pure. */
import { parseJson } from "../../util/json.js";
import type { FileFacts } from "../source-digest.js";

/** Version of the format. A reader refuses a newer one. */
export const JOURNAL_VERSION = 1;

const KIND = "magnific-client batch";

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

/** Written before the first byte is sent: from here on only the provider knows whether there is a task. */
export interface IntentRecord extends Dated {
  readonly type: "intent";
  /** The source's path, relative to the journal's folder. */
  readonly source: string;
  /** Digest of image, parameters and server, as the client computes it. */
  readonly digest: string;
  /** Distinguishes batches with other parameters or another server. */
  readonly settings: string;
  /** Where the result goes, relative to the journal's folder; `{ext}` stands for the extension that the result will have. */
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

/** The complete result is on the disk. */
export interface DoneRecord extends Dated {
  readonly type: "done";
  readonly source: string;
  readonly digest: string;
  readonly settings: string;
  readonly task: string;
  /** The files, relative to the journal's folder. */
  readonly outputs: readonly string[];
  /** The source as it was when its digest was computed. */
  readonly facts: FileFacts;
}

export type JournalRecord = RunRecord | IntentRecord | TaskRecord | RefusedRecord | FailedRecord | DoneRecord;

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
  return isRecord(record) ? record : undefined;
}

function isRecord(record: Record<string, unknown> | undefined): record is Record<string, unknown> & JournalRecord {
  const strings = STRINGS[record?.type as JournalRecord["type"]];
  if (record === undefined || strings === undefined || !isDate(record.at)) return false;
  if (!strings.every((name) => typeof record[name] === "string")) return false;
  if (record.type !== "done") return true;
  const { outputs, facts } = record;
  const { size, mtimeMs, ctimeMs } = (facts ?? {}) as Record<string, unknown>;
  if (!Array.isArray(outputs) || outputs.length === 0) return false;
  return outputs.every((path) => typeof path === "string") && [size, mtimeMs, ctimeMs].every(Number.isFinite);
}

function isDate(at: unknown): boolean {
  return typeof at === "number" && !Number.isNaN(new Date(at).getTime());
}

function parse(line: string): Record<string, unknown> | undefined {
  const value = parseJson(line);
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
}
