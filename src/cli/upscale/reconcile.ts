/** `magnific resume --reconcile`: looks in the provider's list for what became of sends with an unknown outcome. */
import { dirname } from "node:path";
import { type BatchReconciliation, reconcileBatch } from "../../batch/reconcile.js";
import type { TaskContract } from "../../contract/contract.js";
import type { TaskOperation } from "../../submit/operation.js";
import type { ReconcileReason } from "../../submit/reconcile.js";
import { type Shell, tell } from "../commands/command.js";
import { EXIT } from "../exit.js";
import { onInterrupts } from "../interrupt.js";
import { countText, plain } from "../terminal.js";

export interface ReconcileFlags {
  readonly reconcile?: boolean;
  readonly exclusiveKey?: boolean;
  /** Milliseconds. */
  readonly settle?: number;
  readonly dryRun?: boolean;
}

const REASONS: Readonly<Record<ReconcileReason, string>> = {
  store_cannot_list: "the journal cannot list its tasks",
  not_exclusive:
    "other programs may use this key: declare with --exclusive-key that only this batch does, and that it uses no other key",
  in_flight: "an image is still being sent",
  not_settled: "too little time has passed since one of the sends (--settle): try again later",
  no_earlier_task: "the batch has no task from before these sends, which would show that the list goes back so far",
  list_incomplete: "a task of this batch is not in the list: it is capped, late, or of another key",
  list_malformed: "an entry of the list could not be read",
};

/** @returns The exit code where the batch is not to be resumed. */
export async function reconcileFirst(
  shell: Shell,
  client: TaskOperation<TaskContract>,
  journal: string,
  { exclusiveKey, settle, dryRun }: ReconcileFlags,
): Promise<number | undefined> {
  const interrupted = new AbortController();
  const off = onInterrupts(() => interrupted.abort());
  const how = { exclusive: exclusiveKey, settle, record: dryRun !== true, signal: interrupted.signal };
  const found = await reconcileBatch({ client, out: dirname(journal), journal, ...how }).finally(off);
  const { outcome, sources, tasks, reasons } = found;
  const lines = [
    ...sources.map((source) => `unknown   ${plain(source)}`),
    ...tasks.map(({ id, status }) => `candidate ${plain(id)}  ${plain(status)}`),
  ];
  tell(shell, { event: "reconciled", outcome, sources, tasks, reasons }, ...(outcome === "none" ? [] : lines));
  shell.terminal.say(sentenceFor(found));
  for (const reason of reasons) shell.terminal.say(`- ${REASONS[reason]}`);
  return outcome === "none" ? undefined : EXIT.unknown;
}

function sentenceFor({ outcome, digests, tasks, reasons }: BatchReconciliation): string {
  const images = countText(digests.length, "image");
  if (outcome === "none") return `No task exists of ${images} with an unknown outcome: nothing was paid for.`;
  if (outcome === "cannot_say") return `It cannot be said whether ${images} with an unknown outcome made a task:`;
  const which = `${countText(tasks.length, "task")} may be of ${images} with an unknown outcome. Look at them with`;
  const more = reasons.length > 0 ? " There may be more, or they are not of this batch:" : "";
  return `${which} \`magnific status\` or \`magnific download\`; nothing was retried.${more}`;
}
