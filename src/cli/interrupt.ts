/** Signals that end the command: Ctrl-C, a request to end, and a terminal that was closed. */
import { once } from "node:events";

export const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Does the next of these at each signal; one that comes after the last ends the process. @returns What stops listening. */
export function onInterrupts(...steps: (() => void)[]): () => void {
  const onSignal = (): void => {
    steps.shift()?.();
    if (steps.length === 0) off();
  };
  const off = (): void => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return off;
}

/** Aborts on the first signal; the next one ends the process. */
export function untilInterrupted(): AbortSignal {
  const controller = new AbortController();
  onInterrupts(() => controller.abort());
  return controller.signal;
}

export async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, "abort");
}
