import { describe, expect, it } from "vitest";
import { checkFault, type Fault, FaultPlan, parseFault } from "../faults.js";
import type { RouteName } from "../route.js";

const ROUTES: readonly RouteName[] = ["submit", "read", "list", "result", "page", "unknown"];

describe("a fault as a header", () => {
  it.each(["reset", "stall", "truncated", "html", "error", "rate_limited", "redirect"])(
    "may be the name %s",
    (kind) => {
      expect(parseFault(kind)).toEqual({ kind });
      expect(parseFault(`  ${kind} `)).toEqual({ kind });
    },
  );

  it.each(["", "delay", "quake", "Reset", "reset,html", "{", '{"kind":"quake"}', '["reset"]', '"reset"'])(
    "is none as %j",
    (header) => expect(parseFault(header)).toBeUndefined(),
  );

  it("may be JSON with everything that a fault can say", () => {
    const scope = { on: "submit", times: 2, skip: 0, handled: true };
    const faults: Fault[] = [
      { kind: "reset", afterBytes: 0, ...scope } as Fault,
      { kind: "delay", ms: 0, on: "any" },
      { kind: "rate_limited", retryAfter: "", reset: 3, message: "slow", on: "read" },
      { kind: "redirect", location: "/x", status: 307, on: "list" },
      { kind: "html", status: 500, on: "result" },
    ];
    for (const fault of faults) expect(parseFault(` ${JSON.stringify(fault)}`)).toEqual(fault);
  });
});

describe("a fault", () => {
  it.each([
    [null, 'A fault needs a "kind": reset, stall, truncated, html, error, rate_limited, redirect, delay.'],
    [undefined, 'needs a "kind"'],
    ["reset", 'needs a "kind"'],
    [{}, 'needs a "kind"'],
    [{ kind: "toString" }, 'needs a "kind"'],
    [{ kind: "error", statuss: 500 }, 'A fault has no field "statuss".'],
    [{ kind: "error", on: "page" }, '"on" of a fault must be one of submit, read, list, result, any.'],
    [{ kind: "delay" }, 'A delay needs "ms".'],
    ...["times", "skip", "afterBytes", "ms", "status", "reset"].flatMap((name): [unknown, string][] =>
      [-1, Number.NaN, Number.POSITIVE_INFINITY, "1", null].map((value) => [
        { kind: "error", [name]: value },
        `"${name}" of a fault must be a number of at least 0.`,
      ]),
    ),
  ])("is not %j", (value, message) => {
    expect(() => checkFault(value)).toThrow(RangeError);
    expect(() => checkFault(value)).toThrow(message);
  });

  it("is handed back as it was given", () => {
    const fault = { kind: "error", status: 0, times: 0, skip: 0 };
    expect(checkFault(fault)).toBe(fault);
  });
});

describe("a plan of faults", () => {
  const planOf = (...faults: Fault[]): FaultPlan => {
    const plan = new FaultPlan();
    for (const fault of faults) plan.add(fault);
    return plan;
  };
  const kinds = (plan: FaultPlan, ...routes: RouteName[]) => routes.map((route) => plan.take(route)?.kind);

  it("takes no fault that is none", () => {
    expect(() => new FaultPlan().add({ kind: "delay" } as Fault)).toThrow(RangeError);
  });

  it.each(["submit", "read", "list", "result"] as const)("plays one for %s on nothing else, once", (on) => {
    const plan = planOf({ kind: "error", on });
    const others = ROUTES.filter((route) => route !== on);
    expect(kinds(plan, ...others)).toEqual(others.map(() => undefined));
    expect(kinds(plan, on, on)).toEqual(["error", undefined]);
  });

  it("plays one for anything on the first request of the API or of a result", () => {
    for (const on of [undefined, "any"] as const)
      for (const route of ROUTES) {
        const plan = planOf({ kind: "html", ...(on === undefined ? {} : { on }) });
        const expected = route === "page" || route === "unknown" ? undefined : "html";
        expect(kinds(plan, route)).toEqual([expected]);
      }
  });

  it("lets so many pass, then meets so many", () => {
    const plan = planOf({ kind: "error", on: "submit", skip: 2, times: 2 });
    const met = kinds(plan, "submit", "read", "submit", "submit", "read", "submit", "submit");
    expect(met).toEqual([undefined, undefined, undefined, "error", undefined, "error", undefined]);
  });

  it("plays several in the order in which they were planned, each one to its end", () => {
    const plan = planOf(
      { kind: "error", times: 2 },
      { kind: "stall", on: "read", skip: 1 },
      { kind: "html", on: "list" },
      { kind: "reset" },
    );
    const met = kinds(plan, "list", "list", "list", "read", "read", "read");
    expect(met).toEqual(["error", "error", "html", "reset", "stall", undefined]);
  });
});
