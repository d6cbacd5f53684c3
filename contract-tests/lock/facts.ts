/** Every fact of a document that somebody could rely on, as pointer → value. What only people read is left out. */
import { pointerOf } from "../../openapi/document/pointer.js";
import { isObject, type Json, type JsonObject } from "../../openapi/document/types.js";

/** Keys that say nothing to a program, wherever OpenAPI gives them that meaning. */
const PROSE = new Set(["description", "summary", "title", "externalDocs", "tags", "deprecated"]);
/** Maps whose keys are names, so that a property called "title" is a fact. */
const NAME_MAPS: ReadonlySet<string> = new Set(
  "properties patternProperties examples headers responses content schemas parameters callbacks paths securitySchemes requestBodies links variables mapping scopes encoding $defs".split(
    " ",
  ),
);
/** Values that are taken as they are. */
const VALUES = new Set(["example", "value", "default", "enum", "const"]);

export function factsOf(document: JsonObject): Map<string, Json> {
  const facts = new Map<string, Json>();
  const visit = (value: Json, steps: readonly (string | number)[], names: boolean): void => {
    if (Array.isArray(value))
      value.forEach((item, index) => {
        visit(item, [...steps, index], false);
      });
    else if (isObject(value)) {
      const entries = Object.entries(value);
      if (entries.length === 0) facts.set(pointerOf(steps), {});
      for (const [key, inner] of entries) {
        if (!names && (PROSE.has(key) || key.startsWith("x-"))) continue;
        if (!names && steps.length === 0 && key === "info") continue;
        if (!names && VALUES.has(key)) facts.set(pointerOf([...steps, key]), inner);
        else visit(inner, [...steps, key], !names && NAME_MAPS.has(key));
      }
    } else facts.set(pointerOf(steps), value);
  };
  visit(document, [], false);
  return facts;
}

/** What differs, in a sentence each. */
export function changedFacts(before: ReadonlyMap<string, Json>, after: ReadonlyMap<string, Json>): string[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((pointer) => {
    const [own, other] = [JSON.stringify(before.get(pointer)), JSON.stringify(after.get(pointer))];
    if (own === other) return [];
    if (own === undefined) return [`${pointer} is new: ${other}`];
    return [other === undefined ? `${pointer} is gone: was ${own}` : `${pointer} is ${other}, was ${own}`];
  });
}
