/** For tests that must meet closed doors: root passes through them all. */
import { isMainThread } from "node:worker_threads";

const root = process.getuid?.() === 0;

/** A process's user is that of all its threads, so that a worker cannot change it; Windows has no such users. */
export const CAN_BE_NOBODY: boolean = process.platform !== "win32" && (!root || isMainThread);

export async function asNobody<T>(run: () => Promise<T>): Promise<T> {
  if (root) process.seteuid?.(65_534);
  try {
    return await run();
  } finally {
    if (root) process.seteuid?.(0);
  }
}
