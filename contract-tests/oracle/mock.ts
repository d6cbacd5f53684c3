/** Case × exchange with the mock → what is wrong. The mock does as it is told, so everything is asserted exactly. */
import { isObject, type Json, type JsonObject } from "../../openapi/document/types.js";
import type { Case, Cause } from "../cases/case.js";
import { codeOf, type OperationModel, responseFor } from "../cases/model.js";
import type { Contract } from "../contract.js";
import type { Exchange } from "../targets/exchange.js";
import { type Answer, declaredAnswer, equality, readValue, unpopulated } from "./answer.js";
import type { Judgement, Violation } from "./verdict.js";

export function judgeMock(contract: Contract, one: Case, exchange: Exchange): Judgement {
  if (!exchange.answered)
    return { violations: [{ check: "transport", message: `${exchange.failure}: ${exchange.detail}` }] };
  return { violations: violationsOf(contract, one, exchange) };
}

function violationsOf(contract: Contract, one: Case, answer: Answer): Violation[] {
  const operation = contract.operation(one.operation);
  const { expect } = one;
  switch (expect.is) {
    case "answer": {
      const status = statusIs(answer, expect.code);
      if (status.length > 0) return [...status, ...unasked(answer)];
      const response = operation.responses.find((each) => each.status === expect.status);
      if (!response) return status;
      const result = [
        ...unasked(answer),
        ...declaredAnswer(contract, response, answer, {
          mock: true,
          ...(expect.mediaType === undefined ? {} : { mediaType: expect.mediaType }),
        }),
      ];
      const read = readValue(answer);
      if ("check" in read) return result;
      const media = response.content.find((each) => each.mediaType === expect.mediaType);
      if (expect.equals !== undefined) result.push(...equality(read.value, expect.equals));
      if (expect.populated && media?.schema !== undefined)
        result.push(...unpopulated(contract, media.schema, read.value));
      return result;
    }
    case "success": {
      const success = successOf(operation);
      if (!success) return [];
      const status = statusIs(answer, codeOf(success.status, operation.responses));
      return status.length > 0
        ? [...status, ...unasked(answer)]
        : [...unasked(answer), ...declaredAnswer(contract, success, answer, { mock: true })];
    }
    case "refused":
      return [
        ...refusal(contract, operation, answer, [422, 400], "UNPROCESSABLE_ENTITY"),
        ...causes(answer, expect.causes, expect.within),
      ];
    case "wrong media type":
      return [
        ...refusal(contract, operation, answer, [415, 422, 400], "INVALID_CONTENT_TYPE"),
        ...causes(answer, [{ place: [], rule: "415" }], false),
      ];
    case "unauthorized":
      return [
        ...refusal(contract, operation, answer, [401], "UNAUTHORIZED"),
        ...causes(answer, [{ place: [], rule: "401" }], false),
      ];
    case "malformed":
      return refusal(contract, operation, answer, [422, 400], "UNPROCESSABLE_ENTITY");
    case "no method":
      return ownAnswer(answer, 405, "NO_METHOD_MATCHED_ERROR", "routing");
    case "no path":
      return ownAnswer(answer, 404, "NO_PATH_MATCHED_ERROR", "routing");
    case "undocumented":
      return ownAnswer(answer, 404, "NOT_FOUND", "status");
    case "not acceptable":
      // With a status asked for, the mock wraps its 406 in a 500.
      return answer.status === 500 && answer.body.includes("#NOT_ACCEPTABLE")
        ? []
        : ownAnswer(answer, 406, "NOT_ACCEPTABLE", "media type");
  }
}

/** The answer that a valid request gets unasked: the lowest success, else the first that is declared. */
function successOf(operation: OperationModel): OperationModel["responses"][number] | undefined {
  const successes = operation.responses
    .filter((response) => /^2/.test(response.status))
    .sort((a, b) => (a.status < b.status ? -1 : 1));
  return (
    successes[0] ?? operation.responses.find((response) => response.status === "default") ?? operation.responses[0]
  );
}

function statusIs(answer: Answer, wanted: number): Violation[] {
  return answer.status === wanted ? [] : [{ check: "status", message: `is ${answer.status}, expected ${wanted}` }];
}

interface MockViolation {
  readonly place: readonly string[];
  readonly rule: string;
  readonly side: string;
  readonly message: string;
}

/** The mock says in a header what it finds wrong with the request and with its own answer. */
function said(answer: Answer): MockViolation[] | Violation {
  const text = answer.headers["sl-violations"];
  if (text === undefined) return saidInProblem(answer);
  try {
    const list: unknown = JSON.parse(text);
    if (!Array.isArray(list)) throw new Error("no list");
    return list.filter(isObject).map(violationIn);
  } catch {
    return { check: "cause", message: "the mock's list of violations is too long to read" };
  }
}

