/** Every place where two documents differ, by plain comparison: nothing that changed can be left out of a report. */
import { isDeepStrictEqual } from "node:util";
import { pointerOf, stepsOf } from "../../../openapi/document/pointer.js";
import { isObject, type Json } from "../../../openapi/document/types.js";

export interface Difference {
  readonly pointer: string;
  readonly kind: "added" | "removed" | "changed";
}

/** The topmost places that differ; a list of plain values is one place. */
export function differences(before: Json, after: Json, pointer = ""): Difference[] {
  if (isObject(before) && isObject(after)) {
    const found: Difference[] = [];
    for (const key of Object.keys(before)) {
      const own = pointer + pointerOf([key]);
      if (!Object.hasOwn(after, key)) found.push({ pointer: own, kind: "removed" });
      else found.push(...differences(before[key] as Json, after[key] as Json, own));
    }
    for (const key of Object.keys(after))
      if (!Object.hasOwn(before, key)) found.push({ pointer: pointer + pointerOf([key]), kind: "added" });
    return found;
  }
  if (
    Array.isArray(before) &&
    Array.isArray(after) &&
    [...before, ...after].some((item) => typeof item === "object" && item !== null)
  ) {
    const found: Difference[] = [];
    for (let index = 0; index < Math.max(before.length, after.length); index++) {
      const own = `${pointer}/${index}`;
      if (index >= after.length) found.push({ pointer: own, kind: "removed" });
      else if (index >= before.length) found.push({ pointer: own, kind: "added" });
      else found.push(...differences(before[index] as Json, after[index] as Json, own));
    }
    return found;
  }
  return isDeepStrictEqual(before, after) ? [] : [{ pointer, kind: "changed" }];
}

/** Keys below which names are free, so that a property called "example" is none. */
const NAMES = new Set(
  "properties patternProperties $defs dependentSchemas schemas responses parameters requestBodies headers securitySchemes links callbacks content paths encoding variables".split(
    " ",
  ),
);
const WORDS = new Set("description summary title tags externalDocs termsOfService contact license info".split(" "));

/** Whether a place belongs to an example, is made of words for people, or is part of the contract. */
export function kindOfPlace(pointer: string): "example" | "text" | "contract" {
  const steps = stepsOf(pointer);
  let named = false;
  for (const step of steps) {
    if (!named && (step === "example" || step === "examples")) return "example";
    if (!named && (WORDS.has(step) || step.startsWith("x-"))) return "text";
    named = !named && NAMES.has(step);
  }
  return "contract";
}
