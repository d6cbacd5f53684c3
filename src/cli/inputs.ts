/** What the arguments of `upscale` stand for: files, folders, patterns, and the image on stdin. */
import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, extname, join, relative, resolve, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { JOURNAL_NAME } from "../batch/job.js";
import type { BatchInput } from "../batch/options.js";
import { EXIT, UsageError } from "./exit.js";
import { fixedPart, folderTest, isPattern, patternOf } from "./glob.js";

/** Ends of the names that a folder's images are known by. A file that is named itself may have any. */
const IMAGES: ReadonlySet<string> = new Set([
  ".jpg",
  ".jpeg",
  ".png",
  ".webp",
  ".gif",
  ".bmp",
  ".tif",
  ".tiff",
  ".avif",
  ".heic",
]);

export interface Inputs extends AsyncDisposable {
  readonly files: readonly Exclude<BatchInput, string>[];
}

/**
 * @param out The folder for results, which is not looked into: results that lie among their sources are no sources.
 * @throws {UsageError} for what does not exist, cannot be read, or holds no image.
 */
export async function inputsOf(args: readonly string[], out: string): Promise<Inputs> {
  const files = new Map<string, Exclude<BatchInput, string>>();
  const leaveOut = resolve(out);
  let spool: string | undefined;
  /** How many files the argument stands for, those that others stand for too included. */
  let named = 0;
  const add = (path: string, base?: string): void => {
    named++;
    const dir = base === undefined ? "" : slashed(relative(base, dirname(path)));
    if (!files.has(resolve(path))) files.set(resolve(path), { path, dir });
  };
  const sweep = (): void => {
    if (spool !== undefined) rmSync(spool, { recursive: true, force: true });
  };
  const clean = async (): Promise<void> => {
    process.off("exit", sweep);
    sweep();
  };
  try {
    for (const arg of args) {
      if (arg === "-") {
        // It can be read once, however often it is named.
        if (spool !== undefined) continue;
        process.once("exit", sweep);
        const path = await spooled((folder) => {
          spool = folder;
        });
        files.set(path, { path, as: "-" });
        continue;
      }
      const facts = await stat(arg).catch(() => undefined);
      named = 0;
      if (facts?.isDirectory()) {
        if (resolve(arg) === leaveOut)
          throw new UsageError(
            `${arg} is the folder for results too: the next run would take them for sources. Choose another --out, which may lie within ${arg}.`,
          );
        for await (const path of imagesBelow(arg, leaveOut)) add(path, arg);
      } else if (facts !== undefined) add(arg);
      else if (isPattern(arg)) {
        const base = fixedPart(arg);
        const wanted = patternOf(arg);
        const enter = folderTest(arg);
        for await (const path of filesBelow(base, leaveOut, (folder) => enter(slashed(folder))))
          if (wanted.test(slashed(path))) add(path, base);
      } else throw new UsageError(`There is no file or folder ${arg}.`);
      if (named === 0)
        throw new UsageError(`${facts === undefined ? "No file matches" : "There is no image in"} ${arg}.`);
    }
  } catch (error) {
    await clean();
    throw error;
  }
  const list = [...files.values()];
  files.clear();
  return { files: list, [Symbol.asyncDispose]: clean };
}

async function* imagesBelow(folder: string, leaveOut: string): AsyncGenerator<string, void, void> {
  for await (const path of filesBelow(folder, leaveOut, () => true))
    if (IMAGES.has(extname(path).toLowerCase())) yield path;
}

/**
 * In the order of their names, so that each run sees the same. Hidden files, links to folders and the results of other
 * batches are passed by.
 */
async function* filesBelow(
  folder: string,
  leaveOut: string,
  enter: (folder: string) => boolean,
  named = true,
): AsyncGenerator<string, void, void> {
  if (resolve(folder) === leaveOut) return;
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    // There is none below which a pattern could match; one that may not be read would be left out in silence.
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return [];
    throw new UsageError(`The folder ${folder} cannot be read (${error.code}).`);
  });
  if (!named && entries.some(({ name }) => name === JOURNAL_NAME)) return;
  entries.sort((one, other) => (one.name < other.name ? -1 : 1));
  for (const entry of entries) {
    if (entry.name.startsWith(".")) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (enter(path)) yield* filesBelow(path, leaveOut, enter, false);
    } else if (entry.isFile() || (entry.isSymbolicLink() && (await stat(path).catch(() => undefined))?.isFile()))
      yield path;
  }
}

function slashed(path: string): string {
  return path.split(sep).join("/");
}

/** stdin can be read once, an image is read for its digest and for its send. @param into Told the folder as it is made. */
async function spooled(into: (folder: string) => void): Promise<string> {
  if (process.stdin.isTTY) throw new UsageError("With - the image comes from stdin, which is a terminal: pipe it in.");
  const leave = (): void => process.exit(EXIT.interrupted);
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.on(signal, leave);
  try {
    const folder = mkdtempSync(join(tmpdir(), "magnific-stdin-"));
    into(folder);
    const path = join(folder, "stdin");
    await pipeline(process.stdin, createWriteStream(path, { mode: 0o600 }));
    return path;
  } finally {
    for (const signal of signals) process.off(signal, leave);
  }
}
