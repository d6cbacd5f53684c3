/** What a step costs, with the processes it starts: CPU time, and memory at the peak of all of them together. */
import { readdirSync, readFileSync } from "node:fs";

const CLOCK_TICKS = 100;
const EVERY = 100;

export interface Cost {
  /** Seconds of CPU time; unlike the time on the clock it does not depend on what else runs. */
  readonly cpu: number;
  /** Bytes. */
  readonly peak: number;
}

export function costMeter(): () => Cost {
  let together = 0;
  const timer = setInterval(() => {
    together = Math.max(together, residentOf(process.pid));
  }, EVERY);
  timer.unref();
  return () => {
    clearInterval(timer);
    return { cpu: cpuSeconds(), peak: Math.max(together, process.resourceUsage().maxRSS * 1024) };
  };
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  const own = (user + system) / 1e6;
  const [, rest = ""] = read("/proc/self/stat").split(") ");
  const [children = 0, childrenInSystem = 0] = rest.split(" ").slice(13, 15).map(Number);
  return own + (children + childrenInSystem) / CLOCK_TICKS;
}

/** Of a process and all below it; 0 where there is no /proc. */
function residentOf(root: number): number {
  const parents = new Map<number, number>();
  for (const name of names()) {
    const [, rest = ""] = read(`/proc/${name}/stat`).split(") ");
    parents.set(Number(name), Number(rest.split(" ")[1]));
  }
  const isBelow = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at))
      if (at === root) return true;
    return false;
  };
  let sum = 0;
  for (const pid of parents.keys())
    if (isBelow(pid)) sum += 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
  return sum;
}

function names(): string[] {
  try {
    return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
