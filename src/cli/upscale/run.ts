/** Runs a batch for the command: plan, question, progress, Ctrl-C, summary, exit code. */
import { createInterface } from "node:readline/promises";
import type { BatchInput, BatchResult, UpscaleAllOptions } from "../../batch/options.js";
import { planAll } from "../../batch/plan.js";
import { upscaleAll } from "../../batch/upscale-all.js";
import { reportError, type Shell, stackOf } from "../commands/command.js";
import { batchRemedyOf, EXIT, isRefused, remedyOf, UsageError } from "../exit.js";
import { bytesText, countText, durationText, plain } from "../terminal.js";
import { interruptOf } from "./interrupt.js";
import { nearPath, progressOf } from "./progress.js";

export interface RunFlags {
  readonly yes?: boolean;
  /** More paid calls than this are asked about. */
  readonly confirmAbove: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
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
  const remedies = new Set<string>();
  const interrupt = interruptOf(terminal, progress.aside);
  let code: number | undefined;
  try {
    const results = upscaleAll(files, {
      ...options,
      stop: interrupt.stop,
      signal: interrupt.hard,
      onEvent: (event) => {
        // A task is paid for when it is made, even if it fails.
        if (event.type === "task" && !event.resumed) counts.paid++;
        interrupt.event(event);
        progress.event(event);
      },
    });
    for await (const result of results) {
      interrupt.result(result);
      count(counts, result);
      const remedy = result.outcome === "failed" ? batchRemedyOf(result.error) : undefined;
      if (remedy !== undefined) remedies.add(remedy);
      progress.result(result);
      if (shell.debug && "error" in result) progress.aside(() => terminal.say(stackOf(result.error)));
    }
  } catch (error) {
    progress.end();
    code = reportError(shell, undefined, error, flags.json);
    remedies.delete(remedyOf(error) ?? "");
  } finally {
    progress.end();
    interrupt.end();
  }
  const left = files.length - (counts.done + counts.skipped + counts.failed + counts.unknown);
  summary(shell, counts, left, files.length, Date.now() - began, flags);
  for (const remedy of remedies) terminal.say(remedy);
  if (counts.unknown > 0) return EXIT.unknown;
  if (interrupt.stop.aborted && left > 0) {
    terminal.say("Run the same command again to resume.");
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
  if (result.outcome === "done") counts.bytes += result.bytes;
  if (result.outcome === "failed" && isRefused(result.error)) counts.refused++;
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
  if (skipped > 0) parts.push(`${skipped} finished earlier`);
  if (failed > 0) parts.push(`${failed} failed`);
  if (unknown > 0) parts.push(`${unknown} with unknown outcome`);
  if (left > 0) parts.push(`${left} left`);
  terminal.out(`${parts.join(", ")}; ${countText(paid, "paid call")}, ${bytesText(bytes)}, ${durationText(took)}`);
  if (unknown > 0)
    terminal.say(
      "An unknown outcome means that the image was sent, and it is not known whether that made a paid task. It is not sent again automatically: look at `magnific list`, then allow it with --resubmit-unknown.",
    );
}

/** Shows what would be sent, and how many paid calls that is. */
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
      const target =
        action === "send" || action === "again" || action === "resume" ? ` -> ${plain(nearPath(output))}` : "";
      terminal.out(`${action.padEnd(7)} ${plain(path)}${target}${reason === undefined ? "" : `: ${plain(reason)}`}`);
    }
  }
  if (json === true) terminal.json({ event: "summary", total: files.length, paid });
  else terminal.out(`${countText(paid, "paid call")} for ${countText(files.length, "file")}; nothing was sent`);
  return EXIT.ok;
}

/** @throws {UsageError} when it would make more paid calls than was agreed to. */
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
  const asked = `This makes up to ${countText(paid, "paid call")} (${countText(files.length, "file")}).`;
  if (!terminal.asks)
    throw new UsageError(`${asked} Nothing was sent. Allow them with --yes, or see them first with --dry-run.`);
  if (!/^y(es)?$/i.test(await answerTo(`${asked} Continue? [y/N] `))) throw new UsageError("Nothing was sent.");
}

/** What is typed; an empty text on Ctrl-C and at the end of the input. */
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
