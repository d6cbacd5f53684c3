/** Where the API key comes from: the environment or a file that only its owner can read, never an argument. */
import { constants } from "node:fs";
import { open, readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { UsageError } from "./exit.js";

export interface FoundKey {
  readonly key: string;
  /** Where it was found, for messages. */
  readonly from: string;
}

/** In this order: --key-file, MAGNIFIC_API_KEY, MAGNIFIC_API_KEY_FILE, the file in the configuration folder. */
export async function findKey(env: NodeJS.ProcessEnv, keyFile?: string): Promise<FoundKey | undefined> {
  if (keyFile !== undefined) return await keyIn(keyFile);
  const key = env.MAGNIFIC_API_KEY?.trim();
  if (key) return { key, from: "MAGNIFIC_API_KEY" };
  if (env.MAGNIFIC_API_KEY_FILE) return await keyIn(env.MAGNIFIC_API_KEY_FILE);
  const standard = defaultKeyFile(env);
  const missing = await stat(standard).catch(({ code }: NodeJS.ErrnoException) => code === "ENOENT");
  return missing === true ? undefined : await keyIn(standard);
}

/** @throws {UsageError} when there is none, or its file can be read by others. */
export async function requireKey(env: NodeJS.ProcessEnv, keyFile?: string): Promise<FoundKey> {
  const found = await findKey(env, keyFile);
  if (found !== undefined) return found;
  throw new UsageError(
    `There is no API key. Set MAGNIFIC_API_KEY, or put the key in ${defaultKeyFile(env)} (readable by you alone: chmod 600).`,
  );
}

export function configFolder(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), ".config"), "magnific");
}

/** Where the command remembers what it sent. */
export function stateFolder({ XDG_STATE_HOME, HOME }: NodeJS.ProcessEnv): string {
  return join(XDG_STATE_HOME || join(HOME || homedir(), ".local", "state"), "magnific");
}

export function defaultKeyFile(env: NodeJS.ProcessEnv): string {
  return join(configFolder(env), "key");
}

/** The content of a file of secrets, without the line break at its end. @throws {UsageError} */
export async function secretIn(path: string): Promise<string> {
  const facts = await stat(path).catch((error: NodeJS.ErrnoException) => {
    const missing = error.code === "ENOENT";
    throw new UsageError(missing ? `There is no file ${path}.` : `${path} cannot be read (${error.code}).`);
  });
  if (facts.isDirectory()) throw new UsageError(`${path} is a folder, not a file with a secret.`);
  // Windows has no such bits.
  if (process.platform !== "win32" && (facts.mode & 0o077) !== 0)
    throw new UsageError(`${path} can be read by others, so its secret is not used. Run: chmod 600 ${path}`);
  const text = (await textIn(path)).trim();
  if (text === "") throw new UsageError(`${path} is empty.`);
  return text;
}

/** Milliseconds in which whoever writes into a pipe has to do so, and between two reads of it. */
const PIPE_PATIENCE = 10_000;
const PIPE_PAUSE = 20;

/** The text of a file that was named, or of a pipe as shells make it: `--key-file <(…)`. @throws {UsageError} */
export async function textIn(path: string, patience: number = PIPE_PATIENCE): Promise<string> {
  try {
    const facts = await stat(path);
    if (facts.isFIFO()) return await textInPipe(path, patience);
    if (facts.isFile() || facts.isDirectory()) return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(`${path} cannot be read (${code ?? message}).`);
  }
  throw new UsageError(`${path} is a device or a socket, not a file.`);
}

/** @throws {UsageError} */
export async function objectIn(path: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await textIn(path);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${path} is not valid JSON: ${(error as Error).message}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new UsageError(`${path} must hold a JSON object.`);
  return value as Readonly<Record<string, unknown>>;
}

/** Never blocks a thread, which would keep the process from ending: nobody may ever write. */
async function textInPipe(path: string, patience: number): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const bytes = Buffer.alloc(65_536);
    let length = 0;
    for (const end = performance.now() + patience; performance.now() < end && length < bytes.byteLength; ) {
      const read = await file.read(bytes, length).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "EAGAIN") throw error;
      });
      if (read?.bytesRead === 0 && length > 0) return bytes.toString("utf8", 0, length);
      length += read?.bytesRead ?? 0;
      if (!read?.bytesRead) await pause(PIPE_PAUSE);
    }
  } finally {
    await file.close();
  }
  throw new UsageError(
    `${path} is a pipe into which nobody wrote a complete text of less than 64 KiB within ${patience} ms.`,
  );
}

async function keyIn(path: string): Promise<FoundKey> {
  return { key: await secretIn(path), from: path };
}
