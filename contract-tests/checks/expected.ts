/** Which status is right for a case: of a mock exactly one, of a provider any that can mean it. */
import { isObject } from "../../openapi/document/types.js";
import type { Case, Expectation } from "../cases/case.js";
import { codeOf, type ResponseModel } from "../cases/model.js";
import type { HttpResponse } from "../targets/exchange.js";
import type { Check, Subject } from "./check.js";
import { valueIn } from "./value.js";

type Kind = Expectation["is"];

const REFUSALS: ReadonlySet<Kind> = new Set<Kind>([
  "refused",
  "malformed",
  "wrong media type",
  "unauthorized",
  "no method",
  "no path",
]);

export function isRouting({ expect }: Case): boolean {
  return expect.is === "no method" || expect.is === "no path";
}

const wasAccepted = ({ case: { expect }, response }: Subject): boolean =>
  REFUSALS.has(expect.is) && response.status >= 200 && response.status < 300;

/** A request that the document rules out must not succeed. */
export const accepted: Check = {
  name: "accepted",
  holds: "A request that the document rules out is refused.",
  run: (subject) => {
    if (!wasAccepted(subject) || (subject.case.lenient && !subject.mock)) return [];
    const { expect, rule, place } = subject.case;
    const [first] = expect.is === "refused" ? expect.causes : [];
    const why = first ? `${first.rule} at ${first.place.join(".") || "the request"}` : expect.is;
    return [`accepted with ${subject.response.status}: ${place && rule && !first ? `${why} (${rule})` : why}`];
  },
};

/** A method or path that the document lacks must lead nowhere. */
export const routing: Check = {
  name: "routing",
  holds: "A method or a path that the document does not declare is refused.",
  run: (subject) => failureOn(subject, isRouting(subject.case)),
};

/** The status is the one, or one of those, that the document has for such a request. */
export const status: Check = {
  name: "status",
  holds: "The status is declared, and it is right for the request.",
  run: (subject) => failureOn(subject, !isRouting(subject.case)),
};

function failureOn(subject: Subject, applies: boolean): string[] {
  const message = applies && !wasAccepted(subject) ? statusFailure(subject) : undefined;
  return message === undefined ? [] : [message];
}

/** What is wrong with the status; `undefined` when it is right. */
export function statusFailure(subject: Subject): string | undefined {
  return subject.mock ? mockFailure(subject) : providerFailure(subject);
}

/** What the mock responds with: a declared response, or a problem of its own where the document declares none. */
interface Expected {
  readonly status: number;
  readonly declared?: ResponseModel | undefined;
  readonly problem?: string;
}

/** The statuses that a refusal may have, best first, and the mock's own problem where none of them is declared. */
const MOCK_REFUSALS: Partial<Record<Kind, readonly [problem: string, ...codes: number[]]>> = {
  refused: ["UNPROCESSABLE_ENTITY", 422, 400],
  malformed: ["UNPROCESSABLE_ENTITY", 422, 400],
  "wrong media type": ["INVALID_CONTENT_TYPE", 415, 422, 400],
  unauthorized: ["UNAUTHORIZED", 401],
};
/** What the mock has no declared response for. */
const MOCK_PROBLEMS: Partial<Record<Kind, Expected>> = {
  "no method": { status: 405, problem: "NO_METHOD_MATCHED_ERROR" },
  "no path": { status: 404, problem: "NO_PATH_MATCHED_ERROR" },
  undocumented: { status: 404, problem: "NOT_FOUND" },
  "not acceptable": { status: 406, problem: "NOT_ACCEPTABLE" },
};

/** @returns `undefined` where the operation declares no response at all. */
export function expectedOf({ case: { expect }, operation: { responses } }: Subject): Expected | undefined {
  if (expect.is === "response")
    return { status: expect.code, declared: responses.find((each) => each.status === expect.status) };
  if (expect.is === "success") {
    const declared = successOf(responses);
    return declared && { status: codeOf(declared.status, responses), declared };
  }
  const refusal = MOCK_REFUSALS[expect.is];
  if (!refusal) return MOCK_PROBLEMS[expect.is];
  const [problem, ...codes] = refusal;
  const declaredAs = (key: string): ResponseModel | undefined => responses.find(({ status }) => status === key);
  const exact = codes.map((code) => declaredAs(String(code))).find((each) => each);
  const declared = exact ?? declaredAs("default");
  const status = exact ? Number(exact.status) : (codes[0] ?? 400);
  return declared ? { status, declared } : { status, problem };
}

