/** What changed between two views of a schema, leaving out what is below it. */
import { isDeepStrictEqual } from "node:util";
import type { Json } from "../../../openapi/document/types.js";
import { type Direction, type Effect, fromTo, shown } from "./change.js";
import type { SchemaView } from "./view.js";

export interface SchemaChange {
  readonly pointer: string;
  readonly what: string;
  readonly effect: Effect;
  /** For changes that only matter in one direction, whatever the set of values. */
  readonly only?: Direction;
}

/** Compared by rules of their own, here or in the walk. */
const TREATED = new Set(
  "type nullable enum const items additionalProperties anyOf oneOf default readOnly writeOnly deprecated minimum maximum exclusiveMinimum exclusiveMaximum minLength maxLength minItems maxItems minProperties maxProperties".split(
    " ",
  ),
);

export function schemaChanges(before: SchemaView, after: SchemaView): SchemaChange[] {
  const rules = [typeChanges, valueChanges, boundChanges, propertyChanges, flagChanges, otherChanges];
  return rules.flatMap((rule) => rule(before, after));
}

/** Where one of the keywords is, or was. */
function where(before: SchemaView, after: SchemaView, ...keywords: readonly string[]): string {
  const found = keywords.flatMap((keyword) => after.keywords.get(keyword) ?? before.keywords.get(keyword) ?? []);
  return found[0]?.pointer ?? after.pointer;
}

function typeChanges(before: SchemaView, after: SchemaView): SchemaChange[] {
  const [old, now] = [before.types, after.types];
  const changes: SchemaChange[] = [];
  if (old && now && old.has("null") !== now.has("null")) {
    const pointer = where(before, after, "nullable", "type");
    if (now.has("null")) changes.push({ pointer, what: "null is allowed now", effect: "widens" });
    else changes.push({ pointer, what: "null is no longer allowed", effect: "narrows" });
  }
  const words = (types: ReadonlySet<string> | undefined) =>
    types ? [...types].filter((type) => type !== "null").join(" or ") || "null" : "any type";
  const what = `type changed from ${words(old)} to ${words(now)}`;
  if (words(old) !== words(now))
    changes.push({ pointer: where(before, after, "type"), what, effect: typeEffect(old, now) });
  return changes;
}

function typeEffect(old: ReadonlySet<string> | undefined, now: ReadonlySet<string> | undefined): Effect {
  const within = (some: ReadonlySet<string>, all: ReadonlySet<string>) =>
    [...some].every((type) => type === "null" || all.has(type) || (type === "integer" && all.has("number")));
  if (!now || (old && within(old, now))) return "widens";
  return !old || within(now, old) ? "narrows" : "alters";
}

function valueChanges(before: SchemaView, after: SchemaView): SchemaChange[] {
  const valuesOf = ({ keywords }: SchemaView) => {
    const [list, single] = [keywords.get("enum")?.value, keywords.get("const")?.value];
    // The type says whether null is a value.
    if (Array.isArray(list)) return list.filter((value) => value !== null);
    return single === undefined ? undefined : [single];
  };
  const [old, now] = [valuesOf(before), valuesOf(after)];
  const list = (values: readonly Json[]) => values.map(shown).join(", ");
  const pointer = where(before, after, "enum", "const");
  if (!old) return now ? [{ pointer, what: `only ${list(now)} allowed now`, effect: "narrows" }] : [];
  if (!now) return [{ pointer, what: `no longer limited to ${list(old)}`, effect: "widens" }];
  const without = (some: readonly Json[], others: readonly Json[]) =>
    some.filter((value) => !others.some((other) => isDeepStrictEqual(value, other)));
  const [gone, added] = [without(old, now), without(now, old)];
  return [
    ...(gone.length > 0 ? [{ pointer, what: `enum: ${list(gone)} removed`, effect: "narrows" } as const] : []),
    ...(added.length > 0 ? [{ pointer, what: `enum: ${list(added)} added`, effect: "widens" } as const] : []),
  ];
}

const BOUNDS = "minimum maximum minLength maxLength minItems maxItems minProperties maxProperties".split(" ");

interface Bound {
  readonly value: number;
  readonly exclusive: boolean;
  readonly pointer: string;
}

