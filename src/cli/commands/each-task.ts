/** What commands that are given ids of tasks share. */
import type { Magnific } from "../../client.js";
import type { CompletedTask, Task } from "../../task/task.js";
import { EXIT } from "../exit.js";
import { type ClientFlags, openClient } from "../options.js";
import { plain } from "../terminal.js";
import { type Shell, tellError, untilInterrupted, worst } from "./command.js";

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

/** One after the other; one that fails does not keep the others from their turn. */
export async function forEach(
  shell: Shell,
  ids: readonly string[],
  flags: TaskFlags,
  work: (client: Magnific, id: string, signal: AbortSignal) => Promise<number>,
): Promise<void> {
  using open = await openClient(flags);
  const signal = untilInterrupted();
  const codes: number[] = [];
  for (const id of ids) {
    try {
      codes.push(await work(open.client, id, signal));
    } catch (error) {
      if (signal.aborted) {
        shell.terminal.say("Interrupted. The tasks go on; the same command takes them up again.");
        codes.push(EXIT.interrupted);
        break;
      }
      codes.push(tellError(shell, id, error, flags.json));
    }
  }
  shell.exit(worst(codes));
}

export function statusOf(task: Task): string {
  return task.status === "UNKNOWN" ? task.wireStatus : task.status;
}
