/** Every fact of a document that somebody could rely on, as pointer → value. What only people read is left out. */
import { pointerOf } from "../../openapi/document/pointer.js";
import { isObject, type Json, type JsonObject } from "../../openapi/document/types.js";

/** Keys that say nothing to a program, wherever OpenAPI gives them that meaning. */
const PROSE = new Set(["description", "summary", "title", "externalDocs", "tags", "deprecated"]);
/** Maps whose keys are names, so that a property called "title" is a fact. */
const NAME_MAPS = new Set([
  "properties",
  "patternProperties",
  "examples",
  "headers",
  "responses",
  "content",
  "schemas",
  "parameters",
  "callbacks",
  "paths",
  "securitySchemes",
  "requestBodies",
  "links",
  "variables",
  "mapping",
  "scopes",
  "encoding",
  "$defs",
]);
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

export interface FactChange {
  readonly pointer: string;
  readonly before?: Json;
  readonly after?: Json;
}

export function changedFacts(before: ReadonlyMap<string, Json>, after: ReadonlyMap<string, Json>): FactChange[] {
  const changes: FactChange[] = [];
  for (const pointer of new Set([...before.keys(), ...after.keys()])) {
    const own = before.get(pointer);
    const other = after.get(pointer);
    if (JSON.stringify(own) === JSON.stringify(other)) continue;
    changes.push({
      pointer,
      ...(own === undefined ? {} : { before: own }),
      ...(other === undefined ? {} : { after: other }),
    });
  }
  return changes;
}

export function changeText({ pointer, before, after }: FactChange): string {
  if (before === undefined) return `${pointer} is new: ${JSON.stringify(after)}`;
  if (after === undefined) return `${pointer} is gone: was ${JSON.stringify(before)}`;
  return `${pointer} is ${JSON.stringify(after)}, was ${JSON.stringify(before)}`;
}
