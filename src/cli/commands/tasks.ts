/** `status`, `wait` and `list`: tasks as they are. */

import { Command } from "commander";
import type { Magnific } from "../../client.js";
import type { CompletedTask, Task } from "../../task/task.js";
import { EXIT } from "../exit.js";
import { untilInterrupted } from "../interrupt.js";
import { type ClientFlags, jsonFlag, openClient, withClientFlags, withWaitFlags } from "../options.js";
import { plain } from "../terminal.js";
import { example, reportError, type Shell, worst } from "./command.js";

export function statusCommand(shell: Shell): Command {
  const command = new Command("status")
    .summary("show tasks as they are now")
    .description("Shows the status of tasks, and the URLs of their results. Costs nothing.")
    .argument("<tasks...>", "ids of tasks")
    .addOption(jsonFlag());
  withClientFlags(command);
  example(command, "magnific status 046b6c7f-0b8a-43b9-b35d-6489e6daee91");
  return command.action((ids: string[], flags: TaskFlags) =>
    forEach(shell, ids, flags, async (client, id, signal) => {
      const task = await client.task(id).get({ signal });
      tellTask(shell, task, flags);
      return task.status === "FAILED" ? EXIT.failed : EXIT.ok;
    }),
  );
}

export function waitCommand(shell: Shell): Command {
  const command = new Command("wait")
    .summary("wait until tasks are completed")
    .description("Waits until each task is completed, and prints the URLs of its results. Costs nothing.")
    .argument("<tasks...>", "ids of tasks")
    .addOption(jsonFlag());
  withWaitFlags(command);
  example(command, "magnific wait 046b6c7f-0b8a-43b9-b35d-6489e6daee91 --wait-timeout 600");
  return command.action((ids: string[], flags: TaskFlags) =>
    forEach(shell, ids, flags, async (client, id, signal) => {
      tellTask(shell, await waited(shell, client, id, flags, signal), flags);
      return EXIT.ok;
    }),
  );
}

export function listCommand(shell: Shell): Command {
  const command = new Command("list")
    .summary("list all tasks of the key")
    .description("Lists the tasks of the key with their statuses, as the provider gives them. Costs nothing.")
    .option("--status <status>", "only tasks with this status, e.g. COMPLETED")
    .addOption(jsonFlag());
  withClientFlags(command);
  example(command, "magnific list", "magnific list --status COMPLETED --json | head");
  return command.action(async (flags: TaskFlags & { status?: string }) => {
    await using open = await openClient(flags);
    const wanted = flags.status?.toUpperCase();
    for (const { id, status } of await open.client.tasks({ signal: untilInterrupted() })) {
      if (wanted !== undefined && status.toUpperCase() !== wanted) continue;
      if (flags.json === true) shell.terminal.json({ task: id, status });
      else shell.terminal.out(`${plain(id)}  ${plain(status)}`);
    }
  });
}

function tellTask({ terminal }: Shell, task: Task, { json }: TaskFlags): void {
  const images = task.status === "COMPLETED" ? task.images.map(({ url }) => url) : [];
  if (json === true) terminal.json({ task: task.id, status: statusOf(task), images });
  else {
    terminal.out(`${task.id}  ${plain(statusOf(task))}`);
    for (const url of images) terminal.out(`  ${plain(url)}`);
  }
}

export interface TaskFlags extends ClientFlags {
  readonly json?: boolean;
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
    timeout: flags.waitTimeout === undefined ? undefined : flags.waitTimeout * 1000,
    onStatus: (task) => {
      if (shell.terminal.live && flags.json !== true) shell.terminal.say(`${id}  ${plain(statusOf(task))}`);
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
  await using open = await openClient(flags);
  const signal = untilInterrupted();
  const codes: number[] = [];
  for (const id of ids) {
    try {
      codes.push(await work(open.client, id, signal));
    } catch (error) {
      if (signal.aborted) {
        shell.terminal.say("Interrupted. The tasks continue at the provider; the same command resumes waiting.");
        codes.push(EXIT.interrupted);
        break;
      }
      codes.push(reportError(shell, id, error, flags.json));
    }
  }
  shell.exit(worst(codes));
}

export function statusOf(task: Task): string {
  return task.status === "UNKNOWN" ? task.wireStatus : task.status;
}
