/**
 * Counts submits in a folder: a file each, named by the lowest free number. Only one process can make a file, so there is no
 * lock that a killed process could leave; what it counted stays counted.
 */
import { randomUUID } from "node:crypto";
import { readdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeFolder } from "../files/make-folder.js";
import { writeFileAtomically } from "../files/output.js";
import { syncFolder } from "../files/place-file.js";
import type { TaskStore } from "./task-store.js";

export interface CounterFolder {
  /** The names in it; makes it when needed. */
  list(): Promise<string[]>;
  /** Makes a file with this content, durably. `false` where the name is taken. */
  make(name: string, content: string): Promise<boolean>;
  /** Removes the file if it has this content. */
  remove(name: string, content: string): Promise<void>;
}

/** @param where For messages. */
export function fileCounter(folder: CounterFolder, where: string): NonNullable<TaskStore["reserve"]> {
  /** What this process counted: names, and the content that tells them from those of others. */
  const own = new Map<string, string>();
  const counted = async (): Promise<Set<string>> => {
    const before = [...own];
    const names = new Set((await folder.list()).filter((name) => /^\d+$/.test(name)));
    // What was released meanwhile is not missing.
    if (before.some(([name, id]) => own.get(name) === id && !names.has(name)))
      throw new Error(`files ${where} were removed meanwhile, so it is no longer known how many submits were made`);
    return names;
  };
  return async (most) => {
    const names = await counted();
    for (let number = 1; names.size < most; number++) {
      const [name, id] = [String(number), randomUUID()];
      if (names.has(name)) continue;
      if (!(await folder.make(name, id))) {
        names.add(name);
        continue;
      }
      own.set(name, id);
      const release = async (): Promise<void> => {
        own.delete(name);
        await folder.remove(name, id);
      };
      // Another process with a higher cap may have taken the last one under another number.
      const { size } = await counted();
      if (size <= most) return { used: size, where, release };
      await release();
      return { used: size - 1, where };
    }
    return { used: names.size, where };
  };
}

export function counterFolder(path: string): CounterFolder {
  return {
    async list() {
      await makeFolder(path);
      return await readdir(path);
    },
    async make(name, content) {
      const made = await writeFileAtomically(join(path, name), content, false);
      await syncFolder(dirname(path));
      return made;
    },
    async remove(name, content) {
      if ((await readFile(join(path, name), "utf8").catch(() => "")) !== content) return;
      await rm(join(path, name), { force: true });
      await syncFolder(path);
    },
  };
}
