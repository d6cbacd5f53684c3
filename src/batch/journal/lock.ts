/** One writer a journal: a lock file that names its holder and is taken over when that is gone. */
import { randomUUID } from "node:crypto";
import { link, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { BatchError, systemCode } from "../errors.js";
import { beginOf, type Holder, lives } from "./holder.js";

export interface Lock {
  release(): Promise<void>;
}

/** How often, and after how many milliseconds, this looks again while others take over a stale lock. */
const TRIES = 100;
const PAUSE = 20;
/** Milliseconds: a lock file that cannot be read may just be being written, where the file system knows no links. */
const WRITING = 10_000;

/** @throws {BatchError} `journal_locked` while its holder lives, or where that cannot be told. */
export async function acquireLock(path: string): Promise<Lock> {
  const lock = await take(path);
  await sweep(path);
  return lock;
}

async function take(path: string): Promise<Lock> {
  const holder: Holder = { pid: process.pid, host: hostname(), began: await beginOf(process.pid) };
  const token = `${JSON.stringify({ ...holder, id: randomUUID() })}\n`;
  const draft = `${path}.${process.pid}.${randomUUID()}`;
  const held: Lock = { release: () => release(path, token) };
  const file = await open(draft, "wx");
  try {
    await file.writeFile(token).finally(() => file.close());
    for (let attempt = 0; attempt < TRIES; attempt++) {
      if (await linked(draft, path)) return held;
      const found = await contentOf(path);
      if (found === undefined) continue;
      await refuseLiving(path, found);
      if (await takenOver(path, found, draft)) return held;
      await setTimeout(PAUSE);
    }
  } finally {
    await rm(draft, { force: true });
  }
  throw new BatchError("journal_locked", path, `Other processes keep taking the lock ${path}. Try again.`);
}

/**
 * Puts the own lock in the place of a stale one. Of several that see the same stale lock one at a time may try, or one
 * would replace the lock that another has just won; a lock of the same kind sees to that.
 */
async function takenOver(path: string, stale: string, draft: string): Promise<boolean> {
  let guard: Lock;
  try {
    guard = await take(`${path}.takeover`);
  } catch (error) {
    if (error instanceof BatchError) return false;
    throw error;
  }
  try {
    if ((await contentOf(path)) !== stale) return false;
    await rename(draft, path);
    return true;
  } finally {
    await guard.release();
  }
}

async function linked(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"].includes(systemCode(error) ?? "")) throw error;
  }
  // A file system without links: making the file is as exclusive, only not as whole.
  try {
    const file = await open(path, "wx");
    await file.writeFile((await contentOf(draft)) ?? "");
    await file.close();
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw error;
  }
}

/** Takes away what processes left that were killed while they tried for the lock. */
async function sweep(path: string): Promise<void> {
  const [folder, name] = [dirname(path), basename(path)];
  const names = await readdir(folder).catch(() => []);
  for (const left of names.filter((each) => each.startsWith(`${name}.`))) {
    const pid = /\.(\d+)\.[\da-f-]{36}$/.exec(left)?.[1];
    const full = join(folder, left);
    if (pid !== undefined && !(await lives({ pid: Number(pid) }))) await rm(full, { force: true });
    // A guard that its holder left: had once more, it is let go of as it should have been.
    else if (left === `${name}.takeover`) await (await take(full).catch(() => undefined))?.release();
  }
}

async function refuseLiving(path: string, found: string): Promise<void> {
  const holder = holderOf(found);
  if (holder === undefined) {
    const age = Date.now() - (await stat(path).catch(() => ({ mtimeMs: 0 }))).mtimeMs;
    if (age < WRITING)
      throw new BatchError("journal_locked", path, `Another process is just taking the lock ${path}. Try again.`);
    return;
  }
  const remedy = `Wait for it, or, if that process is surely gone, delete ${path}.`;
  if (holder.host !== hostname())
    throw new BatchError(
      "journal_locked",
      path,
      `The journal is in use by process ${holder.pid} on ${holder.host}. ${remedy}`,
    );
  if (await lives(holder))
    throw new BatchError("journal_locked", path, `The journal is in use by process ${holder.pid}. ${remedy}`);
}

function holderOf(text: string): Holder | undefined {
  try {
    const { pid, host, began } = JSON.parse(text) as Record<string, unknown>;
    if (typeof pid !== "number" || typeof host !== "string") return undefined;
    return { pid, host, began: typeof began === "string" ? began : undefined };
  } catch {
    // Cut off when the machine went down: nobody holds it.
    return undefined;
  }
}

async function release(path: string, token: string): Promise<void> {
  if ((await contentOf(path)) === token) await rm(path, { force: true });
}

async function contentOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
