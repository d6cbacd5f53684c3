/** Runs a batch for the command: plan, question, progress, Ctrl-C, summary, exit code. */
import { createInterface } from "node:readline";
import type { BatchInput, UpscaleAllOptions } from "../../batch/options.js";
import { type Planned, planAll } from "../../batch/plan.js";
import { upscaleAll } from "../../batch/upscale-all.js";
import type { TaskContract } from "../../contract/contract.js";
import type { MagnificError } from "../../errors/magnific-error.js";
import { reportError, type Shell, stackOf, tell } from "../commands/command.js";
import { EXIT, remedyOf, sentenceOf, UsageError } from "../exit.js";
import { onInterrupts } from "../interrupt.js";
import { bytesText, countsText, countText, durationText, plain } from "../terminal.js";
import { nearPath, progressOf } from "./progress.js";
import { UnderWay } from "./under-way.js";

export interface RunFlags {
  readonly yes?: boolean;
  /** More paid calls than this are asked about. */
  readonly confirmAbove: number;
  /** Never more paid calls than this. */
  readonly maxPaid?: number;
  readonly quiet?: boolean;
}

/** @returns The exit code. */
export async function runBatch(
  shell: Shell,
  files: readonly BatchInput[],
  options: UpscaleAllOptions<TaskContract>,
  flags: RunFlags,
): Promise<number> {
  const { terminal } = shell;
  await confirm(shell, files, options, flags);
  const underWay = new UnderWay(files.length);
  const progress = progressOf(shell, underWay, flags.quiet);
  const [stop, hard] = [new AbortController(), new AbortController()];
  const off = onInterrupts(
    () => {
      const [images, them] = [countText(underWay.size, "image"), underWay.size === 1 ? "it" : "them"];
      const waiting = `waiting for ${images} in progress. Press Ctrl-C again to leave ${them} to the next run.`;
      progress.say(`Stopping: nothing more is sent; ${waiting}`);
      stop.abort();
    },
    () => {
      const leaving = `Leaving ${countText(underWay.size, "image")} in progress: tasks continue at the provider, and the same command resumes them.`;
      const last = "Requests in flight finish first; a third Ctrl-C leaves their outcome unknown.";
      progress.say(underWay.sending.length > 0 ? `${leaving} ${last}` : leaving);
      hard.abort();
    },
    () => {
      for (const path of underWay.sending) progress.say(`unknown ${plain(path)}: it was being sent.`);
      process.exit(underWay.sending.length > 0 ? EXIT.unknown : EXIT.interrupted);
    },
  );
  const remedies = new Set<string>();
  let code: number | undefined;
  let limit: MagnificError | undefined;
  try {
    const signals = { stop: stop.signal, signal: hard.signal };
    for await (const result of upscaleAll(files, { ...options, ...signals, onEvent: progress.event })) {
      progress.result(result);
      if (result.outcome === "stopped") limit ??= result.error;
      const remedy = result.outcome === "failed" ? remedyOf(result.error, true) : undefined;
      if (remedy !== undefined) remedies.add(remedy);
      if (shell.debug && "error" in result) progress.say(stackOf(result.error));
    }
    progress.end();
  } catch (error) {
    progress.end();
    code = reportError(shell, error);
    remedies.delete(remedyOf(error) ?? "");
  } finally {
    off();
  }
  tellSummary(shell, underWay);
  for (const remedy of remedies) terminal.say(remedy);
  if (limit !== undefined) for (const line of [sentenceOf(limit), remedyOf(limit) ?? ""]) terminal.say(line);
  if (underWay.counts.unknown > 0) return EXIT.unknown;
  if (stop.signal.aborted && underWay.left > 0) {
    terminal.say("Run the same command again to resume.");
    return EXIT.interrupted;
  }
  if (code !== undefined) return code;
  if (underWay.refused > 0) return EXIT.refused;
  if (limit !== undefined) return EXIT.limit;
  return underWay.counts.failed > 0 ? EXIT.failed : EXIT.ok;
}

