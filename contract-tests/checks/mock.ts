/** Checks of what the mock reports about a request and about its own response, in the header `sl-violations`. */
import { pointerOf } from "../../openapi/document/pointer.js";
import { isObject, type JsonObject } from "../../openapi/document/types.js";
import type { Case, Cause } from "../cases/case.js";
import type { HttpResponse } from "../targets/exchange.js";
import type { Check } from "./check.js";
import { problemOf } from "./expected.js";
import { valueIn } from "./value.js";

interface Reported {
  readonly side: string;
  readonly place: readonly string[];
  readonly rule: string;
  readonly message: string;
}

/** Problems of the mock's own that stand for one rule, by the end of their type. */
const RULES: Readonly<Record<string, string>> = { UNAUTHORIZED: "401", INVALID_CONTENT_TYPE: "415" };

const UNREADABLE = "the mock's list of violations is too long to read";

/** @returns `undefined` for a truncated list: the header holds 8 kB. */
function reported(response: HttpResponse): Reported[] | undefined {
  const text = response.headers["sl-violations"];
  if (text === undefined) return reportedInProblem(response);
  try {
    return (JSON.parse(text) as JsonObject[]).map((each) => {
      const [side = "", ...place] = strings(each.location);
      return { side, place, rule: String(each.code ?? ""), message: String(each.message ?? "") };
    });
  } catch {
    return undefined;
  }
}

/** Where the document declares no response to a refused request, the mock makes one up and reports the causes in its body. */
function reportedInProblem(response: HttpResponse): Reported[] {
  const value = valueIn(response);
  const problem = problemOf(response);
  if (problem === undefined || !isObject(value)) return [];
  if (Array.isArray(value.validation))
    return value.validation.filter(isObject).map(({ location, code, message }) => ({
      side: "request",
      place: strings(location),
      rule: String(code),
      message: String(message),
    }));
  const rule = RULES[problem];
  return rule === undefined ? [] : [{ side: "request", place: [], rule, message: String(value.detail ?? problem) }];
}

function strings(list: unknown): string[] {
  return Array.isArray(list) ? list.map(String) : [];
}

/** Whether the mock found something wrong with the request. */
export function wasRefused(response: HttpResponse): boolean {
  return reported(response)?.some((each) => each.side === "request") ?? true;
}

/** What a refusal must be reported for; `undefined` where the case is not a refusal, or the mock reports no cause. */
function wantedCauses({ expect }: Case): readonly Cause[] | undefined {
  if (expect.is === "refused") return expect.causes;
  if (expect.is === "wrong media type") return [{ place: [], rule: "415" }];
  return expect.is === "unauthorized" ? [{ place: [], rule: "401" }] : undefined;
}

/** An invalid request is refused for its one fault and for nothing else. */
export const cause: Check = {
  name: "cause",
  holds: "An invalid request is refused for its one fault, and for nothing else.",
  run: ({ case: one, response, mock }) => {
    const wanted = mock ? wantedCauses(one) : undefined;
    if (!wanted) return [];
    const list = reported(response);
    if (!list) return [UNREADABLE];
    const within = one.expect.is === "refused" && one.expect.within;
    const own = list.filter((each) => each.side === "request");
    const missing = wanted.filter((each) => !own.some((other) => keyOf(other) === keyOf(each)));
    const places = wanted.map((each) => each.place.join("."));
    const others = own.filter((each) => {
      const place = each.place.join(".");
      // Where a schema branches the tools count differently: one of the causes must be there, and none elsewhere.
      const near = within && places.some((known) => known.startsWith(place) || place.startsWith(known));
      return !near && !wanted.some((other) => keyOf(other) === keyOf(each));
    });
    return [
      ...(missing.length > (within ? wanted.length - 1 : 0)
        ? [`was not refused for ${missing.map(labelOf).join(", ")}`]
        : []),
      ...others.map((each) => `was refused for ${labelOf(each)}, too: ${each.message}`),
    ];
  },
};

/** The mock finds nothing wrong with a valid request, nor with any response of its own. */
export const ownViolation: Check = {
  name: "mock's own violation",
  holds: "The mock itself finds nothing wrong with a valid request, nor with its response.",
  run: (subject) => {
    if (!subject.mock) return [];
    const valid = subject.case.expect.is === "success" || subject.case.expect.is === "response";
    const list = reported(subject.response);
    if (!list) return valid ? [UNREADABLE] : [];
    const value = valueIn(subject.response) ?? null;
    const { flaws } = subject.contract;
    const known = ({ side, place: [part, ...steps] }: Reported): boolean => {
      if (side !== "response") return false;
      if (part === "header") return flaws.explain(subject.response.headers[steps[0] ?? ""] ?? null, "");
      return part === "body" && flaws.explain(value, pointerOf(steps));
    };
    return list
      .filter((each) => (valid || each.side !== "request") && !known(each))
      .map(({ side, place, message }) => `${[side, ...place].join(".")}: ${message}`);
  },
};

function keyOf({ place, rule }: Cause): string {
  return `${place.join(".")} ${rule}`;
}

function labelOf({ place, rule }: Cause): string {
  return `${rule} at ${place.length === 0 ? "the request" : place.join(".")}`;
}
