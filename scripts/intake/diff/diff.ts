/** The differences between two versions of a document, each rated, none left out. */
import { type Difference, differences, kindOfPlace } from "../../../openapi/document/compare.js";
import { at, pointerOf, stepsOf } from "../../../openapi/document/pointer.js";
import type { JsonObject } from "../../../openapi/document/types.js";
import { type Change, fromTo } from "./change.js";
import { ratedChanges } from "./operations.js";

export function diffDocuments(before: JsonObject, after: JsonObject): Change[] {
  const rated = united(ratedChanges(before, after));
  const order = ({ breaks, subject }: Change) =>
    breaks.length > 0 ? 0 : subject === "other" ? 1 : subject === "text" ? 4 : subject === "example" ? 3 : 2;
  return [...rated, ...unrated(before, after, rated)].sort((a, b) => order(a) - order(b));
}

/** A change that is met in several ways is reported once, and breaks whom it breaks in any of them. */
function united(changes: readonly Change[]): Change[] {
  const found = new Map<string, Change>();
  for (const change of changes) {
    const key = `${change.pointer}\n${change.what}`;
    const known = found.get(key);
    const breaks = [...change.breaks, ...(known?.breaks ?? [])];
    const operations = new Set([...change.operations, ...(known?.operations ?? [])]);
    found.set(key, {
      ...change,
      breaks: (["senders", "readers"] as const).filter((party) => breaks.includes(party)),
      operations: [...operations].sort(),
    });
  }
  return [...found.values()];
}

/** What plain comparison finds besides the rated changes: examples, text, and what no rule knows. */
function unrated(before: JsonObject, after: JsonObject, rated: readonly Change[]): Change[] {
  // A change of the whole, such as a removed operation, covers all below it; one of a part covers the whole.
  const reported = new Set(rated.map((change) => change.pointer));
  const above = new Set([...reported].flatMap(parentsOf));
  return differences(before, after).flatMap((difference): Change[] => {
    const { pointer, kind } = difference;
    if ([pointer, ...parentsOf(pointer)].some((each) => reported.has(each))) return [];
    const place = kindOfPlace(pointer);
    if (place === "contract" && above.has(pointer)) return [];
    const values = kind === "changed" ? fromTo(at(before, pointer), at(after, pointer)) : kind;
    const rating = place === "contract" ? contractChange(difference, values) : { subject: place, what: values };
    return [{ pointer, breaks: [], operations: [], ...rating }];
  });
}

function parentsOf(pointer: string): string[] {
  const steps = stepsOf(pointer);
  return steps.slice(1).map((_, index) => pointerOf(steps.slice(0, index + 1)));
}

/** Read by no rule: a difference in them must be judged by a person. */
const UNRULED = new Set(["servers", "links", "encoding", "webhooks", "jsonSchemaDialect", "openapi", "trace"]);

type Rating = Pick<Change, "subject" | "what"> & Partial<Change>;

function contractChange({ pointer, kind }: Difference, values: string): Rating {
  const steps = stepsOf(pointer);
  const [top, second, name] = steps;
  // Nobody has to act where every server and every credential that was accepted still is.
  const breaks = kind === "added" && steps.length > 1 ? [] : (["senders"] as const);
  if (top === "servers") return { subject: "server", what: `servers: ${values}`, breaks };
  if (second === "securitySchemes") return { subject: "security", what: `security scheme ${name} ${values}`, breaks };
  if (top === "components" && steps.length === 3) return { subject: "schema", what: `component ${name} ${kind}` };
  if (steps.some((step) => UNRULED.has(step)))
    return { subject: "other", what: `${values}: no rule says whom it breaks` };
  if (top === "components" || (top === "paths" && steps.length > 3))
    return { subject: "text", what: "written another way: to every operation it means the same" };
  return { subject: "other", what: `${kind}: no rule says whom it breaks` };
}
