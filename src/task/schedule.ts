/** When a wait polls. Pure. */
import type { PollSettings } from "./context.js";

/**
 * Milliseconds from one poll to the next.
 *
 * @param polls How many of these delays have passed: 0 gives `first`, each further one `factor` times more, up to `max`.
 * @param random From 0 to 1; spreads the delay by `jitter` up and down, so that many waits do not poll in step.
 */
export function pollDelay(settings: PollSettings, polls: number, random: number): number {
  const delay = Math.min(settings.max, settings.first * settings.factor ** polls);
  return delay * (1 + settings.jitter * (2 * random - 1));
}
