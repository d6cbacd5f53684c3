/** `status`, `wait`, `list` and `download`: tasks as they are, and their results. */
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type Command, InvalidArgumentError, type Option } from "commander";
import { candidatesOf, checkTemplate, extensionOf, outputOf, stemOf } from "../../batch/names.js";
import { FileError } from "../../errors/request-errors.js";
import { makeFolder } from "../../files/make-folder.js";
import type { TaskHandle } from "../../task/handle.js";
import type { Task } from "../../task/task.js";
import { wireStatusOf } from "../../task/task-status.js";
import type { WaitOptions } from "../../task/watch.js";
import { EXIT, UsageError } from "../exit.js";
import { untilInterrupted } from "../interrupt.js";
import { type ClientFlags, choiceOf, openClient, withClientFlags, withWaitFlags } from "../options.js";
import { type Target, targetOf, throughStdout } from "../target.js";
import { bytesText, plain } from "../terminal.js";
import { reportError, type Shell, subcommand, tell, worst } from "./command.js";

const ID = "046b6c7f-0b8a-43b9-b35d-6489e6daee91";

export function statusCommand(shell: Shell): Command {
  const about = "Shows the status of tasks, and the URLs of their results. Costs nothing.";
  const command = subcommand("status", "show tasks as they are now", about, `magnific status ${ID}`);
  return withClientFlags(command.argument("<tasks...>", "ids of tasks")).action((ids: string[], flags: ClientFlags) =>
    forEach(shell, ids, flags, async (handle, { signal }) => {
      const task = await handle.get({ signal });
      tellTask(shell, task);
      return task.status === "FAILED" ? EXIT.failed : EXIT.ok;
    }),
  );
}

export function waitCommand(shell: Shell): Command {
  const about = "Waits until each task is completed, and prints the URLs of its results. Costs nothing.";
  const command = subcommand("wait", "wait until tasks are completed", about, `magnific wait ${ID} --wait-timeout 600`);
  return withWaitFlags(command.argument("<tasks...>", "ids of tasks")).action((ids: string[], flags: ClientFlags) =>
    forEach(shell, ids, flags, async (handle, options) => {
      tellTask(shell, await handle.wait(options));
      return EXIT.ok;
    }),
  );
}

export function listCommand(shell: Shell): Command {
  const command = subcommand(
    "list",
    "list all tasks of the key",
    "Lists the tasks of the key with their statuses, as the provider gives them. Costs nothing.",
    "magnific list",
    "magnific list --status COMPLETED --json | head",
  ).addOption(statusFlag(shell.operation.contract.statuses));
  return withClientFlags(command).action(async (flags: ClientFlags & { status?: string }) => {
    const client = await openClient(shell, flags);
    for (const { id, status } of await client.tasks({ signal: untilInterrupted() }))
      if (flags.status === undefined || status === flags.status)
        tell(shell, { task: id, status }, `${plain(id)}  ${plain(status)}`);
  });
}

/** The statuses of the document, in whatever case they are typed. */
function statusFlag(statuses: readonly string[]): Option {
  const option = choiceOf("--status <status>", "only tasks with this status", statuses);
  return option.argParser((text) => {
    const status = statuses.find((one) => one.toUpperCase() === text.toUpperCase());
    if (status !== undefined) return status;
    throw new InvalidArgumentError(`The statuses are ${statuses.join(", ")}.`);
  });
}

type DownloadFlags = ClientFlags & { out: string; name: string; overwrite: boolean };

export function downloadCommand(shell: Shell): Command {
  const command = subcommand(
    "download",
    "wait for tasks and save their results",
    "Waits until each task is completed and saves its results. Costs nothing.",
    `magnific download ${ID} --out big/`,
  )
    .argument("<tasks...>", "ids of tasks")
    .option("-o, --out <path>", "folder for the results; of one task, the file of its result, or - for stdout", ".")
    .option("-n, --name <template>", "names of the results; {name} is the task's id", "{name}.{ext}")
    .option("--overwrite", "replace files that already exist", false);
  return withWaitFlags(command).action(async (ids: string[], flags: DownloadFlags) => {
    const one = ids.length === 1;
    checkTemplate(flags.name, one);
    if (flags.out !== "-") await download(shell, ids, flags, targetOf(flags.out, one));
    else await throughStdout(shell, one, (shell, out) => download(shell, ids, flags, { out }));
  });
}

function download(shell: Shell, ids: readonly string[], flags: DownloadFlags, target: Target): Promise<void> {
  const { name, overwrite } = flags;
  return forEach(shell, ids, flags, async (handle, options) => {
    const { id } = handle;
    const stem = resolve(target.out, target.name ?? stemOf(name, id));
    const there = candidatesOf(stem).find((path) => existsSync(path));
    if (there !== undefined && !overwrite)
      throw new UsageError(`${there} already exists. Allow replacing it with --overwrite.`);
    const { images } = await handle.wait(options);
    await makeFolder(dirname(stem)).catch((cause: NodeJS.ErrnoException) => {
      const { code } = cause;
      const reason = code === "EEXIST" || code === "ENOTDIR" ? `there is a file in its place (${code})` : code;
      throw new FileError(`The folder ${dirname(stem)} could not be created: ${reason}.`, { cause });
    });
    for (const [index, image] of images.entries()) {
      const file = outputOf(stem, extensionOf(image.url), index);
      const { path, bytes, note } = await image.save(file, { overwrite, signal: options.signal });
      if (note !== undefined) shell.terminal.say(plain(note));
      tell(shell, { event: "saved", task: id, path, bytes }, `${plain(path)}  ${bytesText(bytes)}`);
    }
    return EXIT.ok;
  });
}

function tellTask(shell: Shell, task: Task): void {
  const images = task.status === "COMPLETED" ? task.images.map(({ url }) => url) : [];
  const status = wireStatusOf(task);
  const lines = [`${task.id}  ${plain(status)}`, ...images.map((url) => `  ${plain(url)}`)];
  tell(shell, { task: task.id, status, images }, ...lines);
}

/** One after the other; the rest get their turn even if one fails. */
async function forEach(
  shell: Shell,
  ids: readonly string[],
  flags: ClientFlags,
  work: (task: TaskHandle, options: WaitOptions & { readonly signal: AbortSignal }) => Promise<number>,
): Promise<void> {
  const client = await openClient(shell, flags);
  const signal = untilInterrupted();
  const onStatus = (task: Task): void => {
    if (shell.terminal.live && !shell.json) shell.terminal.say(`${plain(task.id)}  ${plain(wireStatusOf(task))}`);
  };
  const codes: number[] = [];
  for (const id of ids) {
    try {
      // Its statuses may have other names, and no other shape.
      const task = client.task(id) as TaskHandle;
      codes.push(await work(task, { signal, timeout: flags.waitTimeout, onStatus }));
    } catch (error) {
      if (signal.aborted) {
        shell.terminal.say("Interrupted. The tasks continue at the provider; the same command resumes waiting.");
        codes.push(EXIT.interrupted);
        break;
      }
      codes.push(reportError(shell, error, id));
    }
  }
  shell.exit(worst(codes));
}
