/** One request, and what its response is made from. */
import type { keyOwners, rateLimiter } from "./access.js";
import type { Context } from "./context.js";
import type { FaultPlan } from "./faults.js";
import type { Step } from "./life-cycle.js";
import type { RequestEntry } from "./log.js";
import type { Route, router } from "./route.js";
import type { Tasks } from "./tasks.js";

export interface RequestContext extends Context {
  readonly keys: ReturnType<typeof keyOwners>;
  readonly limiter: ReturnType<typeof rateLimiter>;
  readonly tasks: Tasks;
  readonly routeOf: ReturnType<typeof router>;
  readonly plan: FaultPlan;
  /** Scripted life cycles, the next one first. */
  readonly scripts: (readonly Step[])[];
}

/** A request, and what becomes known of it for the log. */
export interface Call {
  readonly request: Request;
  readonly url: URL;
  readonly route: Route;
  /** Of the key, where it is accepted. */
  readonly owner: string | undefined;
  readonly seen: { -readonly [Name in keyof Pick<RequestEntry, "key" | "body" | "reason">]: RequestEntry[Name] };
}
