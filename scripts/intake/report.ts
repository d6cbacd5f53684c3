/** What a plan means, as data and as text for a terminal or a pull request. */
import { objectOf } from "../../openapi/document/types.js";
import type { Change } from "./diff/change.js";
import type { ActionEffect } from "./overlay-effects.js";
import type { DocumentPlan, Plan } from "./plan.js";

export interface DocumentReport {
  readonly name: string;
  readonly status: DocumentPlan["status"];
  readonly operations: {
    readonly added: string[];
    readonly removed: string[];
    readonly changed: string[];
    readonly count: number;
  };
  readonly schemas: {
    readonly added: readonly string[];
    readonly removed: readonly string[];
    readonly changed: readonly string[];
  };
  readonly changes: readonly Change[];
  readonly notes: readonly string[];
}

export interface Report {
  readonly documents: readonly DocumentReport[];
  readonly breaking: { readonly senders: number; readonly readers: number };
  readonly overlays: {
    readonly unmatched: readonly ActionEffect[];
    readonly obsolete: readonly ActionEffect[];
    readonly removed: readonly string[];
  };
}

const NO_SCHEMAS = { added: [], removed: [], changed: [] };

export function reportOf(plan: Plan): Report {
  const documents = plan.documents.map(documentReport);
  const all = documents.flatMap((each) => each.changes);
  const count = (party: "senders" | "readers") => all.filter((change) => change.breaks.includes(party)).length;
  return {
    documents,
    breaking: { senders: count("senders"), readers: count("readers") },
    overlays: { unmatched: plan.unmatched, obsolete: plan.obsolete, removed: plan.removedOverlays },
  };
}

export function isBreaking(report: Report): boolean {
  return report.breaking.senders + report.breaking.readers > 0;
}

function documentReport(plan: DocumentPlan): DocumentReport {
  const { name, status, notes, diff } = plan;
  const changes = diff?.changes ?? removedChanges(plan);
  const operations = (word: RegExp) =>
    changes.flatMap((change) => (word.test(change.what) && change.subject === "operation" ? change.operations : []));
  const added = status === "added" ? [...plan.operations] : operations(/^operation .* added$/);
  const removed = status === "removed" ? [...plan.operations] : operations(/^operation .* removed$/);
  const met = new Set(changes.flatMap((change) => change.operations));
  const changed = [...met].filter((each) => !added.includes(each) && !removed.includes(each)).sort();
  return {
    name,
    status,
    operations: { added, removed, changed, count: status === "removed" ? 0 : plan.operations.length },
    schemas: diff?.schemas ?? {
      ...NO_SCHEMAS,
      ...(status === "added" ? { added: schemaNames(plan.after) } : {}),
      ...(status === "removed" ? { removed: schemaNames(plan.before) } : {}),
    },
    changes,
    notes,
  };
}

function schemaNames(document: DocumentPlan["after"]): string[] {
  return Object.keys(objectOf(objectOf(document?.document.components).schemas));
}

function removedChanges(plan: DocumentPlan): Change[] {
  if (plan.status !== "removed") return [];
  return plan.operations.map((operation) => ({
    pointer: "/paths",
    subject: "operation",
    what: `operation ${operation} removed`,
    breaks: ["senders", "readers"],
    operations: [operation],
  }));
}

interface Style {
  readonly heading: (text: string) => string;
  readonly item: (text: string) => string;
  readonly code: (text: string) => string;
}

const PLAIN: Style = { heading: (text) => `  ${text}`, item: (text) => `    ${text}`, code: (text) => text };
const MARKDOWN: Style = {
  heading: (text) => `\n**${text}**\n`,
  item: (text) => `- ${text}`,
  code: (text) => `\`${text.replaceAll("`", "'")}\``,
};

export function plainReport(report: Report): string {
  return lines(report, PLAIN, (text) => text).join("\n");
}

export function markdownReport(report: Report): string {
  return `${lines(report, MARKDOWN, (text) => `\n### ${text}`)
    .join("\n")
    .trim()}\n`;
}

function lines(report: Report, style: Style, title: (text: string) => string): string[] {
  const { overlays } = report;
  const actions = (list: readonly ActionEffect[]) =>
    list.map(({ overlay, index, target, why }) => `${overlay}, action ${index} (${style.code(target)}): ${why}`);
  return [
    ...report.documents.flatMap((each) => documentLines(each, style, title)),
    ...section("overlay actions that no longer match: correct or delete them", actions(overlays.unmatched), style),
    ...section("overlay actions that are obsolete: delete them", actions(overlays.obsolete), style),
    ...section("overlays that go with their document", overlays.removed, style),
  ];
}

const STATUS: Readonly<Record<DocumentPlan["status"], string>> = {
  added: "new",
  changed: "changed",
  "page changed": "the page's text changed, its document did not",
  unchanged: "unchanged",
  removed: "removed",
};

function documentLines(report: DocumentReport, style: Style, title: (text: string) => string): string[] {
  const { name, status, operations, schemas, changes, notes } = report;
  const result = [
    title(`${name}: ${STATUS[status]}, ${operations.count} operation${operations.count === 1 ? "" : "s"}`),
  ];
  const counts = [...counted("operations", operations), ...counted("schemas", schemas)];
  if (status !== "unchanged") result.push(...counts.map(style.item));
  const breaks = (party: "senders" | "readers", other: "senders" | "readers") => (change: Change) =>
    change.breaks.includes(party) && !change.breaks.includes(other);
  const rest = changes.filter((change) => change.breaks.length === 0);
  const groups: readonly (readonly [string, readonly Change[]])[] = [
    ["BREAKING for senders and readers", changes.filter((change) => change.breaks.length === 2)],
    ["BREAKING for senders", changes.filter(breaks("senders", "readers"))],
    ["BREAKING for readers", changes.filter(breaks("readers", "senders"))],
    ["not rated: judge these yourself", rest.filter((change) => change.subject === "other")],
    ["not breaking", rest.filter((change) => !["other", "example", "text"].includes(change.subject))],
    ["examples", rest.filter((change) => change.subject === "example")],
    ["words and layout", rest.filter((change) => change.subject === "text")],
  ];
  for (const [heading, list] of groups)
    result.push(
      ...section(
        heading,
        list.map((change) => changeLine(change, style)),
        style,
      ),
    );
  result.push(...section("notes", notes, style));
  return result;
}

function counted(
  what: string,
  names: { added: readonly string[]; removed: readonly string[]; changed: readonly string[] },
): string[] {
  return (["added", "removed", "changed"] as const).flatMap((kind) =>
    names[kind].length > 0 ? [`${what} ${kind}: ${names[kind].length} (${some(names[kind])})`] : [],
  );
}

function changeLine({ pointer, what, operations }: Change, style: Style): string {
  const met = operations.length > 0 && !operations.some((each) => what.includes(each)) ? `  [${some(operations)}]` : "";
  return `${style.code(`#${pointer}`)}: ${what}${met}`;
}

/** Some of a long list: a document of full size has hundreds. */
function some(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(", ")} and ${names.length - 5} more` : names.join(", ");
}

function section(heading: string, items: readonly string[], style: Style): string[] {
  return items.length === 0 ? [] : [style.heading(heading), ...items.map(style.item)];
}
