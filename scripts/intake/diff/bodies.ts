/** What changed in the request body and the responses of an operation. */
import { pointerOf, resolve } from "../../../openapi/document/pointer.js";
import { type JsonObject, objectOf } from "../../../openapi/document/types.js";
import type { Party } from "./change.js";
import { contentChanges, type Place } from "./place.js";

interface At {
  readonly pointer: string;
  readonly value: JsonObject;
}

export function bodyChanges(place: Place, before: At, after: At): void {
  const { add } = place;
  const old =
    before.value.requestBody === undefined ? undefined : resolve(place.before, `${before.pointer}/requestBody`);
  const now = after.value.requestBody === undefined ? undefined : resolve(place.after, `${after.pointer}/requestBody`);
  const party: Party = place.sent === "request" ? "senders" : "readers";
  if (!old && !now) return;
  if (!old || !now) {
    const needed = now ? objectOf(now.value).required === true : true;
    const pointer = (now ?? old)?.pointer ?? after.pointer;
    add(
      pointer,
      now ? `request body added${needed ? ", required" : ""}` : "request body removed",
      needed ? [party] : [],
    );
    return;
  }
  const needed = objectOf(now.value).required === true;
  if (needed !== (objectOf(old.value).required === true))
    add(
      `${now.pointer}/required`,
      needed ? "the request body is required now" : "the request body is optional now",
      needed ? [party] : [],
    );
  contentChanges(place, old.pointer, now.pointer, place.sent, "request body");
}

export function responseChanges(place: Place, before: At, after: At): void {
  const { add } = place;
  const party: Party = place.received === "response" ? "readers" : "senders";
  const old = new Map(Object.keys(objectOf(before.value.responses)).map((status) => [status.toUpperCase(), status]));
  const now = new Map(Object.keys(objectOf(after.value.responses)).map((status) => [status.toUpperCase(), status]));
  for (const [key, status] of now) {
    if (old.has(key)) continue;
    // Who meets a status that was never declared must cope already, but for one that means success.
    const pointer = after.pointer + pointerOf(["responses", status]);
    add(pointer, `response ${status} added`, /^[23]/.test(status) ? [party] : []);
  }
  for (const [key, status] of old) {
    const oldPointer = before.pointer + pointerOf(["responses", status]);
    const other = now.get(key);
    if (other === undefined) {
      add(oldPointer, `response ${status} removed`, [party]);
      continue;
    }
    const was = resolve(place.before, oldPointer);
    const is = resolve(place.after, after.pointer + pointerOf(["responses", other]));
    contentChanges(place, was.pointer, is.pointer, place.received, `response ${status}`);
    headerChanges(place, was.pointer, is.pointer, `response ${status}`, party);
  }
}

function headerChanges(place: Place, before: string, after: string, what: string, party: Party): void {
  const named = (document: JsonObject, holder: string) =>
    new Map(
      Object.keys(objectOf(objectOf(resolve(document, holder).value).headers)).map((name) => [
        name.toLowerCase(),
        holder + pointerOf(["headers", name]),
      ]),
    );
  const old = named(place.before, before);
  const now = named(place.after, after);
  for (const [name, pointer] of now) if (!old.has(name)) place.add(pointer, `${what}: header ${name} added`, []);
  for (const [name, pointer] of old) {
    const other = now.get(name);
    if (other === undefined) {
      place.add(pointer, `${what}: header ${name} removed`, [party]);
      continue;
    }
    const was = resolve(place.before, pointer);
    const is = resolve(place.after, other);
    if ((objectOf(was.value).required === true) !== (objectOf(is.value).required === true)) {
      const sure = objectOf(is.value).required === true;
      place.add(
        `${is.pointer}/required`,
        `${what}: header ${name} is ${sure ? "always sent now" : "not always sent any more"}`,
        sure ? [] : [party],
      );
    }
    if (objectOf(was.value).schema !== undefined && objectOf(is.value).schema !== undefined)
      place.walk.meet(`${was.pointer}/schema`, `${is.pointer}/schema`, place.received, place.name);
  }
}
