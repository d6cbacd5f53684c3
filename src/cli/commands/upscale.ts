/** `magnific upscale` and `magnific resume`: batches. */
import { stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Command } from "commander";
import { JOURNAL_NAME } from "../../batch/job.js";
import { readJournal } from "../../batch/journal/journal.js";
import { DEFAULT_NAME } from "../../batch/names.js";
import type { UpscaleAllOptions } from "../../batch/options.js";
import { imageFields, type TaskContract } from "../../contract/contract.js";
import { DEFAULT_TASK } from "../../contract/default.js";
import { imageFile } from "../../files/image-file.js";
import { UsageError } from "../exit.js";
import { fieldsIn, withFields } from "../fields.js";
import { findInputs, isOneFile } from "../inputs.js";
import { stateFolder } from "../key.js";
import { operationIn } from "../operation.js";
import { type ClientFlags, defined, openClient, seconds, whole, withSendFlags, withWaitFlags } from "../options.js";
import { type Target, targetOf, throughStdout } from "../target.js";
import { plain } from "../terminal.js";
import { type ReconcileFlags, reconcileFirst } from "../upscale/reconcile.js";
import { dryRun, type RunFlags, runBatch } from "../upscale/run.js";
import { type Shell, subcommand } from "./command.js";

/** Flags that say how a run goes; each run has its own. */
interface HowFlags extends ClientFlags, RunFlags, ReconcileFlags, Pick<UpscaleAllOptions, (typeof HOW)[number]> {
  readonly dryRun?: boolean;
}

const HOW = ["concurrency", "resubmitUnknown", "resubmitFailed", "resubmitChanged", "verify"] as const;

type IntoFlags = HowFlags & Note["flags"];
type UpscaleFlags = HowFlags & Partial<Note["flags"]>;

/** What the journal keeps of a call, so that `resume` can repeat it. */
interface Note {
  readonly command: "upscale";
  readonly cwd: string;
  readonly inputs: readonly string[];
  readonly flags: Pick<UpscaleAllOptions, "out" | "name" | "journal" | "overwrite"> & {
    readonly operation?: string;
  } & Readonly<Record<string, unknown>>;
}

export function upscaleCommand(shell: Shell): Command {
  const command = subcommand(
    "upscale",
    "upscale images; run it again to resume",
    "Upscales files, folders (with all images below), patterns and, with -, the image on stdin. It can be interrupted or " +
      "killed at any moment: the same command resumes, and sends nothing twice.",
    "magnific upscale portrait.jpg --out result.png",
    "magnific upscale photos/ --out big/ --concurrency 8",
    "magnific upscale 'photos/**/*.jpg' --out big/ --ultra-detail 45 --dry-run",
    "curl -s https://example.com/a.jpg | magnific upscale - --out - > big.png",
  )
    .argument("<inputs...>", 'files, folders, "patterns" (*, ?, [a-z], {a,b}, **), or - for stdin')
    .option("-o, --out <path>", "folder/ for the results, or of one image a file or - (default: next to the image)")
    .option("-n, --name <template>", `names of results: {name}, {ext}, {source_ext}, {dir} (default: ${DEFAULT_NAME})`)
    .option("--journal <file>", `the journal (default: ${JOURNAL_NAME} in the folder; of one file, in $XDG_STATE_HOME)`)
    .option("--overwrite", "replace files that already exist");
  return withFields(withHow(command), shell.operation).action(async (inputs: string[], flags: UpscaleFlags) => {
    shell.exit(await upscale(shell, inputs, flags));
  });
}

export function resumeCommand(shell: Shell): Command {
  const command = subcommand(
    "resume",
    "resume a batch where it stopped",
    "Repeats the `upscale` whose journal this is, with the same inputs, names and sliders.",
    "magnific resume big/",
    "magnific resume big/ --reconcile --exclusive-key",
  )
    .argument("<folder>", "the batch's output folder, or its journal")
    .option(
      "--reconcile",
      "first look in the list of tasks for what became of unknown outcomes: what certainly made no task is submitted again; else it " +
        "says what it found, sends nothing, and ends with 4",
    )
    .option("--exclusive-key", "for --reconcile: declare that only this batch uses the key, and that it uses no other")
    .option("--settle <seconds>", "for --reconcile: when a task is listed for certain (default: 900)", seconds(0));
  return withHow(command).action(async (place: string, how: HowFlags) => {
    const { note, journal } = await noteIn(place);
    if (note.inputs.includes("-"))
      throw new UsageError("This batch read its image from stdin: pipe it in again with the command that started it.");
    try {
      process.chdir(note.cwd);
    } catch {
      throw new UsageError(`The folder ${note.cwd}, where this batch was started, no longer exists.`);
    }
    const { operation = DEFAULT_TASK.submit.path } = note.flags;
    shell.operation = await operationIn(shell.operations, ["--operation", operation]);
    if (shell.operation.contract.submit.path !== operation)
      throw new UsageError(`This batch is of POST ${operation}, which this package does not have.`);
    const code = how.reconcile ? await reconcileFirst(shell, await openClient(shell, how), journal, how) : undefined;
    shell.exit(code ?? (await upscaleInto(shell, note.inputs, { ...note.flags, ...how })));
  });
}

