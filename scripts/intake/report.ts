/** What a plan means, as data and as text for a terminal or a pull request. */
import { objectOf } from "../../openapi/document/types.js";
import type { Change } from "./diff/change.js";
import type { ActionEffect } from "./overlay-effects.js";
import type { DocumentPlan, Plan } from "./plan.js";

interface Names {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

export interface DocumentReport {
  readonly name: string;
  readonly status: DocumentPlan["status"];
  readonly operations: Names & { readonly count: number };
  readonly schemas: Names;
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

function documentReport({ name, status, notes, diff, operations: all, before, after }: DocumentPlan): DocumentReport {
  const none: Names = { added: [], removed: [], changed: [] };
  const schemas = Object.keys(objectOf(objectOf((after ?? before)?.document.components).schemas));
  if (status === "added")
    return {
      ...{ name, status, notes, changes: [] },
      operations: { ...none, added: all, count: all.length },
      schemas: { ...none, added: schemas },
    };
  if (status === "removed") {
    const changes = all.map((operation): Change => {
      const what = `operation ${operation} removed`;
      return { pointer: "/paths", subject: "operation", what, breaks: ["senders", "readers"], operations: [operation] };
    });
    const operations = { ...none, removed: all, count: 0 };
    return { name, status, notes, changes, operations, schemas: { ...none, removed: schemas } };
  }
  const changes = diff?.changes ?? [];
  const whole = (verb: string) =>
    changes.flatMap(({ what, subject, operations }) =>
      subject === "operation" && what.startsWith("operation ") && what.endsWith(verb) ? operations : [],
    );
  const [added, removed] = [whole(" added"), whole(" removed")];
  const affected = new Set(changes.flatMap((change) => change.operations));
  const changed = [...affected].filter((each) => !added.includes(each) && !removed.includes(each)).sort();
  const operations = { added, removed, changed, count: all.length };
  return { name, status, operations, schemas: diff?.schemas ?? none, changes, notes };
}

interface Style {
  readonly title: (text: string) => string;
  readonly heading: (text: string) => string;
  readonly item: (text: string) => string;
  readonly code: (text: string) => string;
}

const PLAIN: Style = {
  title: (text) => text,
  heading: (text) => `  ${text}`,
  item: (text) => `    ${text}`,
  code: (text) => text,
};
const MARKDOWN: Style = {
  title: (text) => `\n### ${text}`,
  heading: (text) => `\n**${text}**\n`,
  item: (text) => `- ${text}`,
  code: (text) => `\`${text.replaceAll("`", "'")}\``,
};

export function plainReport(report: Report): string {
  return lines(report, PLAIN).join("\n");
}

export function markdownReport(report: Report): string {
  return `${lines(report, MARKDOWN).join("\n").trim()}\n`;
}

function lines({ documents, overlays }: Report, style: Style): string[] {
  const actions = (list: readonly ActionEffect[]) =>
    list.map(({ overlay, index, target, why }) => `${overlay}, action ${index} (${style.code(target)}): ${why}`);
  return [
    ...documents.flatMap((each) => documentLines(each, style)),
    ...section("overlay actions that no longer match: correct or delete them", actions(overlays.unmatched), style),
    ...section("overlay actions that are obsolete: delete them", actions(overlays.obsolete), style),
    ...section("overlays that are removed with their document", overlays.removed, style),
  ];
}

const STATUS: Readonly<Record<DocumentPlan["status"], string>> = {
  added: "new",
  changed: "changed",
  "page changed": "the page's text changed, its document did not",
  unchanged: "unchanged",
  removed: "removed",
};

function documentLines(report: DocumentReport, style: Style): string[] {
  const { name, status, operations, schemas, changes, notes } = report;
  const party = ({ breaks }: Change) => breaks.join(" and ");
  const harmless = changes.filter(({ breaks }) => breaks.length === 0);
  const about = (...subjects: string[]) => harmless.filter(({ subject }) => subjects.includes(subject));
  const groups: readonly (readonly [string, readonly Change[]])[] = [
    ...["senders and readers", "senders", "readers"].map((parties) => {
      return [`BREAKING for ${parties}`, changes.filter((change) => party(change) === parties)] as const;
    }),
    ["not rated: judge these yourself", about("other")],
    ["not breaking", about("operation", "schema", "security", "server")],
    ["examples", about("example")],
    ["text and layout", about("text")],
  ];
  return [
    style.title(`${name}: ${STATUS[status]}, ${operations.count} operation${operations.count === 1 ? "" : "s"}`),
    ...[...counted("operations", operations), ...counted("schemas", schemas)].map(style.item),
    ...groups.flatMap(([heading, list]) =>
      section(
        heading,
        list.map((change) => changeLine(change, style)),
        style,
      ),
    ),
    ...section("notes", notes, style),
  ];
}

function counted(what: string, names: Names): string[] {
  return (["added", "removed", "changed"] as const).flatMap((kind) =>
    names[kind].length > 0 ? [`${what} ${kind}: ${names[kind].length} (${some(names[kind])})`] : [],
  );
}

function changeLine({ pointer, what, operations }: Change, style: Style): string {
  const list =
    operations.length > 0 && !operations.some((each) => what.includes(each)) ? `  [${some(operations)}]` : "";
  return `${style.code(`#${pointer}`)}: ${what}${list}`;
}

/** The start of a long list: the provider's full document has hundreds of operations. */
function some(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(", ")} and ${names.length - 5} more` : names.join(", ");
}

function section(heading: string, items: readonly string[], style: Style): string[] {
  return items.length === 0 ? [] : [style.heading(heading), ...items.map(style.item)];
}
