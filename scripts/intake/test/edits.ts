/** Edits that a provider may make to the page of an operation that makes tasks; they hold for any such page. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { loadDefault, ROOT } from "../../../openapi/document/load.js";
import { operationsOf } from "../../../openapi/document/operations.js";
import { documentOfPage } from "../../../openapi/document/page.js";
import { resolve } from "../../../openapi/document/pointer.js";
import { isObject, type Json, type JsonObject, objectOf } from "../../../openapi/document/types.js";
import type { Party } from "../diff/change.js";

export interface Edit {
  readonly name: string;
  readonly change: (document: JsonObject) => void;
  /** Whom it breaks, which vendor must say. */
  readonly breaks: readonly Party[];
}

/** The page that `npm run edits` is about. */
const [VENDORED = { name: "", document: {} }] = loadDefault().vendored;
export const PAGE_NAME: string = VENDORED.name.replace(/\.yaml$/, ".md");

/** The page with these changes in the document inside it. */
export function edited(...edits: readonly Pick<Edit, "change">[]): string {
  const document = structuredClone(VENDORED.document);
  for (const { change } of edits) change(document);
  const page = readFileSync(join(ROOT, "openapi", "pages", PAGE_NAME), "utf8");
  return page.replace(documentOfPage(page).text, () => stringify(document, { singleQuote: true }));
}

/** The POST of the document, and the schema of its body. */
function postOf(document: JsonObject): {
  readonly post: JsonObject;
  readonly body: JsonObject;
  readonly fields: JsonObject;
} {
  const operation = operationsOf(document).find(({ method, request }) => method === "post" && request.length > 0);
  const schema = operation?.request[0]?.schema;
  if (operation === undefined || schema === undefined) throw new Error("The document has no POST with a body.");
  const body = objectOf(resolve(document, schema).value);
  return { post: objectOf(resolve(document, operation.pointer).value), body, fields: objectOf(body.properties) };
}

/** The fields that are whole numbers up to a maximum. */
function slidersOf(document: JsonObject): (readonly [name: string, field: JsonObject])[] {
  return Object.entries(postOf(document).fields).flatMap(([name, field]) =>
    isObject(field) && field.type === "integer" && typeof field.maximum === "number" ? [[name, field] as const] : [],
  );
}

function firstSlider(document: JsonObject): readonly [name: string, field: JsonObject] {
  const [first] = slidersOf(document);
  if (first === undefined) throw new Error("The document has no slider.");
  return first;
}

const fresh = (name: string, taken: readonly unknown[]): string =>
  taken.includes(name) ? fresh(`${name}_too`, taken) : name;

/** Every object of the document. */
function* objectsOf(node: Json): Generator<JsonObject> {
  if (Array.isArray(node)) for (const one of node) yield* objectsOf(one);
  if (!isObject(node)) return;
  yield node;
  for (const one of Object.values(node)) if (one !== undefined) yield* objectsOf(one);
}

/** The lists of statuses. */
const statusesOf = (document: JsonObject): Json[][] =>
  [...objectsOf(document)].flatMap(({ enum: values }) =>
    Array.isArray(values) && values.includes("COMPLETED") ? [values] : [],
  );

/** What the page does not have, so that the edits hold for an edited page as well. */
export const ADDED = {
  status: fresh("CANCELLED", statusesOf(VENDORED.document).flat()),
  slider: fresh("denoise", Object.keys(postOf(VENDORED.document).fields)),
};

export const EDITS: readonly Edit[] = [
  {
    name: "status added",
    breaks: ["readers"],
    change: (document) => {
      for (const values of statusesOf(document)) values.push(ADDED.status);
    },
  },
  {
    name: "slider added",
    breaks: [],
    change: (document) => {
      const [, field] = firstSlider(document);
      postOf(document).fields[ADDED.slider] = { ...field, default: 20, description: "Removes noise" };
    },
  },
  {
    name: "field renamed",
    breaks: ["senders"],
    change: (document) => {
      const { fields } = postOf(document);
      const [name, field] = slidersOf(document).at(-1) ?? firstSlider(document);
      fields[`new_${name}`] = field;
      delete fields[name];
    },
  },
  {
    name: "bound narrowed",
    breaks: ["senders"],
    change: (document) => {
      const [, field] = firstSlider(document);
      field.maximum = Math.ceil(Number(field.maximum) / 2);
    },
  },
  {
    name: "402 and 429 declared",
    breaks: [],
    change: (document) => {
      const { post } = postOf(document);
      const responses = objectOf(post.responses);
      for (const status of ["402", "429"])
        responses[status] = structuredClone(responses["401"] ?? { description: status });
    },
  },
  {
    name: "example changed",
    breaks: [],
    change: (document) => {
      for (const { example } of objectsOf(document))
        if (isObject(example) && typeof example.status === "string") example.status = "IN_PROGRESS";
    },
  },
  {
    name: "typo",
    breaks: [],
    change: (document) => {
      const [, field] = firstSlider(document);
      field.description = `${field.description}, corrected`;
    },
  },
  {
    name: "field now required",
    breaks: ["senders"],
    change: (document) => {
      const { body } = postOf(document);
      const required = Array.isArray(body.required) ? body.required : [];
      const next = slidersOf(document).find(([name]) => !required.includes(name));
      if (next !== undefined) body.required = [...required, next[0]];
    },
  },
];
