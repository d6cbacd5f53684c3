/** Runs a batch for the command: plan, question, progress, Ctrl-C, summary, exit code. */
import { createInterface } from "node:readline/promises";
import type { BatchInput, BatchResult, UpscaleAllOptions } from "../../batch/options.js";
import { planAll } from "../../batch/plan.js";
import { upscaleAll } from "../../batch/upscale-all.js";
import { type Shell, tellError } from "../commands/command.js";
import { EXIT, isRefused, remedyOf, UsageError } from "../exit.js";
import { bytesText, durationText, plain } from "../terminal.js";
import { progressOf } from "./progress.js";

export interface RunFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly yes?: boolean;
  /** More paid calls than this are asked about. */
  readonly confirmAbove: number;
}

/** @returns The exit code. */
export async function runBatch(
  shell: Shell,
  files: readonly BatchInput[],
  options: UpscaleAllOptions,
  flags: RunFlags,
): Promise<number> {
  const { terminal } = shell;
  await confirm(shell, files, options, flags);
  const progress = progressOf({
    terminal,
    total: files.length,
    json: flags.json === true,
    quiet: flags.quiet === true,
  });
  const began = Date.now();
  const counts: Counts = { done: 0, skipped: 0, failed: 0, unknown: 0, stopped: 0, paid: 0, bytes: 0, refused: 0 };
  let remedy: string | undefined;
  const interrupt = interruptOf(shell, progress.end);
  let code: number | undefined;
  try {
    const results = upscaleAll(files, {
      ...options,
      stop: interrupt.stop,
      signal: interrupt.hard,
      onEvent: (event) => {
        if (event.type === "started") interrupt.underWay.add(event.path);
        progress.event(event);
      },
    });
    for await (const result of results) {
      interrupt.underWay.delete(result.path);
      count(counts, result);
      if (result.outcome === "failed") remedy ??= remedyOf(result.error);
      progress.result(result);
    }
  } catch (error) {
    progress.end();
    code = tellError(shell, undefined, error, flags.json);
  } finally {
    progress.end();
    interrupt.end();
  }
  const left = files.length - (counts.done + counts.skipped + counts.failed + counts.unknown);
  summary(shell, counts, left, files.length, Date.now() - began, flags);
  if (remedy !== undefined) terminal.say(remedy);
  if (counts.unknown > 0) return EXIT.unknown;
  if (interrupt.stop.aborted && left > 0) {
    terminal.say("Run the same command again to go on.");
    return EXIT.interrupted;
  }
  if (code !== undefined) return code;
  if (counts.refused > 0) return EXIT.refused;
  return counts.failed > 0 ? EXIT.failed : EXIT.ok;
}

interface Counts extends Record<BatchResult["outcome"], number> {
  paid: number;
  bytes: number;
  refused: number;
}

function count(counts: Counts, result: BatchResult): void {
  counts[result.outcome]++;
  if (result.outcome === "done") {
    counts.bytes += result.bytes;
    if (result.paid) counts.paid++;
  }
  if (result.outcome === "failed" && isRefused(result.error)) counts.refused++;
}

/** @throws {UsageError} when more would be paid for than anyone agreed to. */
async function confirm(
  { terminal }: Shell,
  files: readonly BatchInput[],
  options: UpscaleAllOptions,
  { yes, confirmAbove }: RunFlags,
): Promise<void> {
  if (yes === true || files.length <= confirmAbove) return;
  let paid = 0;
  for await (const { action } of planAll(files, { ...options, read: false }))
    if (action === "send" || action === "again") paid++;
  if (paid <= confirmAbove) return;
  const asked = `This makes up to ${paid} paid calls (${files.length} files).`;
  if (!terminal.asks)
    throw new UsageError(`${asked} Allow them with --yes, or look at them first with --dry-run. Nothing was sent.`);
  if (!/^y(es)?$/i.test(await answerTo(`${asked} Go on? [y/N] `))) throw new UsageError("Nothing was sent.");
}

