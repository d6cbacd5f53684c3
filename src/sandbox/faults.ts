/** What goes wrong on the way, as data. */
import type { RouteName } from "./route.js";

/** Which requests a fault meets, and how often. */
export interface FaultScope {
  /** The kind of request. Default: "any" that belongs to the API or is a result download. */
  readonly on?: "submit" | "read" | "list" | "result" | "any";
  /** How many matching requests it meets. Default: 1. */
  readonly times?: number;
  /** Matching requests let through first. Default: 0. */
  readonly skip?: number;
  /**
   * Whether the request takes effect before the fault: a submit whose answer is lost, yet whose task runs and costs.
   * Default: false.
   */
  readonly handled?: boolean;
}

/** What the client gets to see instead of the answer, or of its end. */
export type FaultKind =
  /** The connection is reset; with `afterBytes`, once the head and so many bytes of the answer's body are out. */
  | { readonly kind: "reset"; readonly afterBytes?: number }
  /** Nothing more comes, and the connection stays open; with `afterBytes`, after so many bytes of the body. */
  | { readonly kind: "stall"; readonly afterBytes?: number }
  /** The answer's JSON, cut in half but properly framed. Always handled. */
  | { readonly kind: "truncated" }
  /** An edge's HTML page. `status` defaults to 502. */
  | { readonly kind: "html"; readonly status?: number }
  /** An error in the declared shape. `status` defaults to 503. */
  | { readonly kind: "error"; readonly status?: number; readonly message?: string }
  /** 429 with its headers. `retryAfter` in seconds or as a date; default "1"; "" leaves it out. `reset` in seconds: 1. */
  | { readonly kind: "rate_limited"; readonly retryAfter?: string; readonly reset?: number; readonly message?: string }
  /** A redirect to `location`, by default to another path of the sandbox. `status` defaults to 302. */
  | { readonly kind: "redirect"; readonly location?: string; readonly status?: 301 | 302 | 303 | 307 | 308 }
  /** The answer comes `ms` milliseconds late. Always handled. */
  | { readonly kind: "delay"; readonly ms: number };

export type Fault = FaultKind & FaultScope;

const KINDS: ReadonlySet<string> = new Set([
  "reset",
  "stall",
  "truncated",
  "html",
  "error",
  "rate_limited",
  "redirect",
  "delay",
] satisfies FaultKind["kind"][]);

const TARGETS: ReadonlySet<string> = new Set(["submit", "read", "list", "result", "any"]);

/** What a fault of any kind may say besides its kind; a misspelt one would be played in another way than meant. */
const FIELDS: ReadonlySet<string> = new Set([
  "kind",
  "on",
  "times",
  "skip",
  "handled",
  "afterBytes",
  "status",
  "message",
  "retryAfter",
  "reset",
  "location",
  "ms",
]);

/** A fault from the request header: a kind alone, or JSON. `undefined` when it is neither. */
export function parseFault(header: string): Fault | undefined {
  const text = header.trim();
  if (!text.startsWith("{")) return text !== "delay" && KINDS.has(text) ? ({ kind: text } as Fault) : undefined;
  try {
    return checkFault(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** The value as a fault. Throws a RangeError that says what is wrong. */
export function checkFault(value: unknown): Fault {
  const fault = value as Fault;
  if (typeof value !== "object" || value === null || !KINDS.has(fault.kind)) {
    throw new RangeError(`A fault needs a "kind": ${[...KINDS].join(", ")}.`);
  }
  const strange = Object.keys(value).find((name) => !FIELDS.has(name));
  if (strange !== undefined) throw new RangeError(`A fault has no field "${strange}".`);
  if (fault.on !== undefined && !TARGETS.has(fault.on))
    throw new RangeError(`"on" of a fault must be one of ${[...TARGETS].join(", ")}.`);
  for (const name of ["times", "skip", "afterBytes", "ms", "status", "reset"]) {
    const number = (value as Record<string, unknown>)[name];
    if (number !== undefined && !(Number.isFinite(number) && Number(number) >= 0)) {
      throw new RangeError(`"${name}" of a fault must be a number of at least 0.`);
    }
  }
  if (fault.kind === "delay" && fault.ms === undefined) throw new RangeError('A delay needs "ms".');
  return fault;
}

/** Faults waiting for their requests. */
export class FaultPlan {
  readonly #planned: { readonly fault: Fault; skip: number; times: number }[] = [];

  add(fault: Fault): void {
    checkFault(fault);
    this.#planned.push({ fault, skip: fault.skip ?? 0, times: fault.times ?? 1 });
  }

  /** The fault for this request, which is thereby used up. */
  take(route: RouteName): Fault | undefined {
    if (route === "page" || route === "unknown") return undefined;
    for (const [index, plan] of this.#planned.entries()) {
      const on = plan.fault.on ?? "any";
      if (on !== "any" && on !== route) continue;
      if (plan.skip > 0) {
        plan.skip--;
        continue;
      }
      if (plan.times <= 1) this.#planned.splice(index, 1);
      else plan.times--;
      return plan.fault;
    }
    return undefined;
  }
}
