import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { replaced, systemError } from "../../batch/test/replaced.js";
import { beginOf, lives } from "../process.js";

/** No system gives numbers so high. */
const NONE = 2 ** 22 + 5;

describe("a process", () => {
  it("is alive until it ends", async () => {
    expect(await lives({ pid: process.pid })).toBe(true);
    expect(await lives({ pid: process.ppid })).toBe(true);
    const other = spawn("sleep", ["60"]);
    await once(other, "spawn");
    const pid = other.pid ?? 0;
    expect(await lives({ pid })).toBe(true);
    other.kill("SIGKILL");
    await once(other, "exit");
    expect(await lives({ pid })).toBe(false);
    expect(await lives({ pid: NONE })).toBe(false);
  });

  it("is alive when it belongs to another user, and when the system does not say when it began", async () => {
    const answering = (code?: string) => () =>
      ((): true => {
        if (code === undefined) return true;
        throw systemError(code);
      }) as typeof process.kill;
    const found = (code?: string, began?: string): Promise<boolean> =>
      replaced(process, "kill", answering(code), () => lives({ pid: NONE, began }));
    expect([await found("EPERM"), await found("ESRCH")]).toEqual([true, false]);
    expect([await found(undefined, "1"), await found("EPERM", "1")]).toEqual([true, true]);
  });

  it.skipIf(!existsSync("/proc/self/stat"))("is not mistaken for an earlier one with the same number", async () => {
    const began = await beginOf(process.pid);
    // The field that the system's manual calls starttime, the 22nd; the second is the name, in parentheses.
    expect(began).toBe(
      readFileSync("/proc/self/stat", "latin1")
        .replace(/^.*\) /s, "")
        .split(" ")[22 - 3],
    );
    expect(began).toMatch(/^\d+$/);
    expect(await lives({ pid: process.pid, began })).toBe(true);
    expect(await lives({ pid: process.pid, began: "1" })).toBe(false);
    expect(await beginOf(NONE)).toBeUndefined();
  });

  it.skipIf(!existsSync("/proc/self/stat"))(
    "has ended although its parent has not asked for its exit code yet",
    async () => {
      // The outer one becomes a program that never asks what became of the inner one.
      const outer = spawn("sh", ["-c", "sh -c 'echo $$' & exec sleep 60"], { stdio: ["ignore", "pipe", "ignore"] });
      try {
        const [bytes] = (await once(outer.stdout, "data")) as [Buffer];
        const pid = Number(bytes.toString().trim());
        while ((await beginOf(pid)) !== "zombie") await new Promise((resolve) => setTimeout(resolve, 5));
        expect(await lives({ pid })).toBe(false);
        expect(await lives({ pid, began: "zombie" })).toBe(false);
      } finally {
        outer.kill("SIGKILL");
        await once(outer, "exit");
      }
    },
  );
});
