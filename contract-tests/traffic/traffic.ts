/** Recorded traffic → findings by cause, with a count and the first places. Nothing of a body, a key or a query is told. */
import { undeclaredField } from "../checks/form.js";
import type { Contract } from "../contract.js";
import { BrokenTraffic, entriesOf } from "./entries.js";
import { TrafficJudge } from "./judge.js";
import { type Recorded, recordedOf } from "./recorded.js";

interface Cause {
  readonly check: string;
  readonly operation: string;
  readonly message: string;
  count: number;
  readonly places: string[];
}

export interface TrafficReport {
  readonly causes: readonly Cause[];
  readonly judged: number;
  /** Of paths that the document does not know. */
  readonly unknown: { readonly count: number; readonly first?: string | undefined };
  readonly withoutBody: number;
  /** Why and where the file could not be read any further. */
  readonly broken?: string | undefined;
}

const PLACES = 5;
/** More causes than anyone reads; what comes after them is counted only, so that memory stays flat. */
const CAUSES = 1_000;

export async function judgeTraffic(contract: Contract, file: string): Promise<TrafficReport> {
  const judge = new TrafficJudge(contract);
  const causes = new Map<string, Cause>();
  let [judged, withoutBody, unknown] = [0, 0, 0];
  let first: string | undefined;
  let broken: string | undefined;
  try {
    for await (const { place, text } of entriesOf(file)) {
      const recorded = read(text, place);
      const found = judge.judge(recorded);
      if (!found) {
        unknown++;
        first ??= `${recorded.received.method} ${shown(recorded.received.path)}, ${place}`;
        continue;
      }
      judged++;
      if (!recorded.has.response) withoutBody++;
      for (const { check, message } of found.violations) note(causes, check, found.operation, plain(message), place);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!(error instanceof BrokenTraffic) && code === undefined) throw error;
    broken = `${file}: ${(error as Error).message}`;
  }
  return { causes: [...causes.values()], judged, unknown: { count: unknown, first }, withoutBody, broken };
}

function note(causes: Map<string, Cause>, check: string, operation: string, message: string, place: string): void {
  const own = `${check} ${operation} ${message}`;
  const key = causes.has(own) || causes.size < CAUSES ? own : "more";
  const cause = causes.get(key) ?? {
    ...(key === own ? { check, operation, message } : { check, operation: "any", message: "further causes" }),
    count: 0,
    places: [],
  };
  causes.set(key, cause);
  cause.count++;
  if (cause.places.length < PLACES && cause.places.at(-1) !== place) cause.places.push(place);
}

function read(text: string, place: string): Recorded {
  let recorded: Recorded | undefined;
  try {
    recorded = recordedOf(text);
  } catch {
    throw new BrokenTraffic(`${place} is not valid JSON`);
  }
  if (!recorded) throw new BrokenTraffic(`${place} has no request with method and url, or no response with a status`);
  return recorded;
}

/** One message for a cause: without the index of an item, and without what a parser or a redirect quotes. */
function plain(message: string): string {
  return message
    .replace(/\/\d+(?=[/ ])/g, "/*")
    .replace(/(cannot be parsed): .*/s, "$1")
    .replace(/; it points to .*/s, "; it redirects");
}

/** Long steps of a path may be keys. */
function shown(path: string): string {
  return path.replace(/[^/]{25,}/g, "…").slice(0, 100);
}

/** @param fail whether undeclared fields are violations. */
export function trafficText(report: TrafficReport, fail: boolean): string {
  const { judged, unknown, withoutBody, broken } = report;
  const lines = report.causes.flatMap(({ check, operation, message, count, places }) => [
    `${check === undeclaredField.name && !fail ? "•" : "✗"} ${check} · ${operation} · ${message}`,
    `    ${count} times; first: ${places.join(", ")}`,
  ]);
  lines.push(`${judged} exchanges were judged.`);
  if (withoutBody > 0) lines.push(`The response body of ${withoutBody} was not recorded and not checked.`);
  if (unknown.count > 0)
    lines.push(`${unknown.count} exchanges are of paths that the document does not know (first: ${unknown.first}).`);
  if (broken !== undefined) lines.push(`The file could not be read to its end: ${broken}.`);
  return `${lines.join("\n")}\n`;
}

/** As elsewhere: 0 conforms, 1 violations, 2 nothing could be judged, or not all of the file could be read. */
export function trafficCode({ causes, judged, broken }: TrafficReport, fail: boolean): number {
  if (broken !== undefined || judged === 0) return 2;
  return causes.some(({ check }) => fail || check !== undeclaredField.name) ? 1 : 0;
}
