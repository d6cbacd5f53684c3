/** The files that the arguments of `upscale` stand for: files, folders, patterns, and the image on stdin. */
import fs, { createWriteStream, mkdtempSync, rmSync, statSync } from "node:fs";
import { stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, extname, join, relative, resolve, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { glob } from "tinyglobby";
import { JOURNAL_NAME } from "../batch/job.js";
import type { BatchInput } from "../batch/options.js";
import { EXIT, UsageError } from "./exit.js";
import { onInterrupts } from "./interrupt.js";

/** Extensions of the images in a folder. A file that is named itself may have any. */
const IMAGES: ReadonlySet<string> = new Set(
  "jpg jpeg jpe jfif png webp gif bmp tif tiff avif heic heif".split(" ").map((extension) => `.${extension}`),
);

type Input = Exclude<BatchInput, string>;

/**
 * @param out The folder for results, which is not searched: results that lie among their sources are not sources.
 * @throws {UsageError} for what does not exist, cannot be read, or holds no image.
 */
export async function findInputs(
  args: readonly string[],
  out: string,
): Promise<AsyncDisposable & { readonly files: readonly Input[]; readonly leftOut: readonly string[] }> {
  const files = new Map<string, Input>();
  const leftOut: string[] = [];
  let spool: string | undefined;
  const add = (path: string, dir = ""): void => {
    if (!files.has(resolve(path))) files.set(resolve(path), { path, dir });
  };
  const sweep = (): void => {
    if (spool !== undefined) rmSync(spool, { recursive: true, force: true });
  };
  process.once("exit", sweep);
  const clean = async (): Promise<void> => {
    process.off("exit", sweep);
    sweep();
  };
  try {
    for (const arg of args) {
      if (arg !== "-") for (const [path, dir] of await filesOf(arg, resolve(out), leftOut)) add(path, dir);
      // It can be read once, however often it is named.
      else if (spool === undefined) {
        spool = mkdtempSync(join(tmpdir(), "magnific-stdin-"));
        const path = await spoolStdin(spool);
        files.set(path, { path, as: "-" });
      }
    }
  } catch (error) {
    await clean();
    throw error;
  }
  return { files: [...files.values()], leftOut, [Symbol.asyncDispose]: clean };
}

/** Paths, each with its folder below the argument. @param leftOut Gets what a folder holds besides. */
async function filesOf(arg: string, out: string, leftOut: string[]): Promise<[path: string, dir?: string][]> {
  if (/^https?:/i.test(arg)) {
    const fetched = `curl -fsSL '${arg.replaceAll("'", "%27")}' | magnific upscale - --out result.png`;
    throw new UsageError(`${arg} is a URL, and only files are sent. Fetch it first: ${fetched}`);
  }
  const facts = await stat(arg).catch(() => undefined);
  if (facts !== undefined && !facts.isDirectory()) return [[arg]];
  if (facts === undefined && !isPattern(arg)) throw new UsageError(`There is no file or folder ${arg}.`);
  if (facts !== undefined && resolve(arg) === out)
    throw new UsageError(
      `${arg} is the folder for results too: the next run would take them for sources. Choose another --out, which may be inside ${arg}.`,
    );
  const [base, pattern] = facts === undefined ? splitPattern(arg) : [arg, "**"];
  const found = await search(base, pattern, out, leftOut);
  const isImage = (path: string): boolean => facts === undefined || IMAGES.has(extname(path).toLowerCase());
  const paths = found.filter(isImage);
  leftOut.push(...found.filter((path) => !isImage(path)));
  if (paths.length === 0)
    throw new UsageError(`${facts === undefined ? "No file matches" : "There is no image in"} ${arg}.`);
  return paths.map((path) => [path, relative(base, dirname(path)).split(sep).join("/")]);
}

/** Whether the arguments stand for one image, whatever a folder holds or a pattern matches. */
export function isOneFile(args: readonly string[]): boolean {
  const [arg = ""] = args;
  const facts = statSync(arg, { throwIfNoEntry: false });
  return args.length === 1 && (facts === undefined ? !isPattern(arg) : !facts.isDirectory());
}

function isPattern(text: string): boolean {
  return /[*?[{]/.test(text);
}

/** The folder below which all matches are, and the rest. Only `*`, `?`, `[…]` and `{…}` are special, as in shells. */
function splitPattern(text: string): [base: string, pattern: string] {
  const parts = text.split("/");
  const first = parts.findIndex(isPattern);
  const base = parts.slice(0, first).join("/") || (text.startsWith("/") ? "/" : ".");
  const pattern = parts.slice(first).join("/");
  return [base, pattern.replace(/[()+@|]|(?<!\[)!/g, "\\$&")];
}

/** Stands for a line break in names, which patterns do not match. */
const LINE_BREAK = "\u{f000a}";

/** Files in the order of their paths, the same each time; no hidden ones, links to folders, or results of other batches. */
async function search(base: string, pattern: string, out: string, leftOut: string[]): Promise<string[]> {
  let failure: UsageError | undefined;
  const readdir = (name: string, _: object, done: (error: Error | null, entries?: object[]) => void): void => {
    const folder = name.replaceAll(LINE_BREAK, "\n");
    fs.readdir(folder, { withFileTypes: true }, (error, entries = []) => {
      // No match can be in a folder that does not exist; one that cannot be read must not be left out silently.
      if (error && error.code !== "ENOENT" && error.code !== "ENOTDIR")
        failure ??= new UsageError(`The folder ${join(base, relative(base, folder))} cannot be read (${error.code}).`);
      const other = resolve(folder) !== resolve(base) && entries.some((entry) => entry.name === JOURNAL_NAME);
      if (other && resolve(folder) !== out) leftOut.push(`${join(base, relative(base, folder))}${sep}`);
      const listed = resolve(folder) === out || other ? [] : entries.map((entry) => asListed(folder, entry));
      done(error, listed);
    });
  };
  const options = { cwd: base, expandDirectories: false, followSymbolicLinks: false };
  const names = await glob(pattern, { ...options, fs: { readdir: readdir as never } });
  if (failure !== undefined) throw failure;
  return names.map((name) => join(base, name.replaceAll(LINE_BREAK, "\n"))).sort();
}

/** A link to a file counts as that file. */
function asListed(folder: string, entry: fs.Dirent): object {
  const name = entry.name.replaceAll("\n", LINE_BREAK);
  const linked = entry.isSymbolicLink() && fs.statSync(join(folder, entry.name), { throwIfNoEntry: false })?.isFile();
  const isFile = entry.isFile() || linked === true;
  return { name, isFile: () => isFile, isDirectory: () => entry.isDirectory(), isSymbolicLink: () => false };
}

/** stdin can be read once; an image is read for its digest and for its send. */
async function spoolStdin(folder: string): Promise<string> {
  if (process.stdin.isTTY) throw new UsageError("With - the image comes from stdin, which is a terminal: pipe it in.");
  const off = onInterrupts(() => process.exit(EXIT.interrupted));
  try {
    const path = join(folder, "stdin");
    await pipeline(process.stdin, createWriteStream(path, { mode: 0o600 }));
    return path;
  } finally {
    off();
  }
}
