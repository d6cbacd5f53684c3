/**
 * Writes many files as one step: all of them, or none. New and old contents are laid beside each other first, where
 * nothing reads them; one rename makes that the run under way; then each file is replaced by a rename. A run that was
 * killed in between is undone by the next one; until then nobody reads what it left (`requireWhole`).
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { RUN_FOLDER } from "../../openapi/document/under-way.js";

/** Path below the root, with `/` → new content; `null` deletes the file. */
export type Files = ReadonlyMap<string, string | Uint8Array | null>;

const JOURNAL = "journal.json";

interface Step {
  readonly path: string;
  /** There was such a file before. */
  readonly had: boolean;
  /** There is none afterwards. */
  readonly gone: boolean;
}

interface Journal {
  readonly pid: number;
  /** The files in the order they are replaced. */
  readonly steps: readonly Step[];
  /** Folders that were not there before, the outer ones first. */
  readonly folders: readonly string[];
}

/** @param interrupt is called at each point where a run could be killed. @throws {Error} when nothing was changed, or after everything was put back. */
export function writeAll(root: string, files: Files, interrupt: (point: string) => void = () => {}): void {
  const entries = [...files];
  if (entries.length === 0) return;
  const folder = join(root, RUN_FOLDER);
  const staging = `${folder}-${process.pid}`;
  const steps = entries.map(([path, content]) => ({ path, had: existsSync(join(root, path)), gone: content === null }));
  const folders = missingFolders(root, entries);
  const journal: Journal = { pid: process.pid, steps, folders };
  try {
    rmSync(staging, { recursive: true, force: true });
    mkdirSync(staging);
    entries.forEach(([path, content], index) => {
      interrupt(`staging ${index}`);
      if (content !== null) writeSafely(join(staging, `${index}.new`), content);
      if (steps[index]?.had) writeSafely(join(staging, `${index}.old`), readFileSync(join(root, path)));
    });
    writeSafely(join(staging, JOURNAL), JSON.stringify(journal));
    interrupt("staged");
    // Fails when another run is under way, since its folder is not empty.
    renameSync(staging, folder);
  } catch (error) {
    rmSync(staging, { recursive: true, force: true });
    if (existsSync(folder)) throw new Error(`${folder} is there: another run is under way.`);
    throw new Error(`Nothing was changed: ${messageOf(error)}`);
  }
  try {
    for (const path of folders) mkdirSync(join(root, path));
    entries.forEach(([path, content], index) => {
      interrupt(`replacing ${index}`);
      if (content === null) rmSync(join(root, path), { force: true });
      else renameSync(join(folder, `${index}.new`), join(root, path));
    });
    interrupt("replaced");
    // The new files stand from here on, whatever happens to what is left.
    renameSync(folder, staging);
  } catch (error) {
    putBack(root, journal);
    throw new Error(`Everything was put back: ${messageOf(error)}`);
  }
  interrupt("done");
  rmSync(staging, { recursive: true, force: true });
}

/** Undoes a run that was killed half-way. Returns whether there was one. @throws {Error} when it is still running. */
export function recover(root: string): boolean {
  sweep(root);
  const folder = join(root, RUN_FOLDER);
  if (!existsSync(folder)) return false;
  const path = join(folder, JOURNAL);
  if (!existsSync(path)) throw new Error(`${folder} holds no journal: it is none of this program's. Remove it.`);
  const journal = JSON.parse(readFileSync(path, "utf8")) as Journal;
  if (journal.pid !== process.pid && isAlive(journal.pid))
    throw new Error(`Another run (process ${journal.pid}) is writing to ${root}.`);
  putBack(root, journal);
  return true;
}

/** What runs left that were killed before they changed anything, or after they had changed everything. */
function sweep(root: string): void {
  if (!existsSync(root)) return;
  for (const name of readdirSync(root)) {
    const pid = name.startsWith(`${RUN_FOLDER}-`) ? Number(name.slice(RUN_FOLDER.length + 1)) : Number.NaN;
    if (Number.isInteger(pid) && (pid === process.pid || !isAlive(pid)))
      rmSync(join(root, name), { recursive: true, force: true });
  }
}

/** May itself be killed at any point and be done again: what is undone already is passed over. */
function putBack(root: string, { steps, folders }: Journal): void {
  const folder = join(root, RUN_FOLDER);
  steps.forEach(({ path, had, gone }, index) => {
    const [file, old] = [join(root, path), join(folder, `${index}.old`)];
    // A file that could not be replaced must not be touched again: its folder may not be ours to write to.
    const replaced = gone ? !existsSync(file) : !existsSync(join(folder, `${index}.new`));
    if (!replaced) return;
    if (!had) rmSync(file, { force: true });
    else if (existsSync(old)) renameSync(old, file);
  });
  for (const path of [...folders].reverse()) removeEmptyFolder(join(root, path));
  const rest = `${folder}-${process.pid}`;
  rmSync(rest, { recursive: true, force: true });
  renameSync(folder, rest);
  rmSync(rest, { recursive: true, force: true });
}

/** Written through to the disk: a file that is renamed into its place must not be empty after a power cut. */
function writeSafely(path: string, content: string | Uint8Array): void {
  const file = openSync(path, "wx");
  try {
    writeFileSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function missingFolders(root: string, entries: readonly (readonly [string, unknown])[]): string[] {
  const missing = new Set<string>();
  for (const [path, content] of entries) {
    if (content === null) continue;
    for (let folder = dirname(path); folder !== "." && !existsSync(join(root, folder)); folder = dirname(folder))
      missing.add(folder);
  }
  return [...missing].sort((a, b) => a.length - b.length);
}

function removeEmptyFolder(folder: string): void {
  try {
    if (statSync(folder, { throwIfNoEntry: false })) rmdirSync(folder);
  } catch {
    // It holds something that is not ours.
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
