/**
 * One process at a time. Each makes a file whose name says who it is, then looks for the files of others: of two that start
 * at the same moment at least one sees the other. A killed process leaves a file that the next one removes.
 */
import { randomUUID } from "node:crypto";
import { open, readdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { beginOf, lives } from "./process.js";

export interface Lock {
  release(): Promise<void>;
}

/** Another process holds the lock. The message says which, and what to do. */
export class LockedError extends Error {
  override readonly name = "LockedError";
}

interface Holder {
  readonly path: string;
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  readonly held: boolean;
}

/** How often, and after how many milliseconds, this looks again while other processes start too. */
const TRIES = 100;
const PAUSE = 20;

const NAME = /^(trying|held)\.(\d+)\.(\d*)\.([\da-f-]{36})\.(.+)$/;

/** @param path What the names of the lock's files begin with. @throws {LockedError} */
export async function acquireLock(path: string): Promise<Lock> {
  const id = randomUUID();
  const name = [process.pid, await beginOf(process.pid), id, encodeURIComponent(hostname())].join(".");
  const [trying, held] = [`${path}.trying.${name}`, `${path}.held.${name}`];
  try {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      await make(trying);
      const others = await othersAt(path, id);
      const holder = others.find((other) => other.held);
      if (holder !== undefined) throw inUse(holder);
      if (others.length === 0) {
        // Made before the other goes: whoever lists the folder meanwhile sees one of them.
        await make(held);
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

async function make(path: string): Promise<void> {
  await (await open(path, "w")).close();
}

/** Other processes that hold the lock or try to. Removes what dead ones left. */
async function othersAt(path: string, own: string): Promise<Holder[]> {
  const [folder, prefix] = [dirname(path), `${basename(path)}.`];
  const others: Holder[] = [];
  for (const name of await readdir(folder)) {
    const [, state, pid, began, id = "", host = ""] =
      NAME.exec(name.startsWith(prefix) ? name.slice(prefix.length) : "") ?? [];
    if (state === undefined || id === own) continue;
    const holder = {
      path: join(folder, name),
      id,
      pid: Number(pid),
      host: decodeURIComponent(host),
      held: state === "held",
    };
    const alive = holder.host !== hostname() || (await lives({ pid: holder.pid, began: began || undefined }));
    if (alive) others.push(holder);
    else await rm(holder.path, { force: true });
  }
  return others;
}

function inUse({ path, pid, host }: Holder): LockedError {
  const where = host === hostname() ? "" : ` on ${host}`;
  return new LockedError(
    `It is in use by process ${pid}${where}. Wait for it; if that process is surely gone, delete ${path}.`,
  );
}
