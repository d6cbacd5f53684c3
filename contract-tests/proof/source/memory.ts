/** A mutant can loop and fill the memory: a process below this one that takes too much is killed, and its mutant with it. */
import { readdirSync, readFileSync } from "node:fs";

const LIMIT = 2 * 1024 ** 3;
const EVERY = 250;

export function boundMemory(limit: number = LIMIT): { readonly end: () => void } {
  const timer = setInterval(() => {
    for (const { pid, bytes } of descendants(process.pid)) if (bytes > limit) kill(pid);
  }, EVERY);
  timer.unref();
  return { end: () => clearInterval(timer) };
}

/** Ends what was started since this was called, and what that started. */
export function descendantsFromNow(): { readonly end: () => void } {
  const before = new Set(descendants(process.pid).map(({ pid }) => pid));
  return {
    end: () => {
      for (const { pid } of descendants(process.pid)) if (!before.has(pid)) kill(pid);
    },
  };
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Gone by itself.
  }
}

/** From `/proc`; where there is none, the bound on V8's heap is all there is. */
export function descendants(root: number): { readonly pid: number; readonly bytes: number }[] {
  const all = processes();
  const found = new Set([root]);
  for (let size = 0; size !== found.size; ) {
    size = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  found.delete(root);
  return all.filter(({ pid }) => found.has(pid));
}

function processes(): { readonly pid: number; readonly parent: number; readonly bytes: number }[] {
  let names: string[];
  try {
    names = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    try {
      const status = readFileSync(`/proc/${name}/status`, "utf8");
      const number = (key: string): number => Number(new RegExp(`^${key}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
      return [{ pid: Number(name), parent: number("PPid"), bytes: number("VmRSS") * 1024 }];
    } catch {
      return [];
    }
  });
}
