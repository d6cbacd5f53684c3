/** Checks of one answer against what the document declares for its status. Small, named, pure. */
import { isDeepStrictEqual } from "node:util";
import type { ErrorObject } from "ajv";
import { isObject, type Json } from "../../openapi/document/types.js";
import { Builder } from "../cases/build.js";
import { type Flat, flatten, itemsOf, propertyOf } from "../cases/flat.js";
import { examplesAt, type ResponseModel } from "../cases/model.js";
import { isJson } from "../cases/wire.js";
import type { Contract } from "../contract.js";
import type { Exchange } from "../targets/exchange.js";
import type { Violation } from "./verdict.js";

export type Answer = Extract<Exchange, { answered: true }>;

/** `text/html; charset=utf-8` → `text/html`. */
export function essence(mediaType: string | undefined): string {
  return (mediaType ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}

/** The answer's value: parsed JSON, else the text. */
export function readValue(answer: Answer): { readonly value: Json } | Violation {
  if (!isJson(essence(answer.headers["content-type"]))) return { value: answer.body };
  try {
    return { value: JSON.parse(answer.body) as Json };
  } catch (error) {
    return {
      check: "body",
      message: `is labelled JSON and is none: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

/** Media type, body, schema and headers of an answer whose status is declared. `mock`: headers the document gives examples of must be there, too. */
export function declaredAnswer(
  contract: Contract,
  response: ResponseModel,
  answer: Answer,
  options: { readonly mock: boolean; readonly mediaType?: string },
): Violation[] {
  const violations = headerViolations(contract, response, answer, options.mock);
  if (response.content.length === 0) {
    if (answer.body !== "")
      violations.push({
        check: "body",
        message: `${response.status} declares no content, ${answer.body.length} characters came`,
      });
    return violations;
  }
  const type = essence(answer.headers["content-type"]);
  const media =
    response.content.find((each) => essence(each.mediaType) === type) ??
    response.content.find((each) => covers(essence(each.mediaType), type));
  const wanted = options.mediaType;
  if (!media || (wanted !== undefined && essence(wanted) !== essence(media.mediaType))) {
    const declared = wanted ?? response.content.map((each) => each.mediaType).join(" or ");
    violations.push({ check: "media type", message: `is ${type === "" ? "missing" : type}, declared is ${declared}` });
    return violations;
  }
  const read = readValue(answer);
  if ("check" in read) return [...violations, read];
  if (media.schema !== undefined) violations.push(...schemaViolations(contract, media.schema, read.value));
  return violations;
}

function covers(range: string, type: string): boolean {
  return range === "*/*" || (range.endsWith("/*") && type.startsWith(range.slice(0, -1)));
}

/** As declared, then with undeclared fields refused. */
export function schemaViolations(contract: Pick<Contract, "schemas">, schema: string, value: Json): Violation[] {
  const open = contract.schemas.validator(schema, "open");
  if (!open(value)) return problems(open.errors ?? []).map((message) => ({ check: "schema", message }));
  const closed = contract.schemas.validator(schema, "closed");
  return closed(value) ? [] : problems(closed.errors ?? []).map((message) => ({ check: "undeclared field", message }));
}

function problems(errors: readonly ErrorObject[]): string[] {
  return [
    ...new Set(
      errors.map(
        (error) =>
          `${error.instancePath === "" ? "the body" : error.instancePath} ${error.message ?? error.keyword}${detail(error)}`,
      ),
    ),
  ];
}

function detail({ params }: ErrorObject): string {
  const name: unknown = params.additionalProperty ?? params.unevaluatedProperty;
  if (typeof name === "string") return `: "${name}"`;
  return Array.isArray(params.allowedValues) ? `: ${params.allowedValues.join(", ")}` : "";
}

function headerViolations(contract: Contract, response: ResponseModel, answer: Answer, mock: boolean): Violation[] {
  const violations: Violation[] = [];
  for (const header of response.headers) {
    const text = answer.headers[header.name];
    if (text === undefined) {
      if (header.required || mock) violations.push({ check: "response header", message: `${header.name} is missing` });
      continue;
    }
    if (header.schema !== undefined) {
      const flat = flatten(contract.document, [header.schema]);
      const numeric =
        flat.types.some((type) => type === "integer" || type === "number") &&
        text.trim() !== "" &&
        Number.isFinite(Number(text));
      const value: Json = numeric
        ? Number(text)
        : flat.types.includes("boolean") && /^(?:true|false)$/.test(text)
          ? text === "true"
          : text;
      const validate = contract.schemas.validator(header.schema, "open");
      if (!validate(value))
        violations.push({
          check: "response header",
          message: `${header.name}: ${problems(validate.errors ?? []).join("; ")}`,
        });
    }
    const [example] = mock ? examplesAt(contract.document, header.pointer) : [];
    if (example && String(example.value) !== text) {
      violations.push({
        check: "response header",
        message: `${header.name} is ${JSON.stringify(text)}, its example is ${JSON.stringify(String(example.value))}`,
      });
    }
  }
  return violations;
}

export function equality(value: Json, wanted: Json): Violation[] {
  if (isDeepStrictEqual(value, wanted)) return [];
  return [
    { check: "equality", message: `differs from the example: ${difference(wanted, value, "") ?? "in its order"}` },
  ];
}

/** The first place where two values differ. */
function difference(wanted: Json, found: Json, path: string): string | undefined {
  if (isDeepStrictEqual(wanted, found)) return undefined;
  if (isObject(wanted) && isObject(found)) {
    for (const key of new Set([...Object.keys(wanted), ...Object.keys(found)])) {
      const own = Object.hasOwn(wanted, key) ? wanted[key] : undefined;
      const other = Object.hasOwn(found, key) ? found[key] : undefined;
      if (own === undefined) return `${path}/${key} is not in the example`;
      if (other === undefined) return `${path}/${key} is missing`;
      const inner = difference(own, other, `${path}/${key}`);
      if (inner !== undefined) return inner;
    }
  }
  if (Array.isArray(wanted) && Array.isArray(found) && wanted.length === found.length) {
    for (const [index, own] of wanted.entries()) {
      const inner = difference(own, found[index] ?? null, `${path}/${index}`);
      if (inner !== undefined) return inner;
    }
  }
  return `${path === "" ? "the body" : path} is ${short(found)} instead of ${short(wanted)}`;
}

function short(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

/** Properties that the schema declares and the value lacks. */
export function unpopulated(contract: Contract, schema: string, value: Json): Violation[] {
  const builder = new Builder(contract.document, "answer");
  const missing: string[] = [];
  const visit = (flat: Flat, node: Json, path: string): void => {
    // Which branch a generator took is its own affair.
    if (flat.branches.length > 0) return;
    if (isObject(node)) {
      for (const name of Object.keys(flat.properties)) {
        const inner = propertyOf(contract.document, flat, name);
        if (!inner || !builder.wanted(inner)) continue;
        const own = Object.hasOwn(node, name) ? node[name] : undefined;
        // A schema inside itself has to end somewhere.
        if (own === undefined) {
          if (!inner.sources.some((source) => flat.sources.includes(source) || path.split("/").length > 3))
            missing.push(`${path}/${name}`);
        } else visit(inner, own, `${path}/${name}`);
      }
    }
    const items = itemsOf(contract.document, flat);
    if (Array.isArray(node) && items)
      node.forEach((item, index) => {
        visit(items, item, `${path}/${index}`);
      });
  };
  visit(flatten(contract.document, [schema]), value, "");
  return missing.map((place) => ({
    check: "unpopulated field",
    message: `${place} is declared and was not generated`,
  }));
}
