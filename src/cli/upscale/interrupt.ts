/** Ctrl-C in a batch: the first stops sending, the second leaves what is in flight, a third ends at once. */
import type { BatchEvent, BatchResult } from "../../batch/options.js";
import { EXIT } from "../exit.js";
import { plain, type Terminal } from "../terminal.js";

export interface Interrupt {
  /** Nothing more is to be sent. */
  readonly stop: AbortSignal;
  /** Waits and downloads are to end too. */
  readonly hard: AbortSignal;
  event(event: BatchEvent): void;
  result(result: BatchResult): void;
  end(): void;
}

/** @param aside Has something said where it does not get in the way of what is drawn. */
export function interruptOf(terminal: Terminal, aside: (work: () => void) => void): Interrupt {
  const stop = new AbortController();
  const hard = new AbortController();
  const underWay = new Set<string>();
  const sending = new Set<string>();
  const say = (line: string): void => aside(() => terminal.say(line));
  const onSignal = (): void => {
    const one = underWay.size === 1;
    const many = `${underWay.size} ${one ? "image" : "images"}`;
    if (!stop.signal.aborted) {
      say(
        `Stopping: nothing more is sent, and ${many} under way ${one ? "is" : "are"} waited for. Ctrl-C again leaves ${one ? "it" : "them"} to the next run.`,
      );
      stop.abort();
    } else if (!hard.signal.aborted) {
      const last =
        sending.size > 0
          ? " Sends that have begun are still waited for; a third Ctrl-C leaves their outcome unknown."
          : "";
      say(`Leaving ${many} under way: tasks go on at the provider, and the same command takes them up.${last}`);
      hard.abort();
    } else {
      for (const path of sending) say(`unknown ${plain(path)}: it was being sent.`);
      process.exit(sending.size > 0 ? EXIT.unknown : EXIT.interrupted);
    }
  };
  // Nobody is left to see what is waited for.
  const onHangUp = (): void => {
    stop.abort();
    hard.abort();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  // Without a terminal there is none to be lost, and `nohup` has the signal ignored: a listener would undo that.
  const watched = [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY);
  if (watched) process.on("SIGHUP", onHangUp);
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
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
      process.off("SIGHUP", onHangUp);
    },
  };
}
