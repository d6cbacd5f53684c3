/** Rules about examples: do they say what could be, and can anybody meet them? */
import { pointerOf, resolve } from "../../openapi/document/pointer.js";
import { isObject, type Json, type JsonObject } from "../../openapi/document/types.js";
import { flatten, propertyOf } from "../cases/flat.js";
import { examplesAt, type OperationModel } from "../cases/model.js";
import { nodesOf } from "../cases/walk.js";
import type { Flaw } from "./flaw.js";

/** Every text inside a value, with its pointer. */
function* textsOf(value: Json, pointer: string): Generator<[string, string]> {
  if (typeof value === "string") yield [value, pointer];
  else if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) yield* textsOf(inner, pointer + pointerOf([key]));
  }
}

function* responseExamples(
  document: JsonObject,
  operation: OperationModel,
): Generator<{ readonly status: string; readonly pointer: string; readonly value: Json }> {
  for (const response of operation.responses) {
    for (const media of response.content) {
      for (const example of examplesAt(document, media.pointer)) yield { status: response.status, ...example };
    }
  }
}

/** Names that a client can say something under. */
export function inputsOf(document: JsonObject, operation: OperationModel): Set<string> {
  const names = new Set(operation.parameters.map((parameter) => parameter.name));
  for (const media of operation.request) {
    if (media.schema !== undefined)
      for (const name of Object.keys(flatten(document, [media.schema]).properties)) names.add(name);
  }
  return names;
}

/** An error about an input that the operation does not have. */
export function* unknownInputs(document: JsonObject, operations: readonly OperationModel[]): Generator<Flaw> {
  for (const operation of operations) {
    const inputs = inputsOf(document, operation);
    for (const { status, pointer, value } of responseExamples(document, operation)) {
      if (!/^4/.test(status)) continue;
      const told = [...textsOf(value, "")].flatMap(([text]) =>
        [...text.matchAll(/[Pp]arameter '([A-Za-z_]\w*)'/g)].map((match) => match[1] ?? ""),
      );
      for (const name of new Set(told)) {
        if (!inputs.has(name))
          yield {
            rule: "example-of-unknown-input",
            pointer,
            message: `speaks of "${name}", which is no input of ${operation.id}`,
          };
      }
    }
  }
}

export function* templatesLeft(document: JsonObject): Generator<Flaw> {
  for (const { kind, pointer, value } of nodesOf(document)) {
    const own = kind === "example" ? value.value : value.example;
    if (own === undefined) continue;
    for (const [text] of textsOf(own, "")) {
      const found = /(?:^|['"\s]):[a-z_]{3,}\b|\{\{.*?\}\}|%[sd]\b/.exec(text);
      if (found)
        yield { rule: "template-left", pointer, message: `holds the placeholder ${found[0].trim()} of a template` };
    }
  }
}

export function* requestExamples(operations: readonly OperationModel[], document: JsonObject): Generator<Flaw> {
  for (const operation of operations) {
    for (const media of operation.request) {
      const root = media.schema === undefined ? undefined : resolve(document, media.schema).value;
      if (examplesAt(document, media.pointer).length === 0 && !(isObject(root) && root.example !== undefined)) {
        yield {
          rule: "no-request-example",
          pointer: media.pointer,
          message: "has no example, so no tool can send a request from it",
        };
      }
    }
  }
}

/** Mocks and viewers take the schema's own example first. */
export function* shadowed(operations: readonly OperationModel[], document: JsonObject): Generator<Flaw> {
  for (const operation of operations) {
    for (const media of operation.responses.flatMap((response) => response.content)) {
      const named = examplesAt(document, media.pointer).filter((example) => example.name !== "default");
      const root = media.schema === undefined ? undefined : resolve(document, media.schema).value;
      if (named.length > 0 && isObject(root) && root.example !== undefined) {
        yield {
          rule: "shadowed-examples",
          pointer: media.pointer,
          message: `has ${named.length} named examples behind the schema's own`,
        };
      }
    }
  }
}

/** A schema's example that stands inside another schema, or in none that an operation answers with. */
export function* unreachable(operations: readonly OperationModel[], document: JsonObject): Generator<Flaw> {
  const roots = new Set(
    operations.flatMap((operation) =>
      [...operation.request, ...operation.responses.flatMap((response) => response.content)].flatMap((media) =>
        media.schema === undefined ? [] : [resolve(document, media.schema).pointer],
      ),
    ),
  );
  for (const { kind, pointer, value } of nodesOf(document)) {
    if (kind === "schema" && value.example !== undefined && !roots.has(pointer)) {
      yield {
        rule: "unreachable-example",
        pointer: `${pointer}/example`,
        message: "stands where no request brings it out",
      };
    }
  }
}

/** The first state of a task beside the results of its last. */
export function* contradictions(document: JsonObject): Generator<Flaw> {
  for (const { kind, pointer, value } of nodesOf(document)) {
    if (kind !== "schema" || !isObject(value.example)) continue;
    yield* contradictionsIn(document, pointer, value.example, `${pointer}/example`);
  }
}

function* contradictionsIn(document: JsonObject, schema: string, value: JsonObject, pointer: string): Generator<Flaw> {
  const flat = flatten(document, [schema]);
  const inner = Object.keys(value).map((name) => ({ name, flat: propertyOf(document, flat, name) }));
  const start = inner.find(
    (each) => Array.isArray(each.flat?.schema.enum) && each.flat.schema.enum[0] === value[each.name],
  );
  const results = inner.find((each) => {
    const list = value[each.name];
    return (
      Array.isArray(list) && list.length > 0 && list.every((item) => typeof item === "string" && /^https?:/.test(item))
    );
  });
  if (start && results)
    yield {
      rule: "contradictory-example",
      pointer,
      message: `is ${String(value[start.name])} and has "${results.name}" already`,
    };
  for (const each of inner) {
    const below = value[each.name];
    const [place] = each.flat?.roots ?? [];
    if (isObject(below) && place !== undefined)
      yield* contradictionsIn(document, place, below, pointer + pointerOf([each.name]));
  }
}
