/** A task store in a folder: one small file an entry, safe against crashes and between processes. */
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { ConfigurationError } from "../errors/request-errors.js";
import { errorCode } from "../files/error-code.js";
import { makeFolder } from "../files/make-folder.js";
import { writeFileAtomically } from "../files/output.js";
import { syncFolder } from "../files/place-file.js";
import { parseJson } from "../util/json.js";
import { counterFolder, fileCounter } from "./file-counter.js";
import type { KnownSubmit, StoredTask, TaskStore } from "./task-store.js";

/** How often an entry that cannot be made, and is gone when it is read, is made anew: other processes forget it meanwhile. */
const MOST_TRIES = 100;

/**
 * Keeps entries in `folder`, which is made when needed; several processes may share it. What `maxSubmits` counts is a file
 * each in the folder `submits` below it.
 *
 * @example
 * const magnific = new Magnific({ store: fileTaskStore("./magnific-tasks") });
 *
 * @throws {ConfigurationError} when `folder` is empty.
 */
export function fileTaskStore(folder: string): TaskStore {
  if (folder === "") throw new ConfigurationError("fileTaskStore() needs a folder.");
  const pathOf = (digest: string): string => {
    // Anything else would be a path of the caller's making.
    if (!/^[\da-f]{16,128}$/.test(digest)) throw new TypeError("a digest is hexadecimal");
    return join(folder, `${digest}.json`);
  };
  const write = async (path: string, entry: StoredTask, replace: boolean): Promise<boolean> => {
    await makeFolder(folder);
    return writeFileAtomically(path, `${JSON.stringify(entry)}\n`, replace);
  };
  return {
    async begin(digest, at) {
      const path = pathOf(digest);
      for (let tries = 0; tries < MOST_TRIES; tries++) {
        const entry = await read(path, at);
        if (entry !== undefined) return entry;
        if (await write(path, { state: "sending", at }, false)) return undefined;
      }
      throw new Error(`${path} can be neither made nor read`);
    },
    async finish(digest, taskId, at) {
      await write(pathOf(digest), { state: "sent", taskId, at }, true);
    },
    async forget(digest) {
      await rm(pathOf(digest), { force: true });
      await syncFolder(folder);
    },
    async submits() {
      await makeFolder(folder);
      const digests = (await readdir(folder)).flatMap((name) => /^([\da-f]{16,128})\.json$/.exec(name)?.[1] ?? []);
      const found: KnownSubmit[] = [];
      for (const digest of digests) {
        const entry = await read(pathOf(digest), Date.now());
        if (entry !== undefined) found.push({ digest, taskId: entry.taskId, at: entry.at });
      }
      return found;
    },
    reserve: fileCounter(counterFolder(join(folder, "submits")), `in ${join(folder, "submits")}`),
  };
}

/** `undefined` where there is none. One that cannot be understood shows at least that something was begun. */
async function read(path: string, now: number): Promise<StoredTask | undefined> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const { state, taskId, at } = (parseJson(text) ?? {}) as Record<string, unknown>;
  const moment = typeof at === "number" && !Number.isNaN(new Date(at).getTime()) ? at : now;
  const sent = state === "sent" && typeof taskId === "string";
  return sent ? { state, taskId, at: moment } : { state: "sending", at: moment };
}