/** The response that a valid request gets by default: the lowest success, else the first that is declared. */
function successOf(responses: readonly ResponseModel[]): ResponseModel | undefined {
  const [lowest] = responses
    .filter(({ status }) => /^2/.test(status))
    .toSorted((a, b) => (a.status < b.status ? -1 : 1));
  return lowest ?? responses.find(({ status }) => status === "default") ?? responses[0];
}

function mockFailure(subject: Subject): string | undefined {
  const expected = expectedOf(subject);
  const { status, body } = subject.response;
  if (!expected) return undefined;
  if (expected.problem === undefined)
    return status === expected.status ? undefined : `is ${status}, expected ${expected.status}`;
  // With a status asked for, the mock wraps its 406 in a 500.
  if (expected.problem === "NOT_ACCEPTABLE" && status === 500 && body.includes("#NOT_ACCEPTABLE")) return undefined;
  const own = problemOf(subject.response);
  if (status === expected.status && own === expected.problem) return undefined;
  return `is ${status}${own === undefined ? "" : ` ${own}`}, expected ${expected.status} ${expected.problem}`;
}

/** `UNAUTHORIZED` from the type `https://stoplight.io/prism/errors#UNAUTHORIZED`. */
export function problemOf(response: HttpResponse): string | undefined {
  const value = valueIn(response);
  const type = isObject(value) ? value.type : undefined;
  return typeof type === "string" && /\/prism\/errors#/.test(type) ? type.split("#").at(-1) : undefined;
}

/** Statuses that refuse something other than what the request says. */
const ABOUT_OTHERS: ReadonlySet<number> = new Set([403, 404, 405, 406, 408]);

function providerFailure(subject: Subject): string | undefined {
  const { case: one, operation, response } = subject;
  const { status } = response;
  const { expect } = one;
  const declares = (key: string): boolean => operation.responses.some((each) => each.status === key);
  const refusal = status >= 400 && status < 500;
  if (isRouting(one)) return refusal ? undefined : `is ${status}, although there is no such operation`;
  if (expect.is === "unauthorized")
    return status === 401 || (status === 403 && declares("403")) ? undeclared(subject) : `is ${status}, expected 401`;
  if (status === 402 || status === 429) return undeclared(subject);
  if (status === 401) return "is 401, although the key was sent where the document says";
  if (REFUSALS.has(expect.is)) {
    const aboutPath = expect.is === "refused" && expect.causes.some((cause) => cause.place[0] === "path");
    const right = refusal && (!ABOUT_OTHERS.has(status) || (status === 404 && aboutPath));
    return right ? undeclared(subject) : `is ${status}, expected a refusal of the request`;
  }
  const success = status >= 200 && status < 300;
  // A made-up image or id may be refused, in declared form.
  const tolerated = refusal && (one.opaque === true || subject.guessed);
  const noneDeclared = status < 400 && !operation.responses.some((each) => /^2|^default$/.test(each.status));
  if (success || tolerated || noneDeclared) return undeclared(subject);
  const elsewhere = status < 400 ? `; it points to ${response.headers.location ?? "nowhere"} and was not followed` : "";
  return `is ${status}, expected a success${elsewhere}`;
}

function undeclared({ declared, response }: Subject): string | undefined {
  return declared ? undefined : `is ${response.status}, which is not declared`;
}

/** What the account or the moment does not allow says nothing about the request. */
export function untestable({ case: one, mock, response }: Subject): string | undefined {
  if (mock || one.expect.is === "unauthorized" || isRouting(one)) return undefined;
  if (response.status === 402) return "the account has no credits";
  return response.status === 429 ? "the provider limits the rate" : undefined;
}
