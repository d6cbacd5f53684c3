/** The progress of a batch: changing lines on a terminal, plain lines elsewhere, objects with --json. */
import { isAbsolute, relative, sep } from "node:path";
import type { BatchEvent, BatchResult } from "../../batch/options.js";
import { errorFacts, sentenceOf } from "../exit.js";
import { bytesText, durationText, plain, type Terminal } from "../terminal.js";
import { Live } from "./live.js";
import { UnderWay } from "./under-way.js";

export interface Progress {
  event(event: BatchEvent): void;
  result(result: BatchResult): void;
  /** Prints something above the lines that change. */
  aside(work: () => void): void;
  /** Removes what changes; nothing is drawn after it. */
  end(): void;
}

export interface ProgressOptions {
  readonly terminal: Terminal;
  readonly total: number;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly now?: () => number;
}

export function progressOf({ terminal, total, json, quiet, now = Date.now }: ProgressOptions): Progress {
  const underWay = new UnderWay(total, now);
  const live = terminal.live && !json && !quiet ? new Live(terminal, underWay) : undefined;
  return {
    event(event) {
      underWay.take(event);
      if (json && event.type === "task")
        terminal.json({ event: "task", path: event.path, task: event.task, resumed: event.resumed });
      live?.changed();
    },
    result(result) {
      const took = underWay.done(result);
      if (json) terminal.json(resultFacts(result));
      else if (!quiet || result.outcome === "failed" || result.outcome === "unknown") {
        live?.clear();
        terminal.out(resultLine(terminal, result, took));
      }
      live?.changed();
    },
    aside(work) {
      live?.clear();
      work();
    },
    end: () => live?.end(),
  };
}

/** As one would type it: relative to the current folder, where it is inside. */
export function nearPath(path: string): string {
  const near = relative(process.cwd(), path);
  return near === "" || near.split(sep)[0] === ".." || isAbsolute(near) ? path : near;
}

function resultLine(terminal: Terminal, result: BatchResult, took: number): string {
  const path = plain(result.path);
  const task = result.task === undefined ? "" : terminal.paint("dim", `  task ${plain(result.task)}`);
  switch (result.outcome) {
    case "done": {
      const facts = `${bytesText(result.bytes)}, ${durationText(took)}`;
      const outputs = result.outputs.map((output) => plain(nearPath(output))).join(", ");
      return `${terminal.paint("green", "done   ")} ${path} -> ${outputs}  ${terminal.paint("dim", facts)}`;
    }
    case "skipped":
      return `${terminal.paint("dim", "skipped")} ${path}  ${terminal.paint("dim", "finished earlier")}`;
    case "stopped":
      return `${terminal.paint("yellow", "stopped")} ${path}${task}`;
    case "failed":
      return `${terminal.paint("red", "failed ")} ${path}: ${plain(sentenceOf(result.error))}${task}`;
    case "unknown":
      return `${terminal.paint("yellow", "unknown")} ${path}: ${plain(sentenceOf(result.error))}`;
  }
}

function resultFacts(result: BatchResult): object {
  const { outcome, path, task } = result;
  return {
    event: "result",
    outcome,
    path,
    task,
    ...("outputs" in result ? { outputs: result.outputs } : {}),
    ...("bytes" in result ? { bytes: result.bytes, paid: result.paid } : {}),
    ...("error" in result ? { error: errorFacts(result.error) } : {}),
  };
}
