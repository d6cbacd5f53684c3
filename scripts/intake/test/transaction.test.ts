import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadVendored, ROOT } from "../../../openapi/document/load.js";
import { recover, writeAll } from "../transaction.js";
import { snapshot } from "./roots.js";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "transaction-"));
  mkdirSync(join(root, "openapi"));
  writeFileSync(join(root, "openapi", "a.yaml"), "old: a");
  writeFileSync(join(root, "openapi", "b.yaml"), "old: b");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const FILES = new Map<string, string | null>([
  ["openapi/a.yaml", "new: a"],
  ["openapi/pages/deep/c.md", "new c"],
  ["openapi/b.yaml", null],
  ["generated/d.ts", "new d"],
]);
const WRITTEN = { "generated/d.ts": "new d", "openapi/a.yaml": "new: a", "openapi/pages/deep/c.md": "new c" };
const POINTS = [
  ...[0, 1, 2, 3].map((index) => `staging ${index}`),
  "staged",
  ...[0, 1, 2, 3].map((index) => `replacing ${index}`),
  "replaced",
  "done",
];

/** What the run's own folders hold does not count as the tree. */
const left = () => readdirSync(root).filter((name) => name.startsWith(".vendor-run"));

describe("writeAll", () => {
  it("writes, makes folders and deletes, passes every point, and leaves nothing else", () => {
    const points: string[] = [];
    writeAll(root, FILES, (point) => points.push(point));
    expect(snapshot(root)).toEqual(WRITTEN);
    expect(left()).toEqual([]);
    expect(points).toEqual(POINTS);
  });

  for (const at of POINTS.slice(0, -1)) {
    it(`puts everything back when it fails at: ${at}`, () => {
      const before = snapshot(root);
      const fail = (point: string) => {
        if (point === at) throw new Error("The disk is full.");
      };
      expect(() => writeAll(root, FILES, fail)).toThrow(/(?:Nothing was changed|Everything was put back): The disk/);
      expect(snapshot(root)).toEqual(before);
      expect(readdirSync(root)).toEqual(["openapi"]);
      expect(readdirSync(join(root, "openapi"))).toEqual(["a.yaml", "b.yaml"]);
    });
  }

  for (const at of POINTS.filter((point) => !/staging [12]/.test(point))) {
    it(`killed for good at: ${at}. Is undone by the next run, or done`, () => {
      const before = snapshot(root);
      kill(at);
      const half = /replac/.test(at);
      // Whoever reads in between is told, and reads no mixture.
      if (half) expect(() => loadVendored(join(root, "openapi"))).toThrow(/killed half-way.*--recover/);
      else expect(loadVendored(join(root, "openapi")).length).toBe(at === "done" ? 1 : 2);
      expect(recover(root)).toBe(half);
      expect(snapshot(root)).toEqual(at === "done" ? WRITTEN : before);
      expect(left()).toEqual([]);
      expect(existsSync(join(root, "generated"))).toBe(at === "done");
      expect(recover(root)).toBe(false);
    });
  }

  it("does not start while another run is under way", () => {
    const before = snapshot(root);
    mkdirSync(join(root, ".vendor-run"));
    writeFileSync(join(root, ".vendor-run", "journal.json"), "{}");
    expect(() => writeAll(root, FILES)).toThrow(/another run is under way/);
    rmSync(join(root, ".vendor-run"), { recursive: true });
    expect(snapshot(root)).toEqual(before);
    expect(left()).toEqual([]);
  });

  it("on a disk that is full writes nothing, and harms no file that is there", () => {
    // A limit on the size of a file stands for the full disk: the write stops in the middle of a file, too.
    writeFileSync(join(root, "openapi", "a.yaml"), `old: ${"a".repeat(30_000)}`);
    for (const [content, limit] of [
      ["x".repeat(50_000), 24],
      ["short", 24],
    ] as const) {
      const before = snapshot(root);
      const { stderr } = run(`writeAll(root, new Map([["openapi/a.yaml", ${JSON.stringify(content)}]]));`, limit);
      expect(stderr).toMatch(/Nothing was changed: EFBIG/);
      expect(snapshot(root)).toEqual(before);
    }
  });
});

describe("recover", () => {
  it("does not undo a run that is alive, and leaves its folders alone", () => {
    kill("replacing 1", process.ppid);
    mkdirSync(join(root, `.vendor-run-${process.ppid}`));
    expect(() => recover(root)).toThrow(/Another run \(process \d+\) is writing/);
    expect(left().length).toBe(2);
  });

  it("may be killed itself, and goes on from there", () => {
    const before = snapshot(root);
    kill("replaced");
    // One file is back already, as a killed recovery leaves it.
    const old = join(root, ".vendor-run", "0.old");
    writeFileSync(join(root, "openapi", "a.yaml"), "old: a");
    rmSync(old);
    expect(recover(root)).toBe(true);
    expect(snapshot(root)).toEqual(before);
  });

  it("leaves a folder alone that no run has made", () => {
    mkdirSync(join(root, ".vendor-run"));
    expect(() => recover(root)).toThrow(/holds no journal/);
  });
});

/** In a process of its own, with a limit on the size of a file in blocks of 1 KiB. */
function run(code: string, limit?: number) {
  const program = `import { writeAll } from ${JSON.stringify(join(ROOT, "scripts/intake/transaction.ts"))};
const root = ${JSON.stringify(root)};
${code}`;
  const file = join(tmpdir(), `transaction-${process.pid}.mts`);
  writeFileSync(file, program);
  const command = `${limit === undefined ? "" : `trap '' XFSZ; ulimit -f ${limit}; `}exec "$0" --import tsx "$1"`;
  const ran = spawnSync("bash", ["-c", command, process.execPath, file], { cwd: ROOT, encoding: "utf8" });
  rmSync(file);
  return ran;
}

/** By the kernel, at that point: nothing of the process runs any more. */
function kill(at: string, pid?: number): void {
  const alias = pid === undefined ? "" : `Object.defineProperty(process, "pid", { value: ${pid} });`;
  const files = JSON.stringify([...FILES]);
  const { signal } = run(
    `const pid = process.pid; ${alias} writeAll(root, new Map(${files}), (point) => { if (point === ${JSON.stringify(at)}) process.kill(pid, "SIGKILL"); });`,
  );
  expect(signal).toBe("SIGKILL");
}
