/**
 * The little of Node's file system that saving needs. Asked for at run time through `process.getBuiltinModule`, so that
 * the core imports no Node built-in and no bundler tries to resolve one.
 */
import { ConfigurationError } from "../errors/configuration-error.js";

export interface FileHandle {
  write(
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesWritten: number }>;
  truncate(length: number): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface FileSystem {
  open(path: string, flags: string): Promise<FileHandle>;
  stat(path: string): Promise<{ isDirectory(): boolean }>;
  rename(from: string, to: string): Promise<void>;
  link(existing: string, added: string): Promise<void>;
  unlink(path: string): Promise<void>;
}

export interface Files {
  readonly fs: FileSystem;
  /** The absolute path of a path or `file:` URL. */
  absolute(path: string | URL): string;
  /** A path in the same folder. */
  beside(path: string, name: string): string;
  folder(path: string): string;
}

interface PathModule {
  resolve(path: string): string;
  dirname(path: string): string;
  join(...parts: string[]): string;
}

interface Process {
  getBuiltinModule?(name: string): unknown;
}

/** @throws {ConfigurationError} in a runtime without files. */
export function files(): Files {
  const runtime = (globalThis as { readonly process?: Process }).process;
  const builtin = <T>(name: string): T | undefined => runtime?.getBuiltinModule?.(name) as T | undefined;
  const fs = builtin<FileSystem>("node:fs/promises");
  const path = builtin<PathModule>("node:path");
  const url = builtin<{ fileURLToPath(url: URL): string }>("node:url");
  if (fs === undefined || path === undefined || url === undefined) {
    throw new ConfigurationError(
      "save(path) needs a runtime with files (Node 20.16 or newer, Bun, Deno). Here, use bytes(), blob() or stream().",
    );
  }
  return {
    fs,
    absolute: (target) => path.resolve(typeof target === "string" ? target : url.fileURLToPath(target)),
    beside: (target, name) => path.join(path.dirname(target), name),
    folder: (target) => path.dirname(target),
  };
}
