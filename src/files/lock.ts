/**
 * One process at a time. Each makes a file whose name says who it is, then looks for the files of others: of two that start
 * at the same moment at least one sees the other. A killed process leaves a file that the next one removes.
 */
import { randomUUID } from "node:crypto";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { errorCode } from "./error-code.js";

export interface Lock {
  release(): Promise<void>;
}

/** Another process holds the lock. The message says which, and what to do. */
export class LockedError extends Error {
  override readonly name = "LockedError";
}

interface Other {
  readonly file: string;
  readonly id: string;
  readonly holds: boolean;
  readonly process: string;
}

/** How often, and after how many milliseconds, this looks again while other processes start too. */
const TRIES = 100;
const PAUSE = 20;
const NAME = /^(trying|held)\.(\d+)\.(\d*)\.([\da-f-]{36})\.(.+)$/;

/** @param path What the names of the lock's files begin with. @throws {LockedError} */
export async function acquireLock(path: string): Promise<Lock> {
  const id = randomUUID();
  const name = [process.pid, await startOf(process.pid), id, encodeURIComponent(hostname())].join(".");
  const [trying, held] = [`${path}.trying.${name}`, `${path}.held.${name}`];
  try {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      await writeFile(trying, "");
      const others = await othersAt(path, id);
      const holder = others.find((other) => other.holds);
      if (holder !== undefined)
        throw new LockedError(
          `It is in use by ${holder.process}. Wait for it; if that process is surely gone, delete ${holder.file}.`,
        );
      if (others.length === 0) {
        // Made before the other goes: whoever lists the folder meanwhile sees one of them.
        await writeFile(held, "");
        return { release: () => rm(held, { force: true }) };
      }
      // The smallest id waits for the others to step back.
      if (others.some((other) => other.id < id)) await rm(trying, { force: true });
      await pause(PAUSE);
    }
    throw new LockedError("Other processes keep trying to use it. Try again.");
  } finally {
    await rm(trying, { force: true });
  }
}

/** Other processes that hold the lock or try to. Removes what dead ones left. */
async function othersAt(path: string, own: string): Promise<Other[]> {
  const prefix = `${basename(path)}.`;
  const others: Other[] = [];
  for (const name of await readdir(dirname(path))) {
    const [, state, pid, start = "", id = "", host = ""] =
      NAME.exec(name.startsWith(prefix) ? name.slice(prefix.length) : "") ?? [];
    if (state === undefined || id === own) continue;
    const file = join(dirname(path), name);
    const here = decodeURIComponent(host) === hostname();
    if (here && !(await isAlive(Number(pid), start))) await rm(file, { force: true });
    else {
      const where = here ? "" : ` on ${decodeURIComponent(host)}`;
      others.push({ file, id, holds: state === "held", process: `process ${pid}${where}` });
    }
  }
  return others;
}

/** Another process that got the same number later, and so another start, does not count. */
async function isAlive(pid: number, start: string): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, and belongs to another user.
    if (errorCode(error) !== "EPERM") return false;
  }
  const now = await startOf(pid);
  return now !== "zombie" && (start === "" || now === "" || now === start);
}

/** When a process began, in the system's own unit; empty where the system does not say. `zombie` for one that has ended. */
async function startOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => "");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" ? "zombie" : (fields[19] ?? "");
}
