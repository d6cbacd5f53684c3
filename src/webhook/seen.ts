/** Which deliveries arrived before: one that somebody recorded passes every other check. */
import { dropOldest } from "../util/drop-oldest.js";

export interface SeenWebhooks {
  /**
   * Records an id; `true` when it is new. Atomically, so that of two equal deliveries only one passes (Redis: `SET … NX PXAT`).
   *
   * @param until From then on a delivery with this id is too old anyway: the record may be dropped.
   */
  add(id: string, until: Date): boolean | Promise<boolean>;
}

export interface SeenWebhooksOptions {
  /** How many ids are kept; the oldest go first. Default: 10,000. */
  readonly max?: number | undefined;
}

/** Seen ids in the memory of one process. Several processes need a shared store. */
export function seenWebhooks(options: SeenWebhooksOptions = {}): SeenWebhooks {
  const max = options.max ?? 10_000;
  const ids = new Set<string>();
  return {
    add(id) {
      if (ids.has(id)) return false;
      dropOldest(ids.add(id), max);
      return true;
    },
  };
}