function violationIn(each: JsonObject): MockViolation {
  const [side = "", ...place] = Array.isArray(each.location) ? each.location.map(String) : [];
  return { side, place, rule: String(each.code ?? ""), message: String(each.message ?? "") };
}

/** Problems of the mock's own that stand for one rule, by the end of their type. */
const RULES: Readonly<Record<string, string>> = { UNAUTHORIZED: "401", INVALID_CONTENT_TYPE: "415" };

/** Where the document declares no answer for a refused request, the mock makes one up, which says it in its body. */
function saidInProblem(answer: Answer): MockViolation[] {
  const read = readValue(answer);
  if ("check" in read || !isObject(read.value) || typeof read.value.type !== "string") return [];
  const { type, validation, detail } = read.value;
  if (!/\/prism\/errors#/.test(type)) return [];
  if (Array.isArray(validation))
    return validation.filter(isObject).map((each) => ({ ...violationIn(each), side: "request", place: placeOf(each) }));
  const rule = RULES[type.split("#").at(-1) ?? ""];
  return rule === undefined ? [] : [{ side: "request", place: [], rule, message: String(detail ?? type) }];
}

/** In such a problem a place stands without the side that it is on. */
function placeOf({ location }: JsonObject): string[] {
  return Array.isArray(location) ? location.map(String) : [];
}

/** Whether the mock found something wrong with the request. */
export function wasRefused(answer: Answer): boolean {
  const list = said(answer);
  return !Array.isArray(list) || list.some((each) => each.side === "request");
}

/** A valid request must get an answer about which the mock itself finds nothing wrong. */
function unasked(answer: Answer): Violation[] {
  const list = said(answer);
  if (!Array.isArray(list)) return [list];
  return list.map((each) => ({
    check: "mock's own violation",
    message: `${[each.side, ...each.place].join(".")}: ${each.message}`,
  }));
}

function causes(answer: Answer, wanted: readonly Cause[], within: boolean): Violation[] {
  const list = said(answer);
  if (!Array.isArray(list)) return [list];
  const own = list.filter((each) => each.side === "request");
  const key = ({ place, rule }: Cause): string => `${place.join(".")} ${rule}`;
  const found = new Set(own.map(key));
  const expected = new Set(wanted.map(key));
  const result: Violation[] = [];
  // Beside branches the tools count differently; one of the causes must be there, and none elsewhere.
  const missing = wanted.filter((cause) => !found.has(key(cause)));
  if (within ? missing.length === wanted.length : missing.length > 0) {
    result.push({ check: "cause", message: `was not refused for ${missing.map(label).join(", ")}` });
  }
  const places = wanted.map((cause) => cause.place.join("."));
  for (const each of own) {
    if (expected.has(key(each))) continue;
    const place = each.place.join(".");
    if (within && places.some((known) => known.startsWith(place) || place.startsWith(known))) continue;
    result.push({ check: "cause", message: `was refused for ${label(each)}, too: ${each.message}` });
  }
  return [
    ...result,
    ...list
      .filter((each) => each.side !== "request")
      .map((each) => ({ check: "mock's own violation" as const, message: `${each.place.join(".")}: ${each.message}` })),
  ];
}

function label({ place, rule }: Cause): string {
  return `${rule} at ${place.length === 0 ? "the request" : place.join(".")}`;
}

/** Refused with the first of the statuses that is declared; with the mock's own problem where none is. */
function refusal(
  contract: Contract,
  operation: OperationModel,
  answer: Answer,
  codes: readonly number[],
  problem: string,
): Violation[] {
  const declared = codes.find((code) => operation.responses.some((response) => response.status === String(code)));
  const fallback = operation.responses.find((response) => response.status === "default");
  const [first = 400] = codes;
  const response = declared === undefined ? fallback : responseFor(operation.responses, declared);
  const code = declared ?? first;
  if (answer.status >= 200 && answer.status < 300)
    return [{ check: "accepted", message: `was accepted with ${answer.status}` }];
  if (!response) return ownAnswer(answer, code, problem, "status");
  const status = statusIs(answer, code);
  return status.length > 0 ? status : declaredAnswer(contract, response, answer, { mock: true });
}

/** An answer that the mock makes up itself, since the document has none. */
function ownAnswer(answer: Answer, status: number, problem: string, check: Violation["check"]): Violation[] {
  const read = readValue(answer);
  const type: Json | undefined = "check" in read || !isObject(read.value) ? undefined : read.value.type;
  const own = typeof type === "string" && type.endsWith(`#${problem}`);
  return own && answer.status === status
    ? []
    : [
        {
          check,
          message: `is answered with ${answer.status}${typeof type === "string" ? ` ${type.split("#").at(-1)}` : ""}, expected ${problem}`,
        },
      ];
}