function tellSummary(shell: Shell, { total, counts, left, paid, bytes, took }: UnderWay): void {
  const { done, skipped, failed, unknown } = counts;
  const others = { "finished earlier": skipped, failed, "with unknown outcome": unknown, left };
  const parts = [`${done} done`, ...countsText(others)];
  const facts = { total, done, skipped, failed, unknown, left, paid, bytes, milliseconds: took };
  const work = `${countText(paid, "paid call")}, ${bytesText(bytes)}, ${durationText(took)}`;
  tell(shell, { event: "summary", ...facts }, `${parts.join(", ")}; ${work}`);
  if (unknown > 0 && !shell.json)
    shell.terminal.say(
      "An unknown outcome means that the image was sent, and it is not known whether that made a paid task. It is not retried automatically: `magnific resume --reconcile` looks what became of it; or look at `magnific list`, then allow it with --resubmit-unknown.",
    );
}

const MEANINGS: Readonly<Record<Planned["action"], string>> = {
  send: "a paid call",
  again: "sent before, and paid for again",
  resume: "has a task, which is waited for",
  copy: "the same image as another",
  skip: "finished",
  unknown: "sent before with an unknown outcome, and not submitted again",
  refuse: "fails without being sent",
};

/** Shows what would be sent, and how many paid calls that is. */
export async function dryRun(
  shell: Shell,
  files: readonly BatchInput[],
  options: UpscaleAllOptions<TaskContract>,
): Promise<number> {
  let paid = 0;
  const actions = new Set<Planned["action"]>();
  for await (const plan of planAll(files, options)) {
    if (isPaid(plan)) paid++;
    actions.add(plan.action);
    const { path, action, task, output, reason } = plan;
    const target = isPaid(plan) || action === "resume" ? ` -> ${plain(nearPath(output))}` : "";
    const line = `${action.padEnd(7)} ${plain(path)}${target}${reason === undefined ? "" : `: ${plain(sentenceOf(reason, path))}`}`;
    tell(shell, { event: "planned", path, action, task, output, reason }, line);
  }
  const summary = `${countText(paid, "paid call")} for ${countText(files.length, "file")}; nothing was sent`;
  tell(shell, { event: "summary", total: files.length, paid }, summary);
  for (const action of actions) shell.terminal.say(`${action.padEnd(7)} ${MEANINGS[action]}`);
  return actions.has("refuse") ? EXIT.failed : EXIT.ok;
}

function isPaid({ action }: Planned): boolean {
  return action === "send" || action === "again";
}

/** @throws {UsageError} when it would make more paid calls than was agreed to. */
async function confirm(
  { terminal }: Shell,
  files: readonly BatchInput[],
  options: UpscaleAllOptions<TaskContract>,
  { yes, confirmAbove, maxPaid = Number.POSITIVE_INFINITY }: RunFlags,
): Promise<void> {
  if (yes === true || Math.min(files.length, maxPaid) <= confirmAbove) return;
  let paid = 0;
  for await (const plan of planAll(files, { ...options, read: false })) if (isPaid(plan)) paid++;
  paid = Math.min(paid, maxPaid);
  if (paid <= confirmAbove) return;
  const asked = `This makes up to ${countText(paid, "paid call")} (${countText(files.length, "file")}).`;
  if (!terminal.asks)
    throw new UsageError(`${asked} Nothing was sent. Allow them with --yes, or see them first with --dry-run.`);
  if (!/^y(es)?$/i.test(await answerTo(`${asked} Continue? [y/N] `))) throw new UsageError("Nothing was sent.");
}

/** What is typed; an empty text on Ctrl-C and at the end of the input. */
async function answerTo(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr, prompt: question });
  lines.once("SIGINT", () => lines.close());
  const answer = lines[Symbol.asyncIterator]().next();
  lines.prompt();
  const { value = "", done } = await answer;
  lines.close();
  if (done === true) process.stderr.write("\n");
  return value.trim();
}
