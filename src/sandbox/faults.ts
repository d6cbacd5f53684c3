/** What goes wrong on the way, as plain data. */
import type { RouteName } from "./route.js";

/** Which requests a fault applies to. */
export interface SandboxFaultScope {
  /** The kind of request. Default: "any", which is every request of the API and every download of a result. */
  readonly on?: "submit" | "read" | "list" | "result" | "any";
  /** How many matching requests fail. Default: 1. */
  readonly times?: number;
  /** How many matching requests pass first. Default: 0. */
  readonly skip?: number;
  /** Whether the request takes effect first: a submit whose response is lost, yet whose task costs. Default: false. */
  readonly handled?: boolean;
}

/** What the client sees instead of the response, or of the end of it. */
export type SandboxFaultKind =
  /** The connection is reset; with `afterBytes`, after the head and that many bytes of the body were sent. */
  | { readonly kind: "reset"; readonly afterBytes?: number }
  /** Nothing more is sent, and the connection stays open; with `afterBytes`, after that many bytes of the body. */
  | { readonly kind: "stall"; readonly afterBytes?: number }
  /** The first half of the JSON, correctly framed. Always handled. */
  | { readonly kind: "truncated" }
  /** An HTML page, as a proxy in between sends. `status` defaults to 502. */
  | { readonly kind: "html"; readonly status?: number }
  /** An error in the declared shape. `status` defaults to 503. */
  | { readonly kind: "error"; readonly status?: number; readonly message?: string }
  /** 429 with its headers. `retryAfter` in seconds or as a date; default "1"; "" leaves it out. `reset` in seconds; default 1. */
  | { readonly kind: "rate_limited"; readonly retryAfter?: string; readonly reset?: number; readonly message?: string }
  /** A redirect to `location`, by default to another path of the sandbox. `status` defaults to 302. */
  | { readonly kind: "redirect"; readonly location?: string; readonly status?: 301 | 302 | 303 | 307 | 308 }
  /** The response is sent `ms` milliseconds late. Always handled. */
  | { readonly kind: "delay"; readonly ms: number };

export type SandboxFault = SandboxFaultKind & SandboxFaultScope;

/** The kinds, and the fields that each has besides those of its scope. */
const KINDS: Readonly<Record<SandboxFaultKind["kind"], readonly string[]>> = {
  reset: ["afterBytes"],
  stall: ["afterBytes"],
  truncated: [],
  html: ["status"],
  error: ["status", "message"],
  rate_limited: ["retryAfter", "reset", "message"],
  redirect: ["location", "status"],
  delay: ["ms"],
};
const AMOUNTS: readonly string[] = ["times", "skip", "afterBytes", "ms", "reset"];
export const FAULT_KINDS: readonly string[] = Object.keys(KINDS);
export const FAULT_TARGETS: readonly string[] = ["submit", "read", "list", "result", "any"];

/** A fault from the request header: the name of a kind, or JSON. @throws {Error} that says what is wrong. */
export function parseFault(header: string): SandboxFault {
  return checkFault(header.startsWith("{") ? JSON.parse(header) : { kind: header });
}

/** The value as a fault. @throws {RangeError} that says what is wrong. */
export function checkFault(value: unknown): SandboxFault {
  const fault = value as SandboxFault;
  if (typeof value !== "object" || value === null || !Object.hasOwn(KINDS, fault.kind))
    throw new RangeError(`A fault needs a "kind": ${FAULT_KINDS.join(", ")}.`);
  const fields = ["kind", ...KINDS[fault.kind], "on", "times", "skip", "handled"];
  for (const [name, field] of Object.entries(value)) {
    if (!fields.includes(name))
      throw new RangeError(`A fault of kind "${fault.kind}" has no field "${name}". It has: ${fields.join(", ")}.`);
    if (field === undefined) continue;
    if (name === "status" && !(Number.isFinite(field) && field >= 200 && field <= 599))
      throw new RangeError('"status" of a fault must be a number from 200 to 599.');
    if (AMOUNTS.includes(name) && !(Number.isFinite(field) && field >= 0))
      throw new RangeError(`"${name}" of a fault must be a number of at least 0.`);
  }
  if (fault.on !== undefined && !FAULT_TARGETS.includes(fault.on))
    throw new RangeError(`"on" of a fault must be one of ${FAULT_TARGETS.join(", ")}.`);
  if (fault.kind === "delay" && fault.ms === undefined) throw new RangeError('A fault of kind "delay" needs "ms".');
  return fault;
}

/** Whether the request is handled before the fault: for some faults there has to be a response. */
export function isHandled(fault: SandboxFault): boolean {
  const breaksWithin = "afterBytes" in fault && fault.afterBytes !== undefined;
  return fault.handled === true || fault.kind === "truncated" || fault.kind === "delay" || breaksWithin;
}

/** Faults that wait for their requests. */
export class FaultPlan {
  readonly #planned: { readonly fault: SandboxFault; skip: number; times: number }[] = [];

  constructor(faults: readonly SandboxFault[]) {
    for (const fault of faults) this.add(fault);
  }

  /** @throws {RangeError} when it is not a fault. */
  add(fault: SandboxFault): void {
    checkFault(fault);
    this.#planned.push({ fault, skip: fault.skip ?? 0, times: fault.times ?? 1 });
  }

  /** The fault for this request, which is thereby used up. */
  take(route: RouteName): SandboxFault | undefined {
    if (route === "page" || route === "unknown") return undefined;
    const applies = ({ on = "any" }: SandboxFault) => on === "any" || on === route;
    const plan = this.#planned.find((each) => applies(each.fault) && each.skip-- <= 0);
    if (plan !== undefined && --plan.times < 1) this.#planned.splice(this.#planned.indexOf(plan), 1);
    return plan?.fault;
  }
}
