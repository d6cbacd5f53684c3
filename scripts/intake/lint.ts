/** Lints a document with Redocly's recommended rules, and refuses one from which no client can be generated. */
import { isDeepStrictEqual } from "node:util";
import { BaseResolver, createConfig, lintDocument, Source } from "@redocly/openapi-core";
import { operationPointers } from "../../openapi/document/merge.js";
import { at, keysIn, pointerOf, resolve } from "../../openapi/document/pointer.js";
import { componentsIn } from "../../openapi/document/slice.js";
import { isObject, type JsonObject, METHODS, objectOf } from "../../openapi/document/types.js";
import { shortened } from "./report.js";

export interface LintProblem {
  readonly severity: string;
  readonly rule: string;
  readonly pointer: string;
  readonly message: string;
}

/** Rules whose violation would crash the generator or make a client that cannot work. */
const REQUIRED = new Set([
  "struct",
  "no-unresolved-refs",
  "operation-operationId-unique",
  "path-parameters-defined",
  "path-not-include-query",
]);

/**
 * The problems that Redocly reports for a usable document.
 *
 * @throws {Error} that lists every fault of an unusable one with its pointer.
 */
async function lint(document: JsonObject, name: string): Promise<LintProblem[]> {
  const faults = ownFaults(document);
  if (faults.length > 0)
    throw unusable(name, faults, faults.every((each) => each.includes(TO_NOTHING)) ? document : {});
  const problems = await redocly(document, name);
  // What is missing next to `nullable` is supplied by the intake, which says so.
  const broken = problems.flatMap(({ rule, message, pointer }) =>
    REQUIRED.has(rule) && !message.includes("when the `nullable` field is used") ? [`${pointer}: ${message}`] : [],
  );
  if (broken.length > 0) throw unusable(name, broken);
  return perExample(problems);
}

/** The problems of a document that an older version of it did not have, and all its examples that contradict their schema. */
export async function newProblems(
  before: JsonObject | undefined,
  after: JsonObject,
  name: string,
): Promise<{ readonly fresh: readonly LintProblem[]; readonly wrongExamples: readonly string[] }> {
  const now = await lint(after, name);
  // A document that was taken in before today's rules may be refused by them.
  const old =
    !before || isDeepStrictEqual(before, after) ? (before ? now : []) : await lint(before, name).catch(() => []);
  const wrong = now.filter(({ rule }) => EXAMPLE_RULE.test(rule)).map(({ pointer }) => pointer.replace(/^#/, ""));
  const fresh = now.filter((problem) => !old.some((known) => isDeepStrictEqual(known, problem)));
  return { fresh, wrongExamples: [...new Set(wrong)] };
}

const EXAMPLE_RULE = /^no-invalid-(?:media-type|schema|parameter)-examples?$/;

/** Redocly tells each thing that is wrong in an example: here an example is one problem. */
function perExample(problems: readonly LintProblem[]): LintProblem[] {
  const seen = new Set<string>();
  return problems.flatMap((problem) => {
    if (!EXAMPLE_RULE.test(problem.rule)) return [problem];
    const pointer = problem.pointer.replace(/(\/(?:examples\/[^/]+|example))\/.*$/, "$1");
    if (seen.has(pointer)) return [];
    seen.add(pointer);
    return [{ ...problem, pointer }];
  });
}

async function redocly(document: JsonObject, name: string): Promise<LintProblem[]> {
  const rules = Object.fromEntries([...REQUIRED].map((rule) => [rule, "error" as const]));
  const config = await createConfig({ extends: ["recommended"], rules });
  try {
    const problems = await lintDocument({
      document: { source: new Source(name, JSON.stringify(document)), parsed: document },
      config: config.styleguide,
      externalRefResolver: new BaseResolver(),
    });
    return problems.map(({ severity, ruleId: rule, message, location: [first] }) => {
      return { severity, rule, pointer: first?.pointer ?? "#/", message };
    });
  } catch (error) {
    // Redocly assumes shapes that a broken document does not have.
    throw unusable(name, [error instanceof Error ? error.message : String(error)]);
  }
}

/** What Redocly does not report: versions and empty documents, patterns that do not compile; and references that it would fetch, or follow in a circle. */
function ownFaults(document: JsonObject): string[] {
  const { openapi, swagger, paths } = document;
  if (typeof openapi !== "string" || !/^3\.[01]\.\d+$/.test(openapi)) {
    const version = swagger === undefined ? `openapi: ${JSON.stringify(openapi) ?? "nothing"}` : `Swagger ${swagger}`;
    return [`#/: ${version} is not supported: use "3.0.x" or "3.1.x" of OpenAPI.`];
  }
  const items = Object.values(objectOf(paths)).map(objectOf);
  if (isObject(paths) && !items.some((item) => METHODS.some((method) => isObject(item[method]))))
    return ["#/paths: the document has no operation."];
  return [...keysIn(document)].flatMap(({ key, inner, pointer, holder }) => {
    try {
      if (key === "$ref" && typeof inner === "string") resolve(document, holder);
      if (key === "pattern" && typeof inner === "string") new RegExp(inner, "u");
      return [];
    } catch (error) {
      return [`#${pointer}: ${error instanceof Error ? error.message : String(error)}`];
    }
  });
}

const TO_NOTHING = "$ref to nothing";
/** @param document where leaving out what needs an undefined component may help. */
function unusable(name: string, faults: readonly string[], document: JsonObject = {}): Error {
  const list = shortened(faults).join("\n  ");
  const skip = undefinedIn(document);
  const options = skip.map((pointer) => `--skip '${pointer}'`).join(" ");
  const way = skip.length > 0 ? `\nOr run again without what needs an undefined component, by adding: ${options}` : "";
  return new Error(
    `No client can be generated from ${name}. Correct these places in the source, then run again:\n  ${list}${way}`,
  );
}

/** Pointers of the operations and components that refer to an undefined component, also through others. Empty if nothing else is left. */
function undefinedIn(document: JsonObject): string[] {
  const members = Object.entries(objectOf(document.components)).flatMap(([kind, each]) =>
    Object.keys(objectOf(each)).map((name) => pointerOf(["components", kind, name])),
  );
  const items = Object.keys(objectOf(document.paths)).map((path) => pointerOf(["paths", path]));
  const operations = operationPointers(document);
  const shared = (pointer: string) => at(document, `${pointer}/parameters`) ?? null;
  const needs = [...members, ...operations, ...items].map((pointer) => {
    const value = items.includes(pointer) ? shared(pointer) : (at(document, pointer) ?? null);
    return { pointer, refs: componentsIn(value) };
  });
  const spoiled = new Set<string>();
  for (let size = -1; size !== spoiled.size; ) {
    size = spoiled.size;
    for (const { pointer, refs } of needs)
      if (refs.some((ref) => at(document, ref) === undefined || spoiled.has(ref))) spoiled.add(pointer);
  }
  // An operation goes with its path.
  const skip = [...spoiled].filter(
    (pointer) => !items.some((item) => spoiled.has(item) && pointer.startsWith(`${item}/`)),
  );
  const kept = operations.filter((pointer) => !skip.some((each) => pointer === each || pointer.startsWith(`${each}/`)));
  return kept.length > 0 ? skip : [];
}
