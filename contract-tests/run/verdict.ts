/** What a run says nothing about: cases whose base was refused, and whole runs in which nothing could be learnt. */
import { grouped } from "./group.js";
import type { Result } from "./run.js";

const refusedAs = ({ outcome, violations, status = 0 }: Result): boolean =>
  outcome === "violates" && status >= 400 && violations.some(({ check }) => check === "status");

/** Where a valid request is refused, what was made from it cannot be tested: a reason once, and not a violation each. */
export function blocked(results: readonly Result[]): readonly Result[] {
  const bases = grouped(results.filter(isBase), ({ case: one }) => `${one.operation} ${sizeOf(one.id)}`);
  return results.map((result) => {
    const { case: one, violations, outcome } = result;
    if (isBase(result) || outcome === "untestable" || /^(?:security|routing)$/.test(one.kind)) return result;
    const whole = one.place?.[0] !== undefined && one.place[0] !== "header" && !one.id.endsWith("alone");
    const size = whole ? "full" : "smallest";
    const own = bases.get(`${one.operation} ${size}`) ?? bases.get(`${one.operation} smallest`) ?? [];
    const [base] = own;
    if (!base || !own.every(refusedAs)) return result;
    // What passes in spite of it, or must not have passed, says something by itself.
    const valid = one.expect.is === "success" || one.expect.is === "response";
    if ((valid && outcome === "conforms") || violations.some(({ check }) => check === "accepted")) return result;
    const reason = `the valid request that it is made from is refused with ${base.status}: "${base.case.id}"`;
    return { ...result, outcome: "untestable" as const, violations: [], reason };
  });
}

function isBase({ case: { kind, id } }: Result): boolean {
  return kind === "positive" && / · positive · (?:smallest|full)$/.test(id);
}

function sizeOf(id: string): string {
  return id.endsWith("full") ? "full" : "smallest";
}

/** Statuses that speak of the account or the moment, and not of the request. */
const BLANKET: Readonly<Record<number, string>> = {
  401: "the key is not accepted",
  402: "the account has no credits",
  403: "the key may not do this",
  429: "the rate is limited",
};

/**
 * Why a run against a provider is neither a pass nor a failure; `undefined` where it is one of them.
 *
 * @param replay some cases alone, among which there need be no valid request.
 */
export function inconclusive(results: readonly Result[], required: number, replay = false): string | undefined {
  const sendable = results.filter(({ case: one }) => one.mockOnly === undefined);
  // An id that the provider does not know says nothing about the account.
  const valid = sendable.filter(
    ({ case: one, status }) => one.expect.is === "success" && status !== undefined && status !== 404,
  );
  for (const [what, own] of [
    ["every valid request", valid],
    ["every valid request that may cost something", valid.filter((each) => each.case.mayStart)],
  ] as const) {
    const [status, ...others] = new Set(own.map((each) => each.status));
    const why = status === undefined || others.length > 0 ? undefined : BLANKET[status];
    if (why) return `${what} was answered with ${status}: ${why}`;
  }
  if (replay && results.some(({ outcome }) => outcome !== "untestable")) return undefined;
  if (valid.length === 0) return "no valid request was sent and answered";
  const tested = sendable.filter(({ outcome }) => outcome !== "untestable").length;
  const share = (100 * tested) / Math.max(1, sendable.length);
  if (share >= required) return undefined;
  return `${tested} of ${sendable.length} cases were tested, ${share.toFixed(1)} %, and ${required} % are required`;
}
