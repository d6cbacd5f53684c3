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

interface FileSystem {
  readonly constants: { readonly O_WRONLY: number; readonly O_NONBLOCK?: number };
  open(path: string, flags: string | number): Promise<FileHandle>;
  stat(path: string): Promise<{ isFile(): boolean; isDirectory(): boolean; isFIFO(): boolean }>;
  readlink(path: string): Promise<string>;
  rename(from: string, to: string): Promise<void>;
  link(existing: string, added: string): Promise<void>;
  unlink(path: string): Promise<void>;
}

type Written = (error: unknown, bytesWritten: number) => void;

interface Files {
  readonly fs: FileSystem;
  readonly descriptors: { write(fd: number, bytes: Uint8Array, offset: number, length: number, done: Written): void };
  readonly paths: { resolve(...parts: string[]): string; dirname(path: string): string };
  readonly fileURLToPath: (url: URL) => string;
}

/** @throws {ConfigurationError} in a runtime without files. */
export function files(): Files {
  const { process } = globalThis as { readonly process?: { getBuiltinModule?(name: string): unknown } };
  const builtin = <T>(name: string): T => {
    const found = process?.getBuiltinModule?.(name);
    if (found !== undefined) return found as T;
    throw new ConfigurationError(
      "save(path) needs a runtime with files (Node 20.16 or newer, Bun, Deno). Here, use bytes(), blob() or stream().",
    );
  };
  return {
    fs: builtin("node:fs/promises"),
    descriptors: builtin("node:fs"),
    paths: builtin("node:path"),
    ...builtin<Pick<Files, "fileURLToPath">>("node:url"),
  };
}
