/** What changed between two views of a schema, leaving out what lies below it. */
import { isDeepStrictEqual } from "node:util";
import type { Json } from "../../../openapi/document/types.js";
import { type Effect, shown } from "./change.js";
import type { Found, SchemaView } from "./view.js";

export interface SchemaChange {
  readonly pointer: string;
  readonly what: string;
  readonly effect: Effect;
  /** For changes that only matter one way, whatever the set of values. */
  readonly only?: "request" | "response";
}

/** Compared by rules of their own, here or where the walk goes down. */
const TREATED = new Set(
  "type nullable enum const properties required items additionalProperties anyOf oneOf default readOnly writeOnly deprecated minimum maximum exclusiveMinimum exclusiveMaximum minLength maxLength minItems maxItems minProperties maxProperties".split(
    " ",
  ),
);
/** Say nothing about values: examples and words are told apart elsewhere. */
const WORDS = new Set("description title example examples externalDocs xml $comment".split(" "));

export function schemaChanges(before: SchemaView, after: SchemaView): SchemaChange[] {
  return [
    ...typeChanges(before, after),
    ...valueChanges(before, after),
    ...boundChanges(before, after),
    ...propertyChanges(before, after),
    ...flagChanges(before, after),
    ...otherChanges(before, after),
  ];
}

function typeChanges(before: SchemaView, after: SchemaView): SchemaChange[] {
  const { types: old } = before;
  const { types: now } = after;
  const pointer = where(after, "type") ?? where(before, "type") ?? after.pointer;
  const changes: SchemaChange[] = [];
  const nullBefore = old === undefined || old.has("null");
  const nullNow = now === undefined || now.has("null");
  if (old !== undefined && now !== undefined && nullBefore !== nullNow) {
    const at = where(after, "nullable") ?? where(before, "nullable") ?? pointer;
    changes.push({
      pointer: at,
      what: nullNow ? "null is allowed now" : "null is not allowed any more",
      effect: nullNow ? "widens" : "narrows",
    });
  }
  const word = (types: ReadonlySet<string> | undefined) =>
    types === undefined ? "any type" : [...types].filter((type) => type !== "null").join(" or ") || "null";
  if (word(old) !== word(now))
    changes.push({ pointer, what: `type changed from ${word(old)} to ${word(now)}`, effect: typeEffect(old, now) });
  return changes;
}

function typeEffect(old: ReadonlySet<string> | undefined, now: ReadonlySet<string> | undefined): Effect {
  if (old === undefined) return "narrows";
  if (now === undefined) return "widens";
  const within = (some: ReadonlySet<string>, all: ReadonlySet<string>) =>
    [...some].every((type) => type === "null" || all.has(type) || (type === "integer" && all.has("number")));
  if (within(old, now)) return "widens";
  return within(now, old) ? "narrows" : "alters";
}

function valueChanges(before: SchemaView, after: SchemaView): SchemaChange[] {
  const { values: old } = before;
  const { values: now } = after;
  const pointer = (view: SchemaView) => where(view, "enum") ?? where(view, "const") ?? view.pointer;
  if (old === undefined && now === undefined) return [];
  if (old === undefined)
    return [{ pointer: pointer(after), what: `only ${list(now ?? [])} allowed now`, effect: "narrows" }];
  if (now === undefined)
    return [{ pointer: pointer(before), what: `no longer limited to ${list(old)}`, effect: "widens" }];
  const has = (values: readonly Json[], value: Json) => values.some((each) => isDeepStrictEqual(each, value));
  // Whether null is a value is told by the type.
  const gone = old.filter((value) => value !== null && !has(now, value));
  const come = now.filter((value) => value !== null && !has(old, value));
  const changes: SchemaChange[] = [];
  if (gone.length > 0)
    changes.push({ pointer: pointer(after), what: `enum: ${list(gone)} removed`, effect: "narrows" });
  if (come.length > 0) changes.push({ pointer: pointer(after), what: `enum: ${list(come)} added`, effect: "widens" });
  return changes;
}

function list(values: readonly Json[]): string {
  return values.map(shown).join(", ");
}

const BOUNDS = [
  ["minimum", "exclusiveMinimum", "lower bound", 1],
  ["maximum", "exclusiveMaximum", "upper bound", -1],
  ["minLength", undefined, "minLength", 1],
  ["maxLength", undefined, "maxLength", -1],
  ["minItems", undefined, "minItems", 1],
  ["maxItems", undefined, "maxItems", -1],
  ["minProperties", undefined, "minProperties", 1],
  ["maxProperties", undefined, "maxProperties", -1],
] as const;

interface Bound {
  readonly value: number;
  readonly exclusive: boolean;
  readonly pointer: string;
}

function boundChanges(before: SchemaView, after: SchemaView): SchemaChange[] {
  return BOUNDS.flatMap(([keyword, exclusive, word, sign]): SchemaChange[] => {
    const old = boundOf(before, keyword, exclusive, sign);
    const now = boundOf(after, keyword, exclusive, sign);
    const text = (bound: Bound | undefined) =>
      bound === undefined ? "none" : `${bound.exclusive ? "beyond " : ""}${bound.value}`;
    if (text(old) === text(now)) return [];
    const pointer = (now ?? old)?.pointer ?? after.pointer;
    return [{ pointer, what: `${word} changed from ${text(old)} to ${text(now)}`, effect: tighter(old, now, sign) }];
  });
}

