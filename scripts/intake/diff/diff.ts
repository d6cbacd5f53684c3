/** The differences between two versions of a document, each rated, none left out. */
import { isDeepStrictEqual } from "node:util";
import { at, pointerOf, stepsOf } from "../../../openapi/document/pointer.js";
import { type JsonObject, objectOf } from "../../../openapi/document/types.js";
import { type Change, type Party, type Subject, shown } from "./change.js";
import { ratedChanges } from "./operations.js";
import { type Difference, differences, kindOfPlace } from "./raw.js";

export interface DocumentDiff {
  readonly changes: readonly Change[];
  /** Names in `components.schemas`. */
  readonly schemas: { readonly added: string[]; readonly removed: string[]; readonly changed: string[] };
}

export function diffDocuments(before: JsonObject, after: JsonObject): DocumentDiff {
  const { changes: all, compared } = ratedChanges(before, after);
  const rated = united(all);
  const changes = [...rated, ...unrated(before, after, rated, compared)];
  const order = ({ breaks, subject }: Change) =>
    breaks.length > 0 ? 0 : subject === "other" ? 1 : subject === "text" ? 4 : subject === "example" ? 3 : 2;
  const sorted = changes.map((change, index) => ({ change, index }));
  sorted.sort((a, b) => order(a.change) - order(b.change) || a.index - b.index);
  return { changes: sorted.map(({ change }) => change), schemas: schemaNames(before, after) };
}

/** One change is met on several ways: once in the report, breaking whom it breaks on any of them. */
function united(changes: readonly Change[]): Change[] {
  const found = new Map<string, Change>();
  for (const change of changes) {
    const key = `${change.pointer}\n${change.what}`;
    const known = found.get(key);
    const breaks = new Set<Party>([...(known?.breaks ?? []), ...change.breaks]);
    const operations = new Set([...(known?.operations ?? []), ...change.operations]);
    found.set(key, {
      ...change,
      breaks: (["senders", "readers"] as const).filter((party) => breaks.has(party)),
      operations: [...operations].sort(),
    });
  }
  return [...found.values()];
}

/** What plain comparison finds beside the rated changes: examples, words, unused schemas, and what no rule knows. */
function unrated(
  before: JsonObject,
  after: JsonObject,
  rated: readonly Change[],
  compared: ReadonlySet<string>,
): Change[] {
  const told = new Set(rated.map((change) => change.pointer));
  // A change of the whole, such as a removed operation, tells of all below it; one of a part tells of the whole.
  const above = new Set<string>();
  for (const pointer of told)
    for (let end = pointer.lastIndexOf("/"); end > 0; end = pointer.lastIndexOf("/", end - 1))
      above.add(pointer.slice(0, end));
  const covered = (pointer: string) => {
    for (let end = pointer.length; end > 0; end = pointer.lastIndexOf("/", end - 1))
      if (told.has(pointer.slice(0, end))) return true;
    return false;
  };
  return differences(before, after).flatMap((difference): Change[] => {
    const { pointer } = difference;
    if (covered(pointer)) return [];
    const place = kindOfPlace(pointer);
    if (place !== "contract")
      return [plain(pointer, place, `${difference.kind}${valuesOf(difference, before, after)}`)];
    return above.has(pointer) ? [] : [contractChange(difference, before, after, compared)];
  });
}

/** Read by no rule: a difference in them must be judged by a person. */
const UNRULED = new Set(["servers", "links", "encoding", "webhooks", "jsonSchemaDialect", "openapi", "trace"]);

function contractChange(
  difference: Difference,
  before: JsonObject,
  after: JsonObject,
  compared: ReadonlySet<string>,
): Change {
  const { pointer, kind } = difference;
  const steps = stepsOf(pointer);
  const [top, group, name] = steps;
  const component = top === "components" && name !== undefined ? pointerOf([top, group ?? "", name]) : undefined;
  if (component === pointer) return plain(pointer, "schema", `component ${name} ${kind}`);
  if (steps.some((step) => UNRULED.has(step)))
    return plain(pointer, "other", `${kind}${valuesOf(difference, before, after)}: no rule says whom it breaks`);
  if (component !== undefined && ![...compared].some((each) => each === component || each.startsWith(`${component}/`)))
    return plain(
      pointer,
      "schema",
      `${kind}${valuesOf(difference, before, after)}, in a component that no operation uses`,
    );
  const known = top === "components" || (top === "paths" && steps.length > 3);
  return plain(
    pointer,
    known ? "text" : "other",
    known ? "written another way; it means the same" : `${kind}: no rule says whom it breaks`,
  );
}

function plain(pointer: string, subject: Subject, what: string): Change {
  return { pointer, subject, what, breaks: [], operations: [] };
}

function valuesOf({ pointer, kind }: Difference, before: JsonObject, after: JsonObject): string {
  return kind === "changed" ? ` from ${shown(at(before, pointer))} to ${shown(at(after, pointer))}` : "";
}

function schemaNames(before: JsonObject, after: JsonObject): DocumentDiff["schemas"] {
  const old = objectOf(objectOf(before.components).schemas);
  const now = objectOf(objectOf(after.components).schemas);
  const shared = Object.keys(now).filter((name) => Object.hasOwn(old, name));
  return {
    added: Object.keys(now).filter((name) => !Object.hasOwn(old, name)),
    removed: Object.keys(old).filter((name) => !Object.hasOwn(now, name)),
    changed: shared.filter((name) => !isDeepStrictEqual(old[name], now[name])),
  };
}
