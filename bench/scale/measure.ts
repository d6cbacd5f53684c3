/** Runs a program and measures it together with every process that it starts. Needs Linux, for /proc. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";

export interface Measured {
  readonly output: string;
  readonly seconds: number;
  /** Seconds of CPU time, which does not depend on what else runs. */
  readonly cpu: number;
  /** Megabytes of all its processes together, at their peak. */
  readonly peak: number;
}

/** One at a time: the CPU time is that of all processes that ended meanwhile. */
export async function measure(args: readonly string[], cwd: string): Promise<Measured> {
  const start = performance.now();
  const before = cpuOfChildren();
  const tsx = ["--import", import.meta.resolve("tsx")];
  const child = spawn(process.execPath, [...tsx, ...args], { cwd, stdio: ["ignore", "pipe", "inherit"] });
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, resident(String(child.pid)));
  }, 100);
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, "close")]);
  clearInterval(timer);
  if (code !== 0) throw new Error(`${args.join(" ")} ended with exit code ${code}.\n${output}`);
  return { output, seconds: (performance.now() - start) / 1000, cpu: cpuOfChildren() - before, peak };
}

/** Megabytes of a process and those below it. */
function resident(pid: string): number {
  try {
    const own = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean);
    return children.reduce((sum, child) => sum + resident(child), Number(own ?? 0) / 1000);
  } catch {
    return 0; // It has ended.
  }
}

/** Fields 16 and 17 of proc(5), in hundredths of a second; the name in field 2 may contain spaces. */
function cpuOfChildren(): number {
  const [, fields = ""] = readFileSync("/proc/self/stat", "utf8").split(") ");
  const [user = 0, system = 0] = fields.split(" ").slice(13, 15).map(Number);
  return (user + system) / 100;
}
