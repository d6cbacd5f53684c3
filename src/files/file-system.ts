/**
 * The part of Node's file system that writing needs. Asked for at run time through `process.getBuiltinModule`, so that
 * the core imports no Node built-in and no bundler tries to resolve one.
 */
import { ConfigurationError } from "../errors/request-errors.js";

export interface FileHandle {
  write(bytes: Uint8Array, offset: number, length: number): Promise<{ readonly bytesWritten: number }>;
  truncate(length: number): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

type Written = (error: unknown, bytesWritten: number) => void;

interface Files {
  readonly constants: { readonly O_WRONLY: number; readonly O_NONBLOCK?: number };
  open(path: string, flags: string | number): Promise<FileHandle>;
  stat(path: string): Promise<{ isFile(): boolean; isDirectory(): boolean; isFIFO(): boolean }>;
  readlink(path: string): Promise<string>;
  rename(from: string, to: string): Promise<void>;
  link(existing: string, added: string): Promise<void>;
  unlink(path: string): Promise<void>;
  resolve(...parts: string[]): string;
  dirname(path: string): string;
  fileURLToPath(url: URL): string;
  /** Into a descriptor that is open already. */
  write(fd: number, bytes: Uint8Array, offset: number, length: number, done: Written): void;
}

/** @throws {ConfigurationError} in a runtime without files. */
export function files(): Files {
  const { process } = globalThis as { readonly process?: { getBuiltinModule?(name: string): unknown } };
  const builtin = (name: string): object => {
    const found = process?.getBuiltinModule?.(name);
    if (typeof found === "object" && found !== null) return found;
    throw new ConfigurationError(
      "save(path) needs a runtime with files (Node 20.16 or newer, Bun, Deno). Here, use bytes(), blob() or stream().",
    );
  };
  const { write } = builtin("node:fs") as Pick<Files, "write">;
  // Only the later `resolve` is meant: `node:url` has one too.
  return { ...builtin("node:url"), ...builtin("node:path"), ...builtin("node:fs/promises"), write } as Files;
}
