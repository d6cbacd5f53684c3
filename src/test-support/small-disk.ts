/** A file system that is soon full, or suddenly read-only: for root on Linux, who may mount one. */
import { execFileSync } from "node:child_process";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

export const CAN_MOUNT: boolean = canMount();

export interface SmallDisk extends AsyncDisposable {
  /** Leaves no byte of room. */
  fill(): void;
  /** Makes room again. */
  clear(): void;
  /** Nothing may stand open for writing. */
  makeReadOnly(): void;
}

/** @param folder Where it is to be; made when needed. */
export async function smallDisk(folder: string, options = "size=64k"): Promise<SmallDisk> {
  await mkdir(folder, { recursive: true });
  execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder]);
  const ballast = join(folder, "ballast");
  return {
    fill() {
      // To the last page; a file that has begun a page may be written to its end.
      const file = openSync(ballast, "a");
      try {
        for (let pages = 256; pages > 0; ) {
          try {
            writeSync(file, Buffer.alloc(pages * 4096));
          } catch {
            pages = Math.floor(pages / 2);
          }
        }
      } finally {
        closeSync(file);
      }
    },
    clear: () => rmSync(ballast, { force: true }),
    makeReadOnly: () => void execFileSync("mount", ["-o", "remount,ro", folder]),
    async [Symbol.asyncDispose]() {
      execFileSync("umount", [folder]);
    },
  };
}

function canMount(): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  try {
    execFileSync("unshare", ["-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
