/** Sends a request only while `maxSubmits` allows it. */
import { submitOf } from "../contract/contract.js";
import { MagnificError } from "../errors/magnific-error.js";
import { SubmitLimitError } from "../errors/request-errors.js";
import { type Settings, secretsOf } from "../options.js";
import { memoryCounter, type Reservation, type TaskStore } from "../store/task-store.js";
import type { TaskHandle } from "../task/handle.js";
import { redactText } from "../util/redact.js";
import { madeNoTask, type OnceParts, stored } from "./submit-once.js";

interface LimitParts extends Pick<OnceParts, "contract" | "settings" | "prepared" | "options" | "idle"> {
  readonly maxSubmits: number;
  /** The store that counts. */
  readonly counting: TaskStore | undefined;
  readonly digest: string | undefined;
  readonly send: (digest?: string) => Promise<TaskHandle>;
}

/** What each client has counted itself: a store or journal that is new, or was removed, does not know it. */
const counters = new WeakMap<Settings, NonNullable<TaskStore["reserve"]>>();

export async function submitWithin(parts: LimitParts): Promise<TaskHandle> {
  const { contract, settings, prepared, maxSubmits, counting, idle, digest } = parts;
  const facts = { operation: submitOf(contract), digest };
  const own = counters.get(settings) ?? memoryCounter("in this client");
  counters.set(settings, own);
  const releases: (() => Promise<void>)[] = [];
  let over = false;
  const reserve = async (count: NonNullable<TaskStore["reserve"]>): Promise<void> => {
    const ask = async (): Promise<Reservation> => {
      const answer = await count(maxSubmits);
      // It may come when nobody waits for it any more.
      if (over) await answer.release?.();
      else if (answer.release !== undefined) releases.push(answer.release);
      return answer;
    };
    const { used, where, release } = await stored(parts, ask, "written", idle, { ...facts, submission: "not_sent" });
    const place = redactText(String(where ?? "in the task store"), secretsOf(settings));
    if (release === undefined) throw new SubmitLimitError(maxSubmits, used, place, facts);
  };
  try {
    if (counting?.reserve) await reserve(counting.reserve.bind(counting));
    await reserve(own);
    return await parts.send(digest);
  } catch (error) {
    await prepared.body.close();
    over = error instanceof MagnificError && madeNoTask(error);
    // What is left counted wrongly allows less, never more.
    for (const release of over ? releases : [])
      await stored(parts, release, "written", parts.options.signal, facts).catch(() => undefined);
    throw error;
  }
}
