/** Whether a process that left a file behind is still alive. */
import { readFile } from "node:fs/promises";

/** @param began As `beginOf` returned it: another process that got the same number later does not count. */
export async function lives({
  pid,
  began,
}: {
  readonly pid: number;
  readonly began?: string | undefined;
}): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const now = await beginOf(pid);
  if (now === "zombie") return false;
  return began === undefined || now === undefined || now === began;
}

/** When a process began, in the system's own unit; `undefined` where the system does not say. `zombie` for one that has ended. */
export async function beginOf(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => undefined);
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
  return fields?.[0] === "Z" ? "zombie" : fields?.[19];
}
