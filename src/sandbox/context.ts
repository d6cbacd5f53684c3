/** What the parts of a running sandbox share, and what a response is made from. */
import type { keyOwners, rateLimiter } from "./access.js";
import type { FaultPlan } from "./faults.js";
import type { Step } from "./life-cycle.js";
import type { Log, RequestEntry } from "./log.js";
import type { ResolvedOptions } from "./options.js";
import type { Route } from "./route.js";
import type { Store } from "./store.js";
import type { Tasks } from "./tasks.js";

export interface Context extends Omit<ResolvedOptions, "keys"> {
  readonly webhooks: ResolvedOptions["webhooks"] & { readonly secret: string };
  readonly store: Store;
  readonly log: Log;
  /** Signs result URLs. */
  readonly signingSecret: string;
  /** Fires when the sandbox closes. */
  readonly closing: AbortSignal;
  /** Where the sandbox can be reached. */
  readonly origin: () => string;
}

export interface RequestContext extends Context {
  readonly keys: ReturnType<typeof keyOwners>;
  readonly limiter: ReturnType<typeof rateLimiter>;
  readonly tasks: Tasks;
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
