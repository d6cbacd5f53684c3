/** Where two documents differ, by plain comparison, and what kind of place that is. */
import { isDeepStrictEqual } from "node:util";
import { pointerOf, stepsOf } from "./pointer.js";
import { isObject, type Json, type JsonObject } from "./types.js";

export interface Difference {
  readonly pointer: string;
  readonly kind: "added" | "removed" | "changed";
}

/** The topmost places that differ; a list of plain values is one place. */
export function differences(before: Json | undefined, after: Json | undefined, pointer = ""): Difference[] {
  const lists = Array.isArray(before) && Array.isArray(after) ? [...before, ...after] : [];
  const nested = lists.some((item) => typeof item === "object" && item !== null);
  if (!nested && !(isObject(before) && isObject(after)))
    return isDeepStrictEqual(before, after) ? [] : [{ pointer, kind: "changed" }];
  const [old, now] = [before as JsonObject, after as JsonObject];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].flatMap((key): Difference[] => {
    const own = pointer + pointerOf([key]);
    if (!Object.hasOwn(now, key)) return [{ pointer: own, kind: "removed" }];
    if (!Object.hasOwn(old, key)) return [{ pointer: own, kind: "added" }];
    return differences(old[key], now[key], own);
  });
}

/** Keys below which names are free, so that a property called "example" is not an example. */
const NAMES = new Set(
  "properties patternProperties $defs dependentSchemas schemas responses parameters requestBodies headers securitySchemes links callbacks content paths encoding variables mapping".split(
    " ",
  ),
);
const TEXTS = new Set("description summary title tags externalDocs termsOfService contact license info".split(" "));

/** Whether a place belongs to an example, is text for people, or is part of the contract. */
export function kindOfPlace(pointer: string): "example" | "text" | "contract" {
  let named = false;
  for (const step of stepsOf(pointer)) {
    if (!named && (step === "example" || step === "examples")) return "example";
    if (!named && (TEXTS.has(step) || step.startsWith("x-"))) return "text";
    if (!named && /^(?:default|enum|const)$/.test(step)) return "contract";
    named = !named && NAMES.has(step);
  }
  return "contract";
}

/** Whether the part at a pointer means the same to a program in both documents. */
export function meansTheSame(one: Json | undefined, other: Json | undefined, pointer: string): boolean {
  return differences(one, other, pointer).every((difference) => kindOfPlace(difference.pointer) === "text");
}
