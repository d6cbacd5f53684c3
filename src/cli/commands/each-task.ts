/** What the commands for single tasks share. */
import type { Magnific } from "../../client.js";
import type { CompletedTask, Task } from "../../task/task.js";
import { EXIT } from "../exit.js";
import { untilInterrupted } from "../interrupt.js";
import { type ClientFlags, openClient } from "../options.js";
import { plain } from "../terminal.js";
import { reportError, type Shell, worst } from "./command.js";

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
