/** After submits with an unknown outcome: what the provider's list says of them. Loaded when it is first used. */
import { ConfigurationError } from "../errors/request-errors.js";
import type { CallEnvironment } from "../http/call.js";
import { type CallOptions, checkCall } from "../http/call-options.js";
import type { KnownSubmit, TaskStore } from "../store/task-store.js";
import type { ListedTask, TaskList } from "../task/task-list.js";
import { A_BOOLEAN, AN_OBJECT, atLeast } from "../util/check-options.js";
import { isObject } from "../util/json.js";
import { isDigestOf, lastSend, stored } from "./submit-once.js";

export interface ReconcileOptions extends CallOptions {
  /**
   * Declares that this store alone submits with this key, this store with no other key or server, and no other process
   * submits right now. Default `false`: the outcome is never `none`.
   */
  readonly exclusive?: boolean | undefined;
  /**
   * Milliseconds after which a task that was made is in the provider's list for certain. Counted from the end of a submit of
   * this process; for others from the time that the store noted, with `retry.total`, `timeout` and five minutes for clocks
   * that differ on top. Default 900,000 (15 minutes).
   */
  readonly settle?: number | undefined;
  /** What knows the submits. Default: the client's `store`. */
  readonly store?: Pick<TaskStore, "submits"> | undefined;
}

/** Why the list proves nothing. */
export type ReconcileReason =
  /** The store has no method `submits`. */
  | "store_cannot_list"
  /** `exclusive` was not declared. */
  | "not_exclusive"
  /** A submit is still being sent by this process. */
  | "in_flight"
  /** `settle` has not passed since one of the submits, or its time lies in the future. */
  | "not_settled"
  /** The store knows no task that is older than the submits: nothing shows that the list goes back so far. */
  | "no_earlier_task"
  /** A task that the store knows is not in the list: it is capped, late, or of another key. */
  | "list_incomplete"
  /** An entry of the list could not be read. */
  | "list_malformed";

/**
 * - `none`: no submit with an unknown outcome made a task, so it is safe to forget them and to submit again.
 * - `candidates`: `tasks` are in the list and the store does not know them. `reasons` say why there may be more of them.
 * - `cannot_say`: the list proves nothing, for these reasons.
 */
export interface Reconciliation {
  readonly outcome: "none" | "candidates" | "cannot_say";
  /** Digests of the submits whose outcome is unknown. */
  readonly digests: readonly string[];
  /** Tasks that one of the submits may have made. */
  readonly tasks: readonly ListedTask[];
  /** Empty for `none`. */
  readonly reasons: readonly ReconcileReason[];
}

/** Milliseconds by which the clocks of those who wrote and read a store may differ. */
export const CLOCK_MARGIN = 300_000;

/** What the decision rests on. */
export interface ReconcileFacts {
  readonly submits: readonly KnownSubmit[];
  /** Of a submit of this process: milliseconds since it ended by the monotonic clock, or that it has not. */
  readonly ended: (submit: KnownSubmit) => number | "in_flight" | undefined;
  readonly list: Pick<TaskList, "unreadable"> & readonly ListedTask[];
  /** The moment before the list was asked for. */
  readonly now: number;
  readonly exclusive: boolean;
  readonly settle: number;
  /** What is added to `settle` where only the store's times are known. */
  readonly margin: number;
}

/** Pure. In doubt never `none`. A list that is capped leaves out the oldest tasks, whatever order it is in. */
export function reconcileTasks(facts: ReconcileFacts): Reconciliation {
  const { submits, ended, list, now, exclusive, settle, margin } = facts;
  const open = submits.filter(({ taskId }) => typeof taskId !== "string");
  const made = submits.filter(({ taskId }) => typeof taskId === "string");
  const digests = [...new Set(open.map(({ digest }) => digest))];
  if (open.length === 0) return { outcome: "none", digests, tasks: [], reasons: [] };
  const idOf = (id: string | undefined): string => String(id).toLowerCase();
  const known = new Set(made.map(({ taskId }) => idOf(taskId)));
  const listed = new Map(list.map((task) => [idOf(task.id), task]));
  const tasks = [...listed].filter(([id]) => !known.has(id)).map(([, task]) => task);
  const first = Math.min(...open.map(({ at }) => at));
  const isSettled = (submit: KnownSubmit): boolean => {
    const passed = ended(submit);
    return typeof passed === "number" ? passed >= settle : now - submit.at >= settle + margin;
  };
  const failed: Readonly<Record<Exclude<ReconcileReason, "store_cannot_list">, boolean>> = {
    not_exclusive: !exclusive,
    in_flight: open.some((submit) => ended(submit) === "in_flight"),
    not_settled: !open.every(isSettled),
    no_earlier_task: !made.some(({ at }) => at < first),
    list_incomplete: ![...known].every((id) => listed.has(id)),
    list_malformed: list.unreadable > 0,
  };
  const reasons = (Object.keys(failed) as (keyof typeof failed)[]).filter((reason) => failed[reason]);
  const outcome = tasks.length > 0 ? "candidates" : reasons.length > 0 ? "cannot_say" : "none";
  return { outcome, digests, tasks, reasons };
}

export async function reconcile(
  { contract, settings }: CallEnvironment,
  listTasks: (options: CallOptions) => Promise<TaskList>,
  options: ReconcileOptions,
): Promise<Reconciliation> {
  checkCall(options, {}, { exclusive: A_BOOLEAN, settle: atLeast(0), store: AN_OBJECT });
  const { exclusive, settle, store: other, ...call } = options;
  const { time, retry, timeout } = settings;
  const store = other ?? settings.store;
  if (store === undefined)
    throw new ConfigurationError("`reconcile` needs a task store: the client has none, and no `store` was passed.");
  if (typeof store.submits !== "function")
    return { outcome: "cannot_say", digests: [], tasks: [], reasons: ["store_cannot_list"] };
  // The list first: what is submitted while it comes is not settled.
  const [now, monotonic] = [time.now(), time.monotonic()];
  const list = await listTasks(call);
  const parts = { contract, settings, options: call };
  const all = await stored(parts, async () => submitsOf(await store.submits?.()), "read", call.signal, {});
  // A store may know submits of several operations, and the list shows the tasks of this one.
  const isOwn = await isDigestOf(contract);
  const submits = all.filter(({ digest }) => isOwn(digest));
  return reconcileTasks({
    submits,
    ended: (submit) => lastSend(store, submit, monotonic),
    list,
    now,
    exclusive: exclusive ?? false,
    settle: settle ?? 900_000,
    margin: CLOCK_MARGIN + retry.total + (call.timeout ?? timeout),
  });
}

/** The store may be of the caller's making, and what it cannot list must not count as nothing. */
function submitsOf(value: unknown): readonly KnownSubmit[] {
  if (Array.isArray(value) && value.every((entry) => isObject(entry) && typeof entry.digest === "string")) return value;
  throw new TypeError("its `submits` gave something else than a list of submits");
}
