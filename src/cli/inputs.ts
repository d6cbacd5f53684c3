/** What the arguments of `upscale` stand for: files, folders, patterns, and the image on stdin. */
import { createWriteStream } from "node:fs";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, extname, join, relative, resolve, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import type { BatchInput } from "../batch/options.js";
import { UsageError } from "./exit.js";
import { fixedPart, isPattern, patternOf } from "./glob.js";

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
 * @param leaveOut A folder that is not looked into: results that lie among their sources are no sources.
 * @throws {UsageError} for what does not exist, or holds no image.
 */
export async function inputsOf(args: readonly string[], leaveOut: string): Promise<Inputs> {
  const files = new Map<string, Exclude<BatchInput, string>>();
  const out = resolve(leaveOut);
  let spool: string | undefined;
  const add = (path: string, base?: string): void => {
    const dir = base === undefined ? "" : relative(base, dirname(path)).split(sep).join("/");
    if (!files.has(resolve(path))) files.set(resolve(path), { path, dir });
  };
  for (const arg of args) {
    if (arg === "-") {
      spool ??= await mkdtemp(join(tmpdir(), "magnific-stdin-"));
      add(await spooled(join(spool, "stdin")));
      continue;
    }
    const facts = await stat(arg).catch(() => undefined);
    const before = files.size;
    if (facts?.isDirectory()) {
      for await (const path of imagesBelow(arg, out)) add(path, arg);
    } else if (facts !== undefined) add(arg);
    else if (isPattern(arg)) {
      const base = fixedPart(arg);
      const wanted = patternOf(arg);
      for await (const path of filesBelow(base, out)) if (wanted.test(path.split(sep).join("/"))) add(path, base);
    } else throw new UsageError(`There is no file or folder ${arg}.`);
    if (files.size === before && facts?.isFile() !== true)
      throw new UsageError(`${facts === undefined ? "No file matches" : "There is no image in"} ${arg}.`);
  }
  const list = [...files.values()];
  files.clear();
  return {
    files: list,
    async [Symbol.asyncDispose]() {
      if (spool !== undefined) await rm(spool, { recursive: true, force: true });
    },
  };
}

async function* imagesBelow(folder: string, leaveOut: string): AsyncGenerator<string, void, void> {
  for await (const path of filesBelow(folder, leaveOut)) if (IMAGES.has(extname(path).toLowerCase())) yield path;
}

/** In the order of their names, so that each run sees the same. Hidden files and links to folders are passed by. */
async function* filesBelow(folder: string, leaveOut: string): AsyncGenerator<string, void, void> {
  if (resolve(folder) === leaveOut) return;
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  entries.sort((one, other) => (one.name < other.name ? -1 : 1));
  for (const entry of entries) {
    if (entry.name.startsWith(".")) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path, leaveOut);
    else if (entry.isFile() || (entry.isSymbolicLink() && (await stat(path).catch(() => undefined))?.isFile()))
      yield path;
  }
}

/** stdin can be read once, an image is read for its digest and for its send. */
async function spooled(path: string): Promise<string> {
  if (process.stdin.isTTY) throw new UsageError("With - the image comes from stdin, which is a terminal: pipe it in.");
  await pipeline(process.stdin, createWriteStream(path, { mode: 0o600 }));
  return path;
}
