/** What became of the sends of a batch whose outcome is unknown. */
import type { KnownSubmit } from "../store/task-store.js";
import type { ReconcileOptions, Reconciliation } from "../submit/reconcile.js";
import { resolvePlaces } from "./job.js";
import { Journal } from "./journal/journal.js";
import type { Sent } from "./journal/state.js";
import type { AnySettings } from "./options.js";

export interface ReconcileBatchOptions
  extends Pick<AnySettings, "client" | "out" | "journal">,
    Omit<ReconcileOptions, "store"> {
  /** Whether `none` is written to the journal, so that the next run sends those images again. Default `true`. */
  readonly record?: boolean | undefined;
}

/** As `magnific.reconcile` has it, with the images. */
export interface BatchReconciliation extends Reconciliation {
  /** The sources whose send has an unknown outcome, as the journal has them: relative to its folder. */
  readonly sources: readonly string[];
}

/**
 * As `magnific.reconcile`, with the journal of a batch for a store. While it runs no other process can send with that journal.
 * @throws {BatchError} when the journal cannot be used. @throws as `magnific.tasks` does.
 */
export async function reconcileBatch(options: ReconcileBatchOptions): Promise<BatchReconciliation> {
  const { client, out, journal: path, record, ...how } = options;
  const journal = await Journal.open(resolvePlaces({ client, out, journal: path }, []).journal, Date.now());
  try {
    const { tasks, digests, sources } = journal.state;
    const submits: KnownSubmit[] = [...tasks].map(([taskId, at]) => ({ digest: "", taskId, at }));
    for (const [digest, sent] of digests)
      for (let one: Sent | undefined = sent; one?.state === "sending"; one = one.before)
        submits.push({ digest, at: one.at });
    const found = await client.reconcile({ ...how, store: { submits: async () => submits } });
    const named = [...sources].filter(([, { digest }]) => found.digests.includes(digest)).map(([source]) => source);
    if (found.outcome === "none" && record !== false)
      for (const digest of found.digests)
        while (digests.get(digest)?.state === "sending")
          await journal.append({ type: "refused", at: Date.now(), digest });
    return { ...found, sources: named };
  } finally {
    await journal.close();
  }
}
