/** What changed in the parameters of an operation. */
import { isDeepStrictEqual } from "node:util";
import { at, resolve } from "../../../openapi/document/pointer.js";
import { type JsonObject, objectOf } from "../../../openapi/document/types.js";
import type { Party } from "./change.js";
import { contentChanges, type Place } from "./place.js";

interface Parameter {
  readonly value: JsonObject;
  readonly pointer: string;
  readonly label: string;
}

/** @param renamed the path's parameters have other names: they are matched by their order. */
export function parameterChanges(
  place: Place,
  before: readonly string[],
  after: readonly string[],
  renamed: boolean,
): void {
  const { add } = place;
  const party: Party = place.sent === "request" ? "senders" : "readers";
  const old = parametersAt(place.before, before, renamed);
  const now = parametersAt(place.after, after, renamed);
  for (const [key, parameter] of now) {
    if (old.has(key)) continue;
    const needed = parameter.value.required === true;
    add(parameter.pointer, `${parameter.label} added${needed ? ", required" : ""}`, needed ? [party] : []);
  }
  for (const [key, was] of old) {
    const is = now.get(key);
    if (!is) {
      add(was.pointer, `${was.label} removed`, [party]);
      continue;
    }
    const needed = is.value.required === true;
    if (needed !== (was.value.required === true))
      add(
        `${is.pointer}/required`,
        `${is.label} is ${needed ? "required now" : "optional now"}`,
        needed ? [party] : [],
      );
    for (const key of ["style", "explode", "allowReserved", "allowEmptyValue"])
      if (!isDeepStrictEqual(was.value[key], is.value[key]))
        add(
          `${is.pointer}/${key}`,
          `${is.label}: ${key} changed from ${text(was.value[key])} to ${text(is.value[key])}`,
          [party],
        );
    if ((was.value.deprecated === true) !== (is.value.deprecated === true))
      add(
        `${is.pointer}/deprecated`,
        `${is.label}: ${is.value.deprecated === true ? "deprecated" : "deprecated no more"}`,
        [],
      );
    if (was.value.schema !== undefined && is.value.schema !== undefined)
      place.walk.meet(`${was.pointer}/schema`, `${is.pointer}/schema`, place.sent, place.name);
    else if ((was.value.schema === undefined) !== (is.value.schema === undefined))
      add(is.pointer, `${is.label}: is written another way (schema or content)`, [party]);
    contentChanges(place, was.pointer, is.pointer, place.sent, is.label);
  }
}

/** Those of the path item, and over them those of the operation. */
function parametersAt(document: JsonObject, holders: readonly string[], byOrder: boolean): Map<string, Parameter> {
  const found = new Map<string, Parameter>();
  let order = 0;
  for (const holder of holders) {
    const list = at(document, `${holder}/parameters`);
    for (let index = 0; Array.isArray(list) && index < list.length; index++) {
      const { value, pointer } = resolve(document, `${holder}/parameters/${index}`);
      const own = objectOf(value);
      const place = String(own.in);
      const name = place === "header" ? String(own.name).toLowerCase() : String(own.name);
      const key = byOrder && place === "path" ? `path ${order++}` : `${place} ${name}`;
      found.set(key, { value: own, pointer, label: `${place} parameter "${String(own.name)}"` });
    }
  }
  return found;
}

function text(value: unknown): string {
  return value === undefined ? "its default" : JSON.stringify(value);
}
