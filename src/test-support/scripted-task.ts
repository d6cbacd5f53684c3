import type { CheckedResponse, WireTaskDetail } from "../api/wire.js";
import type { CallOptions } from "../http/call-options.js";
import type { PollSettings } from "../task/context.js";
import { type Submitted, type TaskHandle, taskHandle } from "../task/handle.js";
import { clientContext, TASK_ID } from "./client-context.js";
import { VirtualTime } from "./virtual-time.js";

export type Step = CheckedResponse<WireTaskDetail> | Error | "hang";

/** A task whose status operation answers by script, the last step for ever, and writes down when it was asked. */
export function scripted(
  steps: readonly Step[],
  options: {
    readonly submitted?: Submitted | false;
    readonly time?: VirtualTime;
    readonly poll?: Partial<PollSettings>;
  } = {},
) {
  const time = options.time ?? new VirtualTime();
  const start = time.now();
  const polls: number[] = [];
  const signals: AbortSignal[] = [];
  const standard = clientContext();
  const context = clientContext({
    time,
    poll: { ...standard.poll, ...options.poll },
    fetchTask: (_id, { signal }: CallOptions) => {
      const step = steps[Math.min(polls.length, steps.length - 1)];
      polls.push(time.now() - start);
      if (signal) signals.push(signal);
      if (step === "hang" || step === undefined) return new Promise(() => {});
      return step instanceof Error ? Promise.reject(step) : Promise.resolve(step);
    },
  });
  const submitted = options.submitted === false ? undefined : (options.submitted ?? { status: "CREATED" });
  const task: TaskHandle = taskHandle(context, TASK_ID, submitted);
  return { time, polls, signals, context, task };
}
