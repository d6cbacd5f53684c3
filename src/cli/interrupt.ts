/** Signals that end the command: Ctrl-C, a request to end, and a terminal that was closed. */

export const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Aborts on the first signal; the next one ends the process.
 *
 * @param first Called for the first in its place.
 */
export function untilInterrupted(first?: () => void): AbortSignal {
  const controller = new AbortController();
  let gentle = first;
  const onSignal = (): void => {
    if (gentle !== undefined) {
      gentle();
      gentle = undefined;
      return;
    }
    for (const signal of SIGNALS) process.off(signal, onSignal);
    controller.abort();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return controller.signal;
}
