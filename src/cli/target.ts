/** Where results go: below a folder, into one file, or to stdout. */
import { createReadStream, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, extname, join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Shell } from "./commands/command.js";
import { UsageError } from "./exit.js";

export interface Target {
  /** Absolute path of the folder. */
  readonly out: string;
  /** The name of the result, where it is one file. */
  readonly name?: string | undefined;
}

/** @param out A folder where it is one or ends with a slash. @param one Whether there is one result. @throws {UsageError} */
export function targetOf(out: string, one: boolean): Target {
  const folder = /[/\\]$/.test(out) || statSync(out, { throwIfNoEntry: false })?.isDirectory() === true;
  if (!folder && one) return { out: resolve(dirname(out)), name: basename(out) };
  if (!folder && (existsSync(out) || extname(out) !== ""))
    throw new UsageError(`${out} is one file, and there may be several results: name a folder with --out, e.g. big/.`);
  return { out: resolve(out) };
}

/** Gives the work a folder for its one result, and a shell that prints nothing to stdout; then the result goes there, as a whole. */
export async function throughStdout<T>(shell: Shell, one: boolean, work: (shell: Shell, out: string) => Promise<T>) {
  if (!one) throw new UsageError("stdout takes one result: name a folder with --out, e.g. big/.");
  if (shell.json) throw new UsageError("--json and --out - both write to stdout: use one of them.");
  if (process.stdout.isTTY)
    throw new UsageError("The result would go to stdout, which is a terminal: redirect it, or name a file.");
  const out = mkdtempSync(join(tmpdir(), "magnific-stdout-"));
  const inside = new RegExp(`\\S*${basename(out)}\\S*`, "g");
  const say = (line: string): void => shell.terminal.say(line.replace(inside, "stdout"));
  const terminal = Object.assign(Object.create(shell.terminal) as Shell["terminal"], { out: say });
  try {
    const done = await work({ ...shell, terminal }, out);
    const [file, more] = readdirSync(out).sort((one, other) => one.length - other.length);
    if (more !== undefined) say("This is the first of several results; `magnific download` saves all.");
    if (file !== undefined)
      await pipeline(createReadStream(join(out, file)), process.stdout, { end: false }).catch(({ code, message }) => {
        // The reader may have read enough (`| head`).
        if (code !== "EPIPE") throw new Error(`stdout could not be written: ${code ?? message}.`);
      });
    return done;
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}
