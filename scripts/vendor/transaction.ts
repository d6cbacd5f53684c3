/**
 * Writes many files as one step: all of them, or none. Old contents are kept beside a journal until the last file is in
 * its place; a run that was killed in between is undone by the next one.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Path below the root, with `/` → new content; `null` deletes the file. */
export type Files = ReadonlyMap<string, string | Uint8Array | null>;

const FOLDER = ".vendor-run";
const JOURNAL = "journal.json";

interface Journal {
  readonly pid: number;
  /** The files in the order they are replaced; `had` when there was one before. */
  readonly steps: readonly { readonly path: string; readonly had: boolean }[];
}

/** @throws {Error} after everything was put back. */
export function writeAll(root: string, files: Files, interrupt?: (written: number) => void): void {
  const entries = [...files];
  if (entries.length === 0) return;
  const folder = join(root, FOLDER);
  try {
    mkdirSync(folder);
  } catch {
    throw new Error(`${folder} is there: another run is under way.`);
  }
  const steps = entries.map(([path]) => ({ path, had: existsSync(join(root, path)) }));
  try {
    entries.forEach(([path, content], index) => {
      if (content !== null) writeFileSync(join(folder, `${index}.new`), content);
      if (steps[index]?.had) writeFileSync(join(folder, `${index}.old`), readFileSync(join(root, path)));
    });
    const journal: Journal = { pid: process.pid, steps };
    writeFileSync(join(folder, JOURNAL), JSON.stringify(journal));
    entries.forEach(([path, content], index) => {
      interrupt?.(index);
      mkdirSync(dirname(join(root, path)), { recursive: true });
      if (content === null) rmSync(join(root, path), { force: true });
      else renameSync(join(folder, `${index}.new`), join(root, path));
    });
  } catch (error) {
    putBack(root, steps);
    throw error;
  }
  // From here on the new files stand, whatever happens to the folder.
  rmSync(join(folder, JOURNAL));
  rmSync(folder, { recursive: true });
}

/** Undoes a run that was killed half-way. Returns whether there was one. @throws {Error} when it is still running. */
export function recover(root: string): boolean {
  const folder = join(root, FOLDER);
  if (!existsSync(folder)) return false;
  const path = join(folder, JOURNAL);
  if (!existsSync(path)) {
    // Nothing was replaced before the journal was there, nothing is missing after it is gone.
    rmSync(folder, { recursive: true });
    return false;
  }
  const { pid, steps } = JSON.parse(readFileSync(path, "utf8")) as Journal;
  if (pid !== process.pid && isAlive(pid)) throw new Error(`Another run (process ${pid}) is writing to ${root}.`);
  putBack(root, steps);
  return true;
}

function putBack(root: string, steps: Journal["steps"]): void {
  const folder = join(root, FOLDER);
  steps.forEach(({ path, had }, index) => {
    const old = join(folder, `${index}.old`);
    if (!had) {
      rmSync(join(root, path), { force: true });
      removeEmptyFolder(dirname(join(root, path)), root);
    } else if (existsSync(old)) renameSync(old, join(root, path));
  });
  rmSync(folder, { recursive: true, force: true });
}

function removeEmptyFolder(folder: string, root: string): void {
  if (folder.length <= root.length) return;
  try {
    rmdirSync(folder);
  } catch {
    // It holds something: it was there before.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
