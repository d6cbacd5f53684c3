/** Ctrl-C in a batch: the first stops sending, the second leaves tasks to the next run, a third exits at once. */
import type { BatchEvent, BatchResult } from "../../batch/options.js";
import { EXIT } from "../exit.js";
import { SIGNALS } from "../interrupt.js";
import { countText, plain, type Terminal } from "../terminal.js";

export interface Interrupt {
  /** Nothing more is to be sent. */
  readonly stop: AbortSignal;
  /** Waits and downloads are to end too. */
  readonly hard: AbortSignal;
  event(event: BatchEvent): void;
  result(result: BatchResult): void;
  end(): void;
}

/** @param aside Prints something where it does not disturb what is drawn. */
export function interruptOf(terminal: Terminal, aside: (work: () => void) => void): Interrupt {
  const stop = new AbortController();
  const hard = new AbortController();
  const underWay = new Set<string>();
  const sending = new Set<string>();
  const say = (line: string): void => aside(() => terminal.say(line));
  const onSignal = (): void => {
    const images = countText(underWay.size, "image");
    if (!stop.signal.aborted) {
      say(
        `Stopping: nothing more is sent; waiting for ${images} in progress. Press Ctrl-C again to leave ${underWay.size === 1 ? "it" : "them"} to the next run.`,
      );
      stop.abort();
    } else if (!hard.signal.aborted) {
      const last =
        sending.size > 0 ? " Requests in flight finish first; a third Ctrl-C leaves their outcome unknown." : "";
      say(`Leaving ${images} in progress: tasks continue at the provider, and the same command resumes them.${last}`);
      hard.abort();
    } else {
      for (const path of sending) say(`unknown ${plain(path)}: it was being sent.`);
      process.exit(sending.size > 0 ? EXIT.unknown : EXIT.interrupted);
    }
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    stop: stop.signal,
    hard: hard.signal,
    event({ type, path }) {
      if (type === "started") underWay.add(path);
      if (type === "sending") sending.add(path);
      if (type === "task") sending.delete(path);
    },
    result({ path }) {
      underWay.delete(path);
      sending.delete(path);
    },
    end() {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
