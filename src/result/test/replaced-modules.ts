/** Puts other code in place of a module of Node, until the test is over. */
import { onTestFinished, vi } from "vitest";

export function coded(code: string): Error {
  return Object.assign(new Error("no"), { code });
}

export function replaceFileSystem(replaced: object): void {
  replaceBuiltins((name, actual) => (name === "node:fs/promises" ? { ...actual, ...replaced } : actual));
}

export function replaceBuiltins(replacement: (name: string, actual: object) => object | undefined): void {
  const actual = process.getBuiltinModule.bind(process) as (name: string) => object;
  vi.spyOn(process, "getBuiltinModule").mockImplementation(((name: string) =>
    replacement(name, actual(name))) as never);
  onTestFinished(() => void vi.restoreAllMocks());
}
