/** Changes to one place of a document. */
import { isObject, type Json, type JsonObject } from "../../openapi/document/types.js";

/** @param holder what holds the place: an object, or a list with its indices as keys. */
type Change = (holder: JsonObject, key: string) => void;

export interface Edit {
  readonly operator: string;
  readonly pointer: string;
  readonly change: Change;
}

export function edit(operator: string, pointer: string, change: Change): Edit {
  return { operator, pointer, change };
}

export const drop: Change = (holder, key) => {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
};

export const set =
  (value: Json): Change =>
  (holder, key) => {
    holder[key] = value;
  };

/** Gives a key another name, and leaves it where it stands. */
export const renamed =
  (name: string): Change =>
  (holder, key) => {
    if (Array.isArray(holder)) return;
    for (const [own, value] of Object.entries(holder)) {
      delete holder[own];
      holder[own === key ? name : own] = value;
    }
  };

export const added =
  (name: string, value: Json): Change =>
  (holder, key) => {
    const own = holder[key];
    if (isObject(own)) own[name] = value;
    if (Array.isArray(own)) own.push(value);
  };
