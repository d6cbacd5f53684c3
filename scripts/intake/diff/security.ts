/** What changed in the ways in: security and servers. */
import { isDeepStrictEqual } from "node:util";
import { pointerOf } from "../../../openapi/document/pointer.js";
import { type Json, type JsonObject, objectOf } from "../../../openapi/document/types.js";
import { type Change, type Party, shown } from "./change.js";

export function securityOf(document: JsonObject, operation: JsonObject): readonly Json[] {
  const own = operation.security ?? document.security;
  return Array.isArray(own) ? own : [];
}

/** Nobody has to act where every way in that was open still is. */
export function needsMore(before: readonly Json[], after: readonly Json[]): Party[] {
  if (after.length === 0) return [];
  const open = before.length > 0 && before.every((way) => after.some((other) => isDeepStrictEqual(way, other)));
  return open ? [] : ["senders"];
}

export function securityChanges(before: JsonObject, after: JsonObject): Change[] {
  const changes: Change[] = [];
  const add = (pointer: string, what: string, breaks: readonly Party[]) =>
    changes.push({ pointer, subject: "security", what, breaks, operations: [] });
  const was = securityOf(before, {});
  const is = securityOf(after, {});
  if (!isDeepStrictEqual(was, is))
    add("/security", `security of every operation changed from ${shown(was)} to ${shown(is)}`, needsMore(was, is));
  const old = objectOf(objectOf(before.components).securitySchemes);
  const now = objectOf(objectOf(after.components).securitySchemes);
  const meaning = (scheme: Json | undefined) =>
    Object.fromEntries(
      Object.entries(objectOf(scheme)).filter(([key]) => key !== "description" && !key.startsWith("x-")),
    );
  for (const name of new Set([...Object.keys(old), ...Object.keys(now)])) {
    const pointer = `/components/securitySchemes${pointerOf([name])}`;
    if (!Object.hasOwn(old, name)) add(pointer, `security scheme ${name} added`, []);
    else if (!Object.hasOwn(now, name)) add(pointer, `security scheme ${name} removed`, ["senders"]);
    else if (!isDeepStrictEqual(meaning(old[name]), meaning(now[name])))
      add(
        pointer,
        `security scheme ${name} changed from ${shown(meaning(old[name]))} to ${shown(meaning(now[name]))}`,
        ["senders"],
      );
  }
  return changes;
}

export function serverChanges(before: JsonObject, after: JsonObject): Change[] {
  const urls = (document: JsonObject) =>
    (Array.isArray(document.servers) ? document.servers : []).map((server) => String(objectOf(server).url));
  const old = urls(before);
  const now = urls(after);
  if (isDeepStrictEqual(old, now)) return [];
  const moved = old[0] !== now[0] || old.some((url) => !now.includes(url));
  const what = `servers changed from ${shown(old)} to ${shown(now)}`;
  return [{ pointer: "/servers", subject: "server", what, breaks: moved ? ["senders"] : [], operations: [] }];
}
