/** What the parts of one running sandbox share. */
import type { Log } from "./log.js";
import type { ResolvedOptions } from "./options.js";
import type { Store } from "./store.js";

export interface Context extends Omit<ResolvedOptions, "keys"> {
  readonly webhooks: ResolvedOptions["webhooks"] & { readonly secret: string };
  readonly store: Store;
  readonly log: Log;
  readonly signingSecret: string;
  /** Fires when the sandbox closes. */
  readonly closing: AbortSignal;
  /** Where the sandbox can be reached. */
  readonly origin: () => string;
}
