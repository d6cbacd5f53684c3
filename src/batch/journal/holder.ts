/** Whether the process that holds a lock still lives. */
import { readFile } from "node:fs/promises";
import { systemCode } from "../errors.js";

/** Who holds a lock. */
export interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the process began, where the system tells: a number that is used again later is then not taken for the holder. */
  readonly began?: string | undefined;
}

export async function lives({ pid, began }: Pick<Holder, "pid" | "began">): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (systemCode(error) !== "EPERM") return false;
  }
  const now = await beginOf(pid);
  if (now === "zombie") return false;
  return began === undefined || now === undefined || now === began;
}

/** When a process began, in the system's own unit; `undefined` where the system does not tell. `zombie` for one that has ended. */
export async function beginOf(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => undefined);
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
  return fields?.[0] === "Z" ? "zombie" : fields?.[19];
}