/** What is typed; nothing on Ctrl-C and at the end of the input. */
async function answerTo(question: string): Promise<string> {
  const questions = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new AbortController();
  questions.once("close", () => ended.abort());
  questions.once("SIGINT", () => questions.close());
  try {
    return (await questions.question(question, { signal: ended.signal })).trim();
  } catch {
    process.stderr.write("\n");
    return "";
  } finally {
    questions.close();
  }
}

interface Interrupt {
  readonly stop: AbortSignal;
  readonly hard: AbortSignal;
  /** What is under way, to be told. */
  readonly underWay: Set<string>;
  end(): void;
}

/** The first Ctrl-C stops sending, the second leaves what is in flight, a third ends at once. */
function interruptOf({ terminal }: Shell, clear: () => void): Interrupt {
  const stop = new AbortController();
  const hard = new AbortController();
  const underWay = new Set<string>();
  const onSignal = (): void => {
    clear();
    const many = `${underWay.size} ${underWay.size === 1 ? "image" : "images"}`;
    if (!stop.signal.aborted) {
      terminal.say(
        `Stopping: nothing more is sent, and ${many} under way ${underWay.size === 1 ? "is" : "are"} waited for. Ctrl-C again leaves ${underWay.size === 1 ? "it" : "them"} to the next run.`,
      );
      stop.abort();
    } else if (!hard.signal.aborted) {
      terminal.say(
        `Leaving ${many} under way: the tasks go on at the provider, and the same command takes them up. Sends that have begun are still waited for; a third Ctrl-C leaves their outcome unknown.`,
      );
      hard.abort();
    } else process.exit(EXIT.unknown);
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    stop: stop.signal,
    hard: hard.signal,
    underWay,
    end() {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}

function summary(
  { terminal }: Shell,
  counts: Counts,
  left: number,
  total: number,
  took: number,
  { json }: RunFlags,
): void {
  const { done, skipped, failed, unknown, paid, bytes } = counts;
  if (json === true) {
    terminal.json({ event: "summary", total, done, skipped, failed, unknown, left, paid, bytes, milliseconds: took });
    return;
  }
  const parts = [`${done} done`];
  if (skipped > 0) parts.push(`${skipped} finished before`);
  if (failed > 0) parts.push(`${failed} failed`);
  if (unknown > 0) parts.push(`${unknown} of unknown outcome`);
  if (left > 0) parts.push(`${left} left`);
  terminal.out(
    `${parts.join(", ")}; ${paid} paid ${paid === 1 ? "call" : "calls"}, ${bytesText(bytes)}, ${durationText(took)}`,
  );
  if (unknown > 0)
    terminal.say(
      "Unknown outcomes were sent, and nobody knows whether a paid task was made. They are not sent again by themselves: look at `magnific list`, then allow it with --resubmit-unknown.",
    );
}

/** What would be sent, and how many paid calls that is. */
export async function dryRun(
  { terminal }: Shell,
  files: readonly BatchInput[],
  options: UpscaleAllOptions,
  { json }: Pick<RunFlags, "json">,
): Promise<number> {
  let paid = 0;
  for await (const { path, action, task, output, reason } of planAll(files, options)) {
    if (action === "send" || action === "again") paid++;
    if (json === true) terminal.json({ event: "planned", path, action, task, output, reason });
    else {
      const target = action === "send" || action === "again" || action === "resume" ? ` -> ${plain(output)}` : "";
      terminal.out(`${action.padEnd(7)} ${plain(path)}${target}${reason === undefined ? "" : `: ${plain(reason)}`}`);
    }
  }
  if (json === true) terminal.json({ event: "summary", total: files.length, paid });
  else terminal.out(`${paid} paid ${paid === 1 ? "call" : "calls"} for ${files.length} files; nothing was sent`);
  return EXIT.ok;
}
