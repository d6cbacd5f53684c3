/** Changes that a provider may make to a document, and what the report must say of each. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { at, stepsOf } from "../../../openapi/document/pointer.js";
import type { Json, JsonObject } from "../../../openapi/document/types.js";
import type { Party, Subject } from "../diff/change.js";

const TABLE = readFileSync(join(import.meta.dirname, "example", "changes.txt"), "utf8");

const NAMES = {
  PATH: "/paths/~1v1~1ai~1image-upscaler-precision",
  POST: "/paths/~1v1~1ai~1image-upscaler-precision/post",
  RESPONSES: "/paths/~1v1~1ai~1image-upscaler-precision/post/responses",
  SCHEMAS: "/components/schemas",
  REQUEST: "/components/schemas/request-content_2",
  FIELDS: "/components/schemas/request-content_2/properties",
  SHARPEN: "/components/schemas/request-content_2/properties/sharpen",
  TASK: "/components/schemas/task",
  CORE: "/components/schemas/task_core",
};

export interface SeededChange {
  readonly what: string;
  readonly change: (document: JsonObject) => void;
  readonly breaks: readonly Party[];
  readonly pointer: string;
  readonly says: RegExp;
  readonly subject?: Subject;
}

export const SEEDED_CHANGES: readonly SeededChange[] = TABLE.trim()
  .split("\n")
  .slice(1)
  .map((line) => {
    const [parties = "", what = "", edits = "", says = "", subject = "", place = ""] = line
      .split("|")
      .map((cell) => cell.trim());
    const first = edits.replace(/^(?:DELETE|MOVE) /, "").split(/[ ;]/)[0] ?? "";
    return {
      what,
      breaks: [
        ...(parties.includes("S") ? ["senders" as const] : []),
        ...(parties.includes("R") ? ["readers" as const] : []),
      ],
      change: (document) => {
        for (const edit of edits.split("; ")) edited(document, edit);
      },
      pointer: pointerIn(place || first),
      says: new RegExp(says),
      ...(subject ? { subject: subject as Subject } : {}),
    };
  });

function pointerIn(text: string): string {
  return text.replace(/^[A-Z]+/, (name) => NAMES[name as keyof typeof NAMES]);
}

function edited(document: JsonObject, edit: string): void {
  const [, from, to] = /^(?:DELETE|MOVE) (\S+)(?: (\S+))?$/.exec(edit) ?? [];
  if (from === undefined) {
    const [place = "", json = ""] = edit.split(/ = (.*)/);
    put(document, pointerIn(place), JSON.parse(json) as Json);
    return;
  }
  if (to !== undefined) put(document, pointerIn(to), at(document, pointerIn(from)));
  put(document, pointerIn(from), undefined);
}

/** Sets a value at a pointer; `undefined` deletes. */
export function put(document: JsonObject, pointer: string, value: Json | undefined): void {
  const steps = stepsOf(pointer);
  const key = steps.pop() ?? "";
  let node: JsonObject = document;
  for (const step of steps) {
    node[step] ??= {};
    node = node[step] as JsonObject;
  }
  if (value === undefined) delete node[key];
  else node[key] = value;
}