function boundChanges(before: SchemaView, after: SchemaView): SchemaChange[] {
  return BOUNDS.flatMap((keyword): SchemaChange[] => {
    const sign = keyword.startsWith("min") ? 1 : -1;
    const [old, now] = [boundOf(before, keyword, sign), boundOf(after, keyword, sign)];
    const text = (bound: Bound | undefined) =>
      bound === undefined ? "none" : `${bound.exclusive ? "beyond " : ""}${bound.value}`;
    if (text(old) === text(now)) return [];
    const difference = old && now ? (now.value - old.value) * sign : now ? 1 : -1;
    const tighter = difference > 0 || (difference === 0 && now?.exclusive === true);
    const pointer = (now ?? old)?.pointer ?? after.pointer;
    const what = `${keyword} changed from ${text(old)} to ${text(now)}`;
    return [{ pointer, what, effect: tighter ? "narrows" : "widens" }];
  });
}

/** The tighter of a bound and its exclusive form. In OpenAPI 3.0 `exclusiveMinimum` is a flag of `minimum`. */
function boundOf({ keywords }: SchemaView, keyword: string, sign: number): Bound | undefined {
  const plain = keywords.get(keyword);
  const flag = keywords.get(`exclusive${keyword.charAt(0).toUpperCase()}${keyword.slice(1)}`);
  const bounds = [
    { ...plain, exclusive: flag?.value === true },
    { ...flag, exclusive: true },
  ];
  return bounds
    .filter((bound): bound is Bound => typeof bound.value === "number")
    .sort((a, b) => (b.value - a.value) * sign || Number(b.exclusive) - Number(a.exclusive))[0];
}

function propertyChanges(before: SchemaView, after: SchemaView): SchemaChange[] {
  const views = [after.properties, before.properties, after.required, before.required];
  return [...new Set(views.flatMap((view) => [...view.keys()]))].flatMap((name): SchemaChange[] => {
    const [was, is] = [before.properties.get(name), after.properties.get(name)];
    const [had, has] = [before.required.get(name), after.required.get(name)];
    const change = (pointer: string, what: string, effect: Effect) => [
      { pointer, what: `property "${name}" ${what}`, effect },
    ];
    // Whether a property that is added or removed is required is part of that change.
    if (is !== undefined && was === undefined)
      return has === undefined ? change(is, "added", "none") : change(is, "added, required", "narrows");
    if (was !== undefined && is === undefined) return change(was, "removed", "alters");
    if (has !== undefined && had === undefined) return change(has, "is required now", "narrows");
    return had !== undefined && has === undefined ? change(had, "is no longer required", "widens") : [];
  });
}

function flagChanges(before: SchemaView, after: SchemaView): SchemaChange[] {
  const changes: SchemaChange[] = [];
  const value = (view: SchemaView, keyword: string) => view.keywords.get(keyword)?.value;
  const [old, now] = [value(before, "default"), value(after, "default")];
  if (!isDeepStrictEqual(old, now)) {
    // A request that omits the field has another meaning from now on.
    const both = old !== undefined && now !== undefined;
    const what = both ? fromTo(old, now) : now === undefined ? `${shown(old)} removed` : `${shown(now)} added`;
    const pointer = where(before, after, "default");
    changes.push({ pointer, what: `default ${what}`, effect: both ? "alters" : "none", only: "request" });
  }
  for (const [keyword, only] of [["readOnly", "request"], ["writeOnly", "response"], ["deprecated"]] as const) {
    const flag = value(after, keyword) === true;
    if (flag === (value(before, keyword) === true)) continue;
    const effect = flag && only ? "alters" : "none";
    const what = `${keyword} ${flag ? "set" : "removed"}`;
    changes.push({ pointer: where(before, after, keyword), what, effect, ...(only ? { only } : {}) });
  }
  return changes;
}

function otherChanges(before: SchemaView, after: SchemaView): SchemaChange[] {
  return [...new Set([...before.keywords.keys(), ...after.keywords.keys()])].flatMap((name): SchemaChange[] => {
    const [old, now] = [before.keywords.get(name)?.value, after.keywords.get(name)?.value];
    if (TREATED.has(name) || isDeepStrictEqual(old, now)) return [];
    const pointer = where(before, after, name);
    if (old === undefined) return [{ pointer, what: `${name} ${shown(now)} added`, effect: "narrows" }];
    if (now === undefined) return [{ pointer, what: `${name} ${shown(old)} removed`, effect: "widens" }];
    return [{ pointer, what: `${name} ${fromTo(old, now)}`, effect: "alters" }];
  });
}
