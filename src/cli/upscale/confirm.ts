/** The question before many paid calls. */
import { createInterface } from "node:readline/promises";
import type { BatchInput, UpscaleAllOptions } from "../../batch/options.js";
import { planAll } from "../../batch/plan.js";
import type { Shell } from "../commands/command.js";
import { UsageError } from "../exit.js";
import { countText } from "../terminal.js";

export interface ConfirmFlags {
  readonly yes?: boolean;
  /** More paid calls than this are asked about. */
  readonly confirmAbove: number;
}

/** @throws {UsageError} when it would make more paid calls than was agreed to. */
export async function confirm(
  { terminal }: Shell,
  files: readonly BatchInput[],
  options: UpscaleAllOptions,
  { yes, confirmAbove }: ConfirmFlags,
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
