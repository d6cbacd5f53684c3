/** Writes a set of files: all of them to a folder of their own first, which are then moved to their places. */
import * as fs from "node:fs";
import { dirname, join } from "node:path";

/** Path below the root, with `/` → new content; `null` deletes the file. */
export type Files = ReadonlyMap<string, string | Uint8Array | null>;

/** Those of the files that are not on disk as they should be. */
export function differing(root: string, wanted: Files): Files {
  return new Map(
    [...wanted].filter(([path, content]) => {
      const file = join(root, path);
      if (content === null || !fs.existsSync(file)) return fs.existsSync(file) !== (content !== null);
      return !fs.readFileSync(file).equals(Buffer.from(content));
    }),
  );
}

/** Exists while a run writes. On the same file system as the files, so that moving one is a rename. */
const STAGING = ".vendor-run";
const UNDO = `Restore the files with \`git checkout -- openapi generated contract-tests .changeset\`, delete the new ones that \`git status\` lists, and the folder ${STAGING}.`;

/** @throws {Error} when a run is writing to this root, or was killed while it did. */
export function requireNoRun(root: string): void {
  if (fs.existsSync(join(root, STAGING)))
    throw new Error(`Another run is writing to ${root}, or was killed while it did. If none is running: ${UNDO}`);
}

/** @throws {Error} saying whether anything was changed, and how to undo it. */
export function writeAll(root: string, files: Files): void {
  if (files.size === 0) return;
  requireNoRun(root);
  const staging = join(root, STAGING);
  const entries = [...files].map(([path, content], index) => {
    return { target: join(root, path), content, staged: join(staging, String(index)) };
  });
  try {
    fs.mkdirSync(staging);
    for (const { staged, content } of entries) if (content !== null) fs.writeFileSync(staged, content);
  } catch (error) {
    fs.rmSync(staging, { recursive: true, force: true });
    throw new Error(`Nothing was changed: ${error instanceof Error ? error.message : error}`);
  }
  try {
    for (const { target, content, staged } of entries) {
      fs.mkdirSync(dirname(target), { recursive: true });
      if (content !== null) fs.renameSync(staged, target);
      else {
        fs.rmSync(target, { force: true });
        // Git keeps no empty folder.
        if (fs.readdirSync(dirname(target)).length === 0) fs.rmdirSync(dirname(target));
      }
    }
  } catch (error) {
    throw new Error(`Only some files were written: ${error instanceof Error ? error.message : error}. ${UNDO}`);
  }
  fs.rmSync(staging, { recursive: true });
}
