/** What a plan means, as data and as Markdown for a terminal or a pull request. */
import { operationPointers } from "../../openapi/document/merge.js";
import { stepsOf } from "../../openapi/document/pointer.js";
import type { JsonObject } from "../../openapi/document/types.js";
import type { Change } from "./diff/change.js";
import { diffDocuments } from "./diff/diff.js";
import type { ActionEffect, OverlayEffects } from "./overlay-effects.js";

export interface DocumentReport {
  /** File name in `openapi/`. */
  readonly name: string;
  readonly status: "added" | "changed" | "page changed" | "unchanged" | "removed";
  readonly operations: {
    readonly count: number;
    readonly added: readonly string[];
    readonly removed: readonly string[];
    readonly changed: readonly string[];
  };
  readonly changes: readonly Change[];
  readonly notes: readonly string[];
}

export interface OverlayReport extends OverlayEffects {
  /** Files of overlays that go with a removed document. */
  readonly removed: readonly string[];
}

export interface Report {
  readonly documents: readonly DocumentReport[];
  readonly overlays: OverlayReport;
}

export function breakingIn({ documents }: Report): { readonly senders: number; readonly readers: number } {
  const parties = documents.flatMap(({ changes }) => changes.flatMap(({ breaks }) => breaks));
  const count = (party: string) => parties.filter((each) => each === party).length;
  return { senders: count("senders"), readers: count("readers") };
}

/** @param before `undefined` for a new document. @param after `undefined` for a removed one. */
export function documentReport(
  name: string,
  status: DocumentReport["status"],
  before: JsonObject | undefined,
  after: JsonObject | undefined,
  notes: readonly string[] = [],
): DocumentReport {
  const changes = before ? diffDocuments(before, after ?? { ...before, paths: {} }) : [];
  const [old, now] = [operationNames(before), operationNames(after)];
  const added = now.filter((each) => !old.includes(each));
  const removed = old.filter((each) => !now.includes(each));
  const affected = new Set(changes.flatMap((change) => change.operations));
  const changed = [...affected].filter((each) => !added.includes(each) && !removed.includes(each)).sort();
  return { name, status, operations: { added, removed, changed, count: now.length }, changes, notes };
}

/** As `POST /v1/x`. References are not followed: they may lead nowhere. */
export function operationNames(document: JsonObject | undefined): string[] {
  const steps = operationPointers(document ?? {}).map(stepsOf);
  return steps.map(([, path, method]) => `${method?.toUpperCase()} ${path}`).sort();
}

/** As Markdown. */
export function reportText({ documents, overlays }: Report): string {
  const lineOf = ({ document, overlay, index, target, why }: ActionEffect) =>
    `${document}: ${overlay}, action ${index} (${code(target)}): ${why}`;
  return [
    ...documents.flatMap(documentLines),
    ...section("overlay actions that no longer match: correct or delete them", overlays.unmatched.map(lineOf)),
    ...section("overlay actions that are obsolete: delete them", overlays.obsolete.map(lineOf)),
    ...section("overlay actions that are needed for some of this only: narrow them", overlays.partly.map(lineOf)),
    ...section("overlays that are removed with their document", overlays.removed),
  ].join("\n");
}

function documentLines({ name, status, operations, changes, notes }: DocumentReport): string[] {
  const harmless = changes.filter(({ breaks }) => breaks.length === 0);
  const about = (...subjects: string[]) => harmless.filter(({ subject }) => subjects.includes(subject));
  const breaking = (parties: string) => changes.filter(({ breaks }) => breaks.join(" and ") === parties);
  const groups: Readonly<Record<string, readonly Change[]>> = {
    "BREAKING for senders and readers": breaking("senders and readers"),
    "BREAKING for senders": breaking("senders"),
    "BREAKING for readers": breaking("readers"),
    "not rated: judge these yourself": about("other"),
    "not breaking": about("operation", "schema", "security", "server"),
    examples: about("example"),
    "text and layout": about("text"),
  };
  return [
    `### ${name}: ${status}, ${operations.count} operation${operations.count === 1 ? "" : "s"}`,
    "",
    ...(["added", "removed", "changed"] as const).flatMap((kind) =>
      operations[kind].length > 0
        ? [`- operations ${kind}: ${operations[kind].length} (${some(operations[kind])})`]
        : [],
    ),
    ...Object.entries(groups).flatMap(([heading, list]) => section(heading, list.map(changeLine))),
    ...section("notes", notes),
    "",
  ];
}

export function changeLine({ pointer, what, operations }: Change): string {
  const named = operations.length === 0 || operations.some((each) => what.includes(each));
  return `${code(`#${pointer}`)}: ${what}${named ? "" : `  [${some(operations)}]`}`;
}

function code(text: string): string {
  return `\`${text.replaceAll("`", "'")}\``;
}

/** The start of a long list: the provider's full document has hundreds of operations. */
function some(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(", ")} and ${names.length - 5} more` : names.join(", ");
}

const MOST_SHOWN = 20;

/** The start of a list as lines of their own. */
export function shortened(items: readonly string[]): string[] {
  const more = items.length > MOST_SHOWN ? [`and ${items.length - MOST_SHOWN} more`] : [];
  return [...items.slice(0, MOST_SHOWN), ...more];
}

export function section(heading: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : ["", `**${heading}**`, "", ...items.map((item) => `- ${item}`)];
}
