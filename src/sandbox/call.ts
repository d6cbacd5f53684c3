/** One request, and what its response is made from. */
import type { KeyOwners, RateLimiter } from "./access.js";
import type { Context } from "./context.js";
import type { FaultPlan } from "./faults.js";
import type { Step } from "./life-cycle.js";
import type { RequestEntry } from "./log.js";
import type { Route } from "./route.js";
import type { Tasks } from "./tasks.js";

export interface RequestContext extends Context {
  readonly keys: KeyOwners;
  readonly limiter: RateLimiter;
  readonly tasks: Tasks;
  readonly plan: FaultPlan;
  /** Scripted life cycles, the next one first. */
  readonly scripts: (readonly Step[])[];
}

type Seen = Pick<RequestEntry, "key" | "body" | "reason">;

/** A request, and what becomes known of it for the log. */
export interface Call {
  readonly request: Request;
  readonly url: URL;
  readonly route: Route;
  readonly seen: { -readonly [Name in keyof Seen]: Seen[Name] };
}
