/** What changed between two versions of a document, as far as rules can rate it. */
import { isDeepStrictEqual } from "node:util";
import { pointerOf, resolve } from "../../../openapi/document/pointer.js";
import { isObject, type Json, type JsonObject, METHODS, objectOf } from "../../../openapi/document/types.js";
import { bodyChanges, responseChanges } from "./bodies.js";
import { type Change, type Party, shown } from "./change.js";
import { parameterChanges } from "./parameters.js";
import type { Place } from "./place.js";
import { SchemaWalk } from "./schema-walk.js";
import { needsMore, securityChanges, securityOf, serverChanges } from "./security.js";

export interface Rated {
  readonly changes: readonly Change[];
  /** Pointers of the new document's schemas that some operation uses. */
  readonly compared: ReadonlySet<string>;
}

export function ratedChanges(before: JsonObject, after: JsonObject): Rated {
  const changes: Change[] = [];
  const walk = new SchemaWalk(before, after);
  changes.push(...serverChanges(before, after), ...securityChanges(before, after));
  pathChanges(before, after, "/paths", "/paths", undefined, walk, changes);
  return { changes: [...changes, ...walk.changes()], compared: walk.compared() };
}

function pathChanges(
  before: JsonObject,
  after: JsonObject,
  old: string,
  now: string,
  callbackOf: string | undefined,
  walk: SchemaWalk,
  changes: Change[],
): void {
  const callback = callbackOf !== undefined;
  const left = operationsAt(before, old);
  const right = operationsAt(after, now);
  const nameOf = (found: At) => (callback ? `${callbackOf} → callback ${found.path}` : found.name);
  const op = (found: At, pointer: string, what: string, breaks: readonly Party[]) =>
    changes.push({ pointer, subject: "operation", what, breaks, operations: [nameOf(found)] });
  for (const [key, found] of right)
    if (!left.has(key)) op(found, found.pointer, `${callback ? "callback" : "operation"} ${found.name} added`, []);
  for (const [key, found] of left) {
    const other = right.get(key);
    if (!other) {
      const breaks: Party[] = callback ? ["readers"] : ["senders", "readers"];
      op(found, found.pointer, `${callback ? "callback" : "operation"} ${found.name} removed`, breaks);
      continue;
    }
    const name = nameOf(other);
    const place: Place = {
      before,
      after,
      name,
      sent: callback ? "response" : "request",
      received: callback ? "request" : "response",
      walk,
      add: (pointer, what, breaks, subject = "operation") =>
        changes.push({ pointer, subject, what, breaks, operations: [name] }),
    };
    operationChanges(place, found, other);
    callbackChanges(place, found, other, changes);
  }
}

interface At {
  readonly name: string;
  readonly path: string;
  readonly pointer: string;
  /** Pointer of the path item. */
  readonly item: string;
  readonly value: JsonObject;
}

/** By method and path, whatever the names in the path's braces. */
function operationsAt(document: JsonObject, base: string): Map<string, At> {
  const found = new Map<string, At>();
  for (const path of Object.keys(objectOf(resolveIf(document, base)?.value))) {
    const item = resolve(document, base + pointerOf([path]));
    for (const method of METHODS) {
      const value = objectOf(item.value)[method];
      if (!isObject(value)) continue;
      const pointer = `${item.pointer}/${method}`;
      const key = `${method} ${base === "/paths" ? path.replace(/\{[^{}]*\}/g, "{}") : path}`;
      found.set(key, { name: `${method.toUpperCase()} ${path}`, path, pointer, item: item.pointer, value });
    }
  }
  return found;
}

function resolveIf(document: JsonObject, pointer: string): { value: Json; pointer: string } | undefined {
  try {
    return resolve(document, pointer);
  } catch {
    return undefined;
  }
}

function operationChanges(place: Place, before: At, after: At): void {
  const { add } = place;
  const renamed = before.path !== after.path && place.sent === "request";
  if (renamed) add(after.item, `path parameters renamed: ${before.path} → ${after.path}`, ["senders"]);
  if (before.value.operationId !== after.value.operationId) {
    const what = `operationId changed from ${shown(before.value.operationId)} to ${shown(after.value.operationId)}: generated names change with it`;
    add(`${after.pointer}/operationId`, what, []);
  }
  if ((before.value.deprecated === true) !== (after.value.deprecated === true))
    add(`${after.pointer}/deprecated`, after.value.deprecated === true ? "deprecated" : "deprecated no more", []);
  if (!isDeepStrictEqual(before.value.security, after.value.security)) {
    const was = securityOf(place.before, before.value);
    const is = securityOf(place.after, after.value);
    if (!isDeepStrictEqual(was, is))
      add(
        `${after.pointer}/security`,
        `security changed from ${shown(was)} to ${shown(is)}`,
        needsMore(was, is),
        "security",
      );
  }
  parameterChanges(place, [before.item, before.pointer], [after.item, after.pointer], renamed);
  bodyChanges(place, before, after);
  responseChanges(place, before, after);
}

function callbackChanges(place: Place, before: At, after: At, changes: Change[]): void {
  const old = objectOf(before.value.callbacks);
  const now = objectOf(after.value.callbacks);
  for (const name of Object.keys(now)) {
    const pointer = after.pointer + pointerOf(["callbacks", name]);
    if (!Object.hasOwn(old, name)) {
      place.add(pointer, `callback ${name} added`, []);
      continue;
    }
    const was = resolve(place.before, before.pointer + pointerOf(["callbacks", name])).pointer;
    const is = resolve(place.after, pointer).pointer;
    pathChanges(place.before, place.after, was, is, place.name, place.walk, changes);
  }
  for (const name of Object.keys(old))
    if (!Object.hasOwn(now, name))
      place.add(before.pointer + pointerOf(["callbacks", name]), `callback ${name} removed`, ["readers"]);
}