function tighter(old: Bound | undefined, now: Bound | undefined, sign: number): Effect {
  if (old === undefined) return "narrows";
  if (now === undefined) return "widens";
  const difference = (now.value - old.value) * sign;
  return difference > 0 || (difference === 0 && now.exclusive) ? "narrows" : "widens";
}

/** The tightest of the bounds that the parts give. */
function boundOf(view: SchemaView, keyword: string, exclusive: string | undefined, sign: number): Bound | undefined {
  const bounds: Bound[] = [];
  const flags = exclusive === undefined ? [] : (view.keywords.get(exclusive) ?? []);
  for (const { value, pointer } of view.keywords.get(keyword) ?? []) {
    if (typeof value !== "number") continue;
    const own = pointer.slice(0, pointer.lastIndexOf("/"));
    const flag = flags.some((each) => each.value === true && each.pointer.startsWith(`${own}/exclusive`));
    bounds.push({ value, exclusive: flag, pointer });
  }
  for (const { value, pointer } of flags)
    if (typeof value === "number") bounds.push({ value, exclusive: true, pointer });
  return bounds.sort((a, b) => (b.value - a.value) * sign || Number(b.exclusive) - Number(a.exclusive))[0];
}

function propertyChanges(before: SchemaView, after: SchemaView): SchemaChange[] {
  const changes: SchemaChange[] = [];
  for (const [name, pointer] of after.properties) {
    if (before.properties.has(name)) continue;
    const needed = after.required.has(name);
    changes.push({
      pointer,
      what: `property "${name}" added${needed ? ", required" : ""}`,
      effect: needed ? "narrows" : "none",
    });
  }
  for (const [name, pointer] of before.properties)
    if (!after.properties.has(name)) changes.push({ pointer, what: `property "${name}" removed`, effect: "alters" });
  for (const [name, pointer] of after.required) {
    if (before.required.has(name) || (after.properties.has(name) && !before.properties.has(name))) continue;
    changes.push({ pointer, what: `property "${name}" is required now`, effect: "narrows" });
  }
  for (const [name, pointer] of before.required) {
    if (after.required.has(name) || (before.properties.has(name) && !after.properties.has(name))) continue;
    changes.push({ pointer, what: `property "${name}" is not required any more`, effect: "widens" });
  }
  return changes;
}

function flagChanges(before: SchemaView, after: SchemaView): SchemaChange[] {
  const changes: SchemaChange[] = [];
  const value = (view: SchemaView, keyword: string) => view.keywords.get(keyword)?.[0]?.value;
  const add = (keyword: string, what: string, effect: Effect, only?: "request" | "response") =>
    changes.push({
      pointer: where(after, keyword) ?? where(before, keyword) ?? after.pointer,
      what,
      effect,
      ...(only ? { only } : {}),
    });
  const old = value(before, "default");
  const now = value(after, "default");
  if (!isDeepStrictEqual(old, now)) {
    // A request that leaves the field out means something else from now on.
    const both = old !== undefined && now !== undefined;
    const what = both
      ? `default changed from ${shown(old)} to ${shown(now)}`
      : now === undefined
        ? `default ${shown(old)} removed`
        : `default ${shown(now)} added`;
    add("default", what, both ? "alters" : "none", "request");
  }
  for (const [keyword, only] of [
    ["readOnly", "request"],
    ["writeOnly", "response"],
  ] as const) {
    const flag = value(after, keyword) === true;
    if (flag === (value(before, keyword) === true)) continue;
    add(keyword, `${keyword} ${flag ? "set" : "taken away"}`, flag ? "alters" : "none", only);
  }
  if ((value(after, "deprecated") === true) !== (value(before, "deprecated") === true))
    add("deprecated", value(after, "deprecated") === true ? "deprecated" : "deprecated no more", "none");
  return changes;
}

function otherChanges(before: SchemaView, after: SchemaView): SchemaChange[] {
  const names = new Set([...before.keywords.keys(), ...after.keywords.keys()]);
  return [...names].flatMap((name): SchemaChange[] => {
    if (TREATED.has(name) || WORDS.has(name) || name.startsWith("x-")) return [];
    const old = plain(before.keywords.get(name));
    const now = plain(after.keywords.get(name));
    if (isDeepStrictEqual(old, now)) return [];
    const pointer = where(after, name) ?? where(before, name) ?? after.pointer;
    if (old === undefined) return [{ pointer, what: `${name} ${shown(now)} added`, effect: "narrows" }];
    if (now === undefined) return [{ pointer, what: `${name} ${shown(old)} removed`, effect: "widens" }];
    return [{ pointer, what: `${name} changed from ${shown(old)} to ${shown(now)}`, effect: "alters" }];
  });
}

function plain(found: readonly Found[] | undefined): unknown {
  const values = found?.map((each) => each.value);
  return values?.length === 1 ? values[0] : values;
}

function where(view: SchemaView, keyword: string): string | undefined {
  return view.keywords.get(keyword)?.[0]?.pointer;
}