function withHow(command: Command): Command {
  return withWaitFlags(
    withSendFlags(command, "the journal")
      .option("-c, --concurrency <images>", "images processed at once", whole(1), 4)
      .option("--dry-run", "show what would be sent and how many paid calls that is, and send nothing")
      .option("-y, --yes", "do not ask before many paid calls")
      .option("--confirm-above <calls>", "ask before more paid calls than this", whole(0), 10)
      .option("--resubmit-unknown", "send images again whose outcome is unknown; they may be paid for twice")
      .option("--resubmit-failed", "send images again whose task failed; each is paid for again")
      .option("--resubmit-changed", "send images again whose content or sliders changed, and replace their results")
      .option("--verify", "read finished sources again instead of trusting their size and times")
      .option("-q, --quiet", "only failures and the summary"),
  );
}

async function upscale(shell: Shell, args: readonly string[], flags: UpscaleFlags): Promise<number> {
  const one = isOneFile(args);
  const [source = ""] = args;
  const into = (shell: Shell, { out, name }: Target): Promise<number> =>
    upscaleInto(shell, args, { ...flags, out, name: name ?? flags.name }, name !== undefined);
  if (flags.out === "-" || (flags.out === undefined && source === "-"))
    return throughStdout(shell, one, (shell, out) => into(shell, { out, name: "image.{ext}" }));
  if (flags.out !== undefined) return into(shell, targetOf(flags.out, one));
  if (!one) throw new UsageError("The results of several images need a folder: name it with --out.");
  return into(shell, { out: dirname(resolve(source)), name: flags.name ?? "{name}-upscaled.{ext}" });
}

/** @param alone Whether the result is one file, whose folder is not the command's: no journal is put there. */
async function upscaleInto(shell: Shell, args: readonly string[], flags: IntoFlags, alone = false): Promise<number> {
  const [field] = imageFields(shell.operation.contract);
  if (field === undefined) throw new UsageError("This operation takes no image: use `magnific submit`.");
  await using inputs = await findInputs(args, flags.out);
  const { files, leftOut } = inputs;
  const named = leftOut.length > 3 ? [...leftOut.slice(0, 3), `${leftOut.length - 3} more`] : leftOut;
  const told = `Left out, as other files or the results of other batches: ${named.join(", ")}.`;
  if (leftOut.length > 0 && flags.quiet !== true) shell.terminal.say(plain(told));
  const client = await openClient(shell, flags, flags.dryRun);
  const { set, parameters } = await fieldsIn(flags, shell.operation);
  const { out, name = DEFAULT_NAME, overwrite } = flags;
  let { journal } = flags;
  if (alone && journal === undefined) {
    const image = await imageFile(files[0]?.path ?? "");
    // By the request, so that the same one is known whatever its files are called. One that is refused is not remembered.
    const digest = await client.digest({ ...parameters, [field]: image }).catch(() => "refused");
    journal = join(stateFolder(process.env), "upscale", `${digest}.jsonl`);
  }
  const places = { out: resolve(out), name, ...defined({ journal: journal && resolve(journal), overwrite }) };
  const note: Note = {
    command: "upscale",
    cwd: process.cwd(),
    inputs: args,
    flags: { ...places, ...defined({ operation: flags.operation }), ...set },
  };
  const how = { ...Object.fromEntries(HOW.map((option) => [option, flags[option]])), timeout: flags.waitTimeout };
  const options: UpscaleAllOptions<TaskContract> = { client, ...places, ...how, parameters, note };
  return flags.dryRun === true ? await dryRun(shell, files, options) : await runBatch(shell, files, options, flags);
}

async function noteIn(place: string): Promise<{ readonly note: Note; readonly journal: string }> {
  const facts = await stat(place).catch(() => undefined);
  const journal = resolve(facts?.isDirectory() ? join(place, JOURNAL_NAME) : place);
  if (facts === undefined || !(await stat(journal).catch(() => undefined))?.isFile())
    throw new UsageError(`There is no journal of a batch at ${journal}.`);
  const note = (await readJournal(journal)).note as Partial<Note> | undefined;
  if (note?.command !== "upscale" || note.cwd === undefined || note.inputs === undefined || note.flags === undefined)
    throw new UsageError(
      `${journal} was not written by \`magnific upscale\`: resume it with the program that started it.`,
    );
  return { note: note as Note, journal };
}
