import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { recover, writeAll } from "../transaction.js";
import { snapshot } from "./roots.js";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "transaction-"));
  mkdirSync(join(root, "openapi"));
  writeFileSync(join(root, "openapi", "a.yaml"), "old a");
  writeFileSync(join(root, "openapi", "b.yaml"), "old b");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const FILES = new Map<string, string | null>([
  ["openapi/a.yaml", "new a"],
  ["openapi/pages/c.md", "new c"],
  ["openapi/b.yaml", null],
  ["generated/d.ts", "new d"],
]);

describe("writeAll", () => {
  it("writes, makes folders and deletes, and leaves nothing else", () => {
    writeAll(root, FILES);
    expect(snapshot(root)).toEqual({
      "generated/d.ts": "new d",
      "openapi/a.yaml": "new a",
      "openapi/pages/c.md": "new c",
    });
    expect(existsSync(join(root, ".vendor-run"))).toBe(false);
  });

  for (let step = 0; step < FILES.size; step++) {
    it(`puts everything back when file ${step + 1} cannot be written`, () => {
      const before = snapshot(root);
      const fail = (written: number) => {
        if (written === step) throw new Error("The disk is full.");
      };
      expect(() => writeAll(root, FILES, fail)).toThrow("The disk is full.");
      expect(snapshot(root)).toEqual(before);
      expect(existsSync(join(root, "generated"))).toBe(false);
    });

    it(`is undone by the next run when it was killed before file ${step + 1}`, () => {
      const before = snapshot(root);
      killed(step);
      expect(recover(root)).toBe(true);
      expect(snapshot(root)).toEqual(before);
      expect(recover(root)).toBe(false);
    });
  }

  it("does not start while another run is under way", () => {
    mkdirSync(join(root, ".vendor-run"));
    expect(() => writeAll(root, FILES)).toThrow(/another run is under way/);
  });

  it("does not undo a run that is alive", () => {
    killed(1, process.ppid);
    expect(() => recover(root)).toThrow(/Another run \(process \d+\) is writing/);
  });

  it("clears away a run that was killed before its journal was written", () => {
    const before = snapshot(root);
    mkdirSync(join(root, ".vendor-run"));
    writeFileSync(join(root, ".vendor-run", "0.new"), "half");
    expect(recover(root)).toBe(false);
    expect(snapshot(root)).toEqual(before);
  });
});

/** What a killed run leaves behind: the state right before a step, with the journal of a process that is gone. */
function killed(step: number, pid = 2 ** 30): void {
  const kept = join(root, "kept");
  try {
    writeAll(root, FILES, (written) => {
      if (written !== step) return;
      const folder = join(root, ".vendor-run");
      const journal = snapshot(folder);
      mkdirSync(kept);
      for (const [name, text] of Object.entries(journal)) {
        const own = name === "journal.json" ? JSON.stringify({ ...(JSON.parse(text) as object), pid }) : text;
        writeFileSync(join(kept, name), own);
      }
      const state = snapshot(root);
      rmSync(folder, { recursive: true });
      throw Object.assign(new Error("killed"), { state });
    });
  } catch (error) {
    const { state } = error as { state?: Record<string, string> };
    if (!state) throw error;
    // What was on disk at that moment, before the failed run put it back.
    rmSync(join(root, "openapi"), { recursive: true, force: true });
    rmSync(join(root, "generated"), { recursive: true, force: true });
    for (const [name, text] of Object.entries(state)) {
      if (name.startsWith("kept/") || name.startsWith(".vendor-run/")) continue;
      mkdirSync(join(root, name, ".."), { recursive: true });
      writeFileSync(join(root, name), text);
    }
    mkdirSync(join(root, ".vendor-run"), { recursive: true });
    for (const [name, text] of Object.entries(snapshot(kept))) writeFileSync(join(root, ".vendor-run", name), text);
    rmSync(kept, { recursive: true });
  }
}
