/** `status`, `wait` and `list`: tasks as they are. */
import type { Command } from "commander";
import type { Magnific } from "../../client.js";
import type { CompletedTask, Task } from "../../task/task.js";
import type { WebhookTask } from "../../webhook/event.js";
import { EXIT } from "../exit.js";
import { untilInterrupted } from "../interrupt.js";
import { type ClientFlags, openClient, withClientFlags, withWaitFlags } from "../options.js";
import { plain } from "../terminal.js";
import { reportError, type Shell, subcommand, tell, worst } from "./command.js";

const ID = "046b6c7f-0b8a-43b9-b35d-6489e6daee91";

export function statusCommand(shell: Shell): Command {
  const about = "Shows the status of tasks, and the URLs of their results. Costs nothing.";
  const command = subcommand("status", "show tasks as they are now", about, `magnific status ${ID}`);
  return withClientFlags(command.argument("<tasks...>", "ids of tasks")).action((ids: string[], flags: TaskFlags) =>
    forEach(shell, ids, flags, async (client, id, signal) => {
      const task = await client.task(id).get({ signal });
      tellTask(shell, task);
      return task.status === "FAILED" ? EXIT.failed : EXIT.ok;
    }),
  );
}

export function waitCommand(shell: Shell): Command {
  const about = "Waits until each task is completed, and prints the URLs of its results. Costs nothing.";
  const command = subcommand("wait", "wait until tasks are completed", about, `magnific wait ${ID} --wait-timeout 600`);
  return withWaitFlags(command.argument("<tasks...>", "ids of tasks")).action((ids: string[], flags: TaskFlags) =>
    forEach(shell, ids, flags, async (client, id, signal) => {
      tellTask(shell, await waited(shell, client, id, flags, signal));
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
  ).option("--status <status>", "only tasks with this status, e.g. COMPLETED");
  return withClientFlags(command).action(async (flags: TaskFlags & { status?: string }) => {
    const client = await openClient(flags);
    const wanted = flags.status?.toUpperCase();
    for (const { id, status } of await client.tasks({ signal: untilInterrupted() }))
      if (wanted === undefined || status.toUpperCase() === wanted)
        tell(shell, { task: id, status }, `${plain(id)}  ${plain(status)}`);
  });
}

function tellTask(shell: Shell, task: Task): void {
  const images = task.status === "COMPLETED" ? task.images.map(({ url }) => url) : [];
  const status = statusOf(task);
  const lines = [`${task.id}  ${plain(status)}`, ...images.map((url) => `  ${plain(url)}`)];
  tell(shell, { task: task.id, status, images }, ...lines);
}

export interface TaskFlags extends ClientFlags {
  /** Milliseconds. */
  readonly waitTimeout?: number;
}

export async function waited(
  shell: Shell,
  client: Magnific,
  id: string,
  flags: TaskFlags,
  signal: AbortSignal,
): Promise<CompletedTask> {
  return await client.task(id).wait({
    signal,
    timeout: flags.waitTimeout,
    onStatus: (task) => {
      if (shell.terminal.live && !shell.json) shell.terminal.say(`${id}  ${plain(statusOf(task))}`);
    },
  });
}

/** One after the other; the rest get their turn even if one fails. */
export async function forEach(
  shell: Shell,
  ids: readonly string[],
  flags: TaskFlags,
  work: (client: Magnific, id: string, signal: AbortSignal) => Promise<number>,
): Promise<void> {
  const client = await openClient(flags);
  const signal = untilInterrupted();
  const codes: number[] = [];
  for (const id of ids) {
    try {
      codes.push(await work(client, id, signal));
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

/** The provider's own word for a status that the client does not know. */
export function statusOf(task: Task | WebhookTask): string {
  return task.status === "UNKNOWN" ? task.wireStatus : task.status;
}
