/** Lints a document with Redocly's recommended rules, and refuses one from which no client can be generated. */
import { isDeepStrictEqual } from "node:util";
import { BaseResolver, createConfig, lintDocument, Source } from "@redocly/openapi-core";
import { pointerOf, resolve } from "../../openapi/document/pointer.js";
import { isObject, type Json, type JsonObject, METHODS, objectOf } from "../../openapi/document/types.js";
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
  if (faults.length > 0) throw unusable(name, faults);
  const problems = await redocly(document, name);
  const broken = problems.filter(({ rule }) => REQUIRED.has(rule));
  if (broken.length > 0)
    throw unusable(
      name,
      broken.map(({ pointer, message }) => `${pointer}: ${message}`),
    );
  return problems;
}

/** The problems of a document that an older version of it did not have. */
export async function newProblems(
  before: JsonObject | undefined,
  after: JsonObject,
  name: string,
): Promise<LintProblem[]> {
  const now = await lint(after, name);
  // A document that was taken in before today's rules may be refused by them.
  const old = before ? await lint(before, name).catch(() => []) : [];
  return now.filter((problem) => !old.some((known) => isDeepStrictEqual(known, problem)));
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
    return problems.map(({ severity, ruleId, message, location }) => ({
      severity,
      rule: ruleId,
      pointer: location[0]?.pointer ?? "#/",
      message,
    }));
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
  const faults: string[] = [];
  visit(document, document, "", faults);
  return faults;
}

const DATA = new Set(["example", "examples", "default", "enum", "const", "value"]);

function visit(document: JsonObject, value: Json, pointer: string, faults: string[]): void {
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    const own = pointer + pointerOf([key]);
    try {
      if (key === "$ref" && typeof inner === "string") resolve(document, pointer);
      if (key === "pattern" && typeof inner === "string") new RegExp(inner, "u");
    } catch (error) {
      faults.push(`#${own}: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (!DATA.has(key) && !key.startsWith("x-")) visit(document, inner as Json, own, faults);
  }
}

function unusable(name: string, faults: readonly string[]): Error {
  const list = shortened(faults).join("\n  ");
  return new Error(
    `No client can be generated from ${name}. Correct these places in the source, then run again:\n  ${list}`,
  );
}
