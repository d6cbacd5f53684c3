/** Rules about what is declared: names, statuses, headers, and how much a schema lets through. */
import { pointerOf, resolve, stepsOf } from "../../openapi/document/pointer.js";
import { isObject, type JsonObject, objectOf } from "../../openapi/document/types.js";
import { flatten } from "../cases/flat.js";
import type { OperationModel } from "../cases/model.js";
import { nodesOf } from "../cases/walk.js";
import { inputsOf } from "./example-rules.js";
import type { Flaw } from "./flaw.js";

/** Words of component names that tell nothing of a feature. */
const PLAIN = new Set(
  "get all post put task tasks detail status response request content problem invalid params inner error errors list item items schema model data body".split(
    " ",
  ),
);

export function* componentNames(document: JsonObject): Generator<Flaw> {
  const wordsOf = (text: string): string[] =>
    text
      .toLowerCase()
      .split(/[^a-z]+/)
      .filter((word) => word.length > 2);
  const known = new Set(Object.keys(objectOf(document.paths)).flatMap(wordsOf));
  for (const name of Object.keys(objectOf(objectOf(document.components).schemas))) {
    const pointer = `/components/schemas${pointerOf([name])}`;
    if (/_\d{1,2}(?:_|$)/.test(name))
      yield { rule: "numbered-name", pointer, message: "is numbered: a generator ran out of names" };
    const own = wordsOf(name).filter((word) => !PLAIN.has(word));
    if (own.length > 0 && !own.some((word) => known.has(word)))
      yield { rule: "foreign-name", pointer, message: `is named after another feature (${own.join(" ")})` };
  }
}

/** A schema made for one status and used by another. */
export function* borrowedSchemas(operations: readonly OperationModel[], document: JsonObject): Generator<Flaw> {
  for (const operation of operations) {
    for (const response of operation.responses) {
      for (const media of response.content) {
        const name = media.schema === undefined ? "" : (stepsOf(resolve(document, media.schema).pointer).at(-1) ?? "");
        const status = /_([1-5]\d\d)_/.exec(name)?.[1];
        if (status !== undefined && status !== response.status)
          yield { rule: "borrowed-schema", pointer: media.pointer, message: `${response.status} borrows ${name}` };
      }
    }
  }
}

/** Statuses that servers of this kind answer with, whatever is declared. */
const USUAL: readonly (readonly [string, (operation: OperationModel) => boolean])[] = [
  ["402", (operation) => operation.method === "post" && operation.security.length > 0],
  ["403", (operation) => operation.security.length > 0],
  ["404", () => true],
  ["413", (operation) => operation.request.length > 0],
  ["429", () => true],
];

export function* undeclaredStatuses(operations: readonly OperationModel[]): Generator<Flaw> {
  for (const operation of operations) {
    const declared = new Set(operation.responses.map((response) => response.status));
    if (declared.has("default")) continue;
    for (const [status, applies] of USUAL) {
      if (applies(operation) && !declared.has(status))
        yield {
          rule: "usual-status-undeclared",
          pointer: `${operation.pointer}/responses`,
          message: `does not declare ${status}`,
        };
    }
  }
}

export function* responseHeaders(operations: readonly OperationModel[]): Generator<Flaw> {
  for (const operation of operations) {
    if (operation.responses.every((response) => response.headers.length === 0))
      yield {
        rule: "no-response-headers",
        pointer: `${operation.pointer}/responses`,
        message: "declares no header of any answer",
      };
  }
}

/** Errors that need not say anything. */
export function* emptyErrors(operations: readonly OperationModel[], document: JsonObject): Generator<Flaw> {
  const seen = new Set<string>();
  for (const response of operations.flatMap((operation) => operation.responses)) {
    if (!/^[45]/.test(response.status)) continue;
    for (const media of response.content) {
      if (media.schema === undefined) continue;
      const { pointer } = resolve(document, media.schema);
      const flat = flatten(document, [media.schema]);
      if (seen.has(pointer) || Object.keys(flat.properties).length === 0 || Object.keys(flat.required).length > 0)
        continue;
      seen.add(pointer);
      yield { rule: "error-may-be-empty", pointer, message: "requires none of its fields, so {} is a valid error" };
    }
  }
}

/** What a request schema lets through that nobody can mean. */
export function* laxInputs(operations: readonly OperationModel[], document: JsonObject): Generator<Flaw> {
  for (const operation of operations) {
    for (const media of operation.request) {
      if (media.schema === undefined) continue;
      const root = flatten(document, [media.schema]);
      const { pointer } = resolve(document, media.schema);
      if (root.types.includes("object") && root.schema.additionalProperties === undefined)
        yield { rule: "open-request", pointer, message: "is open, so a misspelt field passes" };
      for (const [name, places] of Object.entries(root.properties)) {
        const flat = flatten(document, places);
        const [place = pointer] = places;
        if (
          Object.hasOwn(root.required, name) &&
          flat.types.includes("string") &&
          flat.schema.minLength === undefined &&
          flat.schema.enum === undefined &&
          flat.schema.pattern === undefined
        ) {
          yield { rule: "empty-passes", pointer: place, message: `"${name}" is required and may be empty` };
        }
        if (flat.schema.format === "uri" && flat.schema.pattern === undefined)
          yield { rule: "any-scheme", pointer: place, message: `"${name}" takes any scheme, javascript: as well` };
        if (
          /webhook|callback/i.test(name) &&
          !isObject(objectOf(resolve(document, operation.pointer).value).callbacks)
        ) {
          yield {
            rule: "webhook-without-callbacks",
            pointer: place,
            message: `"${name}" is taken, and what is sent there is not declared`,
          };
        }
      }
    }
  }
}

/** Things that a description speaks of when an operation takes them. */
const SPOKEN = ["prompt", "mask", "seed", "style"];

export function* unknownDescriptions(operations: readonly OperationModel[], document: JsonObject): Generator<Flaw> {
  for (const operation of operations) {
    const { description } = objectOf(resolve(document, operation.pointer).value);
    const inputs = [...inputsOf(document, operation)].join(" ");
    for (const word of SPOKEN) {
      if (
        typeof description === "string" &&
        new RegExp(`\\b${word}\\b`, "i").test(description) &&
        !inputs.includes(word)
      ) {
        yield {
          rule: "describes-unknown-input",
          pointer: `${operation.pointer}/description`,
          message: `speaks of a ${word}, which ${operation.id} does not take`,
        };
      }
    }
  }
}

/** An id is handed out, and no operation takes it. */
export function* orphanIds(operations: readonly OperationModel[], document: JsonObject): Generator<Flaw> {
  const bare = (name: string): string => name.toLowerCase().replace(/[^a-z]/g, "");
  const taken = new Set(
    operations.flatMap((operation) =>
      operation.parameters.filter((parameter) => parameter.in === "path").map((parameter) => bare(parameter.name)),
    ),
  );
  for (const { kind, pointer, value } of nodesOf(document)) {
    if (kind !== "schema") continue;
    for (const name of Object.keys(objectOf(value.properties))) {
      if (/[a-z]_id$/.test(name) && !taken.has(bare(name)))
        yield {
          rule: "id-without-operation",
          pointer: `${pointer}/properties${pointerOf([name])}`,
          message: `"${name}" is handed out, and no operation takes it`,
        };
    }
  }
}
