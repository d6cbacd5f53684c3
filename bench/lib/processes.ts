/** Processes with an IPC channel: the server, and clients that are measured in a process of their own. */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Starts a program of this folder's siblings, with plain Node for `.mjs` and with tsx for `.ts`. */
export function start(program: URL, args: readonly string[] = []): ChildProcess {
  const execArgv = program.pathname.endsWith(".ts") ? ["--import", "tsx"] : [];
  return fork(fileURLToPath(program), [...args], { execArgv });
}

/** The next message of a process, after it got the question. Rejects when the process ends instead. */
export function ask<T>(child: ChildProcess, question?: object): Promise<T> {
  return new Promise((resolve, reject) => {
    const onExit = (): void => reject(new Error("A process ended without a result."));
    child.once("exit", onExit);
    child.once("message", (message) => {
      child.off("exit", onExit);
      resolve(message as T);
    });
    if (question !== undefined) child.send(question);
  });
}

/** Runs a measurement against the server, which ends with it. */
export async function withServer(measure: (url: string) => Promise<void>): Promise<void> {
  const server = start(new URL("./server.ts", import.meta.url));
  try {
    await measure(`http://127.0.0.1:${await ask<number>(server)}`);
  } finally {
    server.kill();
  }
}
