import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { SOURCE_EQUIVALENTS } from "./equivalents.js";
import { GROUPS, groupOf } from "./groups.js";
import { boundMemory, descendants } from "./memory.js";
import type { Fate, SourceMutant } from "./mutants.js";
import { strykerPlugins, WHY } from "./prose.mjs";
import { sourceReport } from "./report.js";
import { judgeSource, rangeOf, scoreSource } from "./score.js";
import { changedFiles, select, sourceFiles, testFiles, within } from "./selection.js";
import { isInSample, keyOf } from "./wanted.mjs";

const mutant = (fate: Fate, more: Partial<SourceMutant> = {}): SourceMutant => ({
  file: "src/retry.ts",
  line: 7,
  text: "if (left > 0) again();",
  mutator: "EqualityOperator",
  from: "left > 0",
  to: "left >= 0",
  fate,
  ...more,
});

const CHANGED = {
  fileName: "/home/me/magnific-client/src/retry.ts",
  location: { start: { line: 6, column: 4 }, end: { line: 6, column: 12 } },
  mutatorName: "EqualityOperator",
  replacement: "left >= 0",
};

describe("which mutants are taken", () => {
  it("is said by a key that is the same before a mutant is run and after, in whatever folder", () => {
    const { start, end } = CHANGED.location;
    const after = {
      ...CHANGED,
      fileName: "C:\\repository\\src\\retry.ts",
      location: { start: { line: 7, column: 5 }, end: { line: end.line + 1, column: end.column + 1 } },
    };
    expect(keyOf(CHANGED, 0)).toBe(keyOf(after));
    expect(keyOf({ ...CHANGED, replacement: "left < 0" }, 0)).not.toBe(keyOf(after));
    expect(keyOf({ ...CHANGED, location: { start, end: start } }, 0)).not.toBe(keyOf(after));
  });

  it("is one in so many, the same ones each time, spread over all", () => {
    const keys = Array.from({ length: 4000 }, (_, index) => keyOf({ ...CHANGED, replacement: `left >= ${index}` }));
    const taken = keys.filter((key) => isInSample(key, 8));
    expect(taken.length).toBeGreaterThan(400);
    expect(taken.length).toBeLessThan(600);
    expect(keys.filter((key) => isInSample(key, 8))).toEqual(taken);
    expect(keys.every((key) => isInSample(key, 1))).toBe(true);
  });

  it("is told with what it says of all", () => {
    const few = Array.from({ length: 100 }, (_, line) => mutant(line < 90 ? "killed" : "survived", { line }));
    const score = scoreSource(few, [], 4);
    expect(rangeOf(score.all, 4).map((each) => Math.round(each * 1000))).toEqual([849, 951]);
    expect(sourceReport(score)).toContain("One mutant in 4 was taken. Of all, 84.9 % to 95.0 % are seen");
    expect(rangeOf(score.all, 1)).toEqual([0.9, 0.9]);
    expect(sourceReport(scoreSource(few, []))).not.toContain("was taken");
    expect(
      scoreSource([mutant("killed")], [{ ...mutant("survived"), reason: "Elsewhere." }], 4).wrongEquivalents,
    ).toEqual([]);
  });
});

describe("which files are mutated", () => {
  it("is every file of the source that is no test, each in the group of its folder", () => {
    const { groups, cut } = select(sourceFiles(), Number.POSITIVE_INFINITY);
    expect([...groups.keys()].map(({ name }) => name).sort()).toEqual(GROUPS.map(({ name }) => name).sort());
    for (const [{ name }, files] of groups)
      for (const file of files) {
        expect(file.startsWith(`${name}/`)).toBe(true);
        expect(file).not.toMatch(/\.test\.ts$|\.test-d\.ts$|\/testing\//);
      }
    expect(cut).toEqual([]);
    expect(groupOf("src/retry.test.ts")).toBeUndefined();
  });

  it("has tests for each group and look", () => {
    for (const { name, looks } of GROUPS)
      for (const look of looks) expect(testFiles().filter((file) => look.test(file)).length, name).toBeGreaterThan(0);
  });

  it("can be said by file and by folder; what is not there is refused", () => {
    const files = ["src/retry.ts", "src/image/body.ts", "src/image/sniff.ts", "src/imagery.ts"];
    expect(within(files, [])).toEqual(files);
    expect(within(files, ["src/image/", "./src/retry.ts"])).toEqual([
      "src/retry.ts",
      "src/image/body.ts",
      "src/image/sniff.ts",
    ]);
    expect(() => within(files, ["src/nowhere"])).toThrow("src/nowhere");
  });

  it("is bounded, and what the bound cuts is said", () => {
    const { groups, cut } = select(["src/a.ts", "src/a.test.ts", "src/image/b.ts", "src/c.ts"], 2);
    expect([...groups.values()]).toEqual([["src/a.ts"], ["src/image/b.ts"]]);
    expect(cut).toEqual(["src/c.ts"]);
  });

  it("follows git: what changed since a commit, the most changed first, and what is not committed", () => {
    const root = mkdtempSync(join(tmpdir(), "changed-"));
    onTestFinished(() => rmSync(root, { recursive: true }));
    const git = (...args: string[]): string =>
      execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", ...args], { cwd: root }).toString();
    const write = (name: string, lines: number): void => writeFileSync(join(root, name), "line\n".repeat(lines));
    mkdirSync(join(root, "src"));
    git("init", "-q", "-b", "main");
    for (const name of ["src/same.ts", "src/little.ts", "src/much.ts", "src/gone.ts", "other.ts"]) write(name, 5);
    git("add", ".");
    git("commit", "-qm", "first");
    git("checkout", "-qb", "work");
    write("src/little.ts", 6);
    write("other.ts", 9);
    git("rm", "-q", "src/gone.ts");
    git("commit", "-qam", "second");
    write("src/much.ts", 20);
    write("src/new.ts", 1);
    expect(changedFiles("main", root)).toEqual(["src/new.ts", "src/much.ts", "src/little.ts"]);
    expect(changedFiles("HEAD", root)).toEqual(["src/new.ts", "src/much.ts"]);
    expect(() => changedFiles("nowhere", root)).toThrow();
  });
});

describe("what is not mutated", () => {
  const [plugin] = strykerPlugins;
  const text = (value: string) => ({ isStringLiteral: () => true, isTemplateLiteral: () => false, node: { value } });
  const template = (parts: string[], types: string[]) => ({
    isStringLiteral: () => false,
    isTemplateLiteral: () => true,
    node: { quasis: parts.map((raw) => ({ value: { raw } })), expressions: types.map((type) => ({ type })) },
  });

  it("is sentences, but no names, and no sentence that decides something", () => {
    const why = (path: unknown): string | undefined => plugin?.value.shouldIgnore(path);
    expect(why(text("The image is too large."))).toBe(WHY);
    expect(why(text("not_sent"))).toBeUndefined();
    expect(why(text("application/json, application/problem+json"))).toBeUndefined();
    expect(why(text("text/html; charset=utf-8"))).toBeUndefined();
    const pattern = template(["^", ", (\\d\\d) ", " GMT$"], ["Identifier", "Identifier"]);
    expect(why({ ...pattern, parent: { callee: { name: "RegExp" } } })).toBeUndefined();
    expect(why(template(["took ", " ms"], ["Identifier"]))).toBe(WHY);
    expect(why(template(["took ", " ms"], ["ConditionalExpression"]))).toBeUndefined();
    expect(why(template(["", ".json"], ["Identifier"]))).toBeUndefined();
    expect(why({ isStringLiteral: () => false, isTemplateLiteral: () => false })).toBeUndefined();
  });
});

describe("the score of the source", () => {
  it("is the share that tests see, under a gate", () => {
    const nine = Array.from({ length: 9 }, () => mutant("killed"));
    const score = scoreSource([...nine, mutant("survived", { line: 9, to: "true" })], []);
    expect(score.all).toMatchObject({ total: 10, seen: 9, files: 1 });
    expect(judgeSource(score)).toEqual({ ok: true, why: [] });
    const below = scoreSource([...nine, mutant("survived"), mutant("not covered")], []);
    expect(judgeSource(below).why).toEqual(["source: 81.8 % seen, the gate is 90.0 %"]);
    expect(sourceReport(below)).toContain("SURVIVES: src/retry.ts:7: left > 0 → left >= 0 (EqualityOperator)");
    expect(sourceReport(below)).toContain("which no test reaches");
  });

  it("counts a test that does not end, and leaves out what is not judged, saying why", () => {
    const score = scoreSource([mutant("timeout"), mutant("broken"), mutant("skipped", { reason: "because" })], []);
    expect(score.all).toMatchObject({ total: 2, seen: 2, byTimeout: 2 });
    expect(sourceReport(score)).toContain("Not judged: 1, because");
  });

  it("leaves out what is listed as of the same meaning, unless a test sees it or it is gone", () => {
    const { file, text, from, to } = mutant("survived");
    const listed = [{ file, text, from, to, reason: "Zero is left out before." }];
    const fine = scoreSource([mutant("survived", { line: 70 }), mutant("killed", { to: "true" })], listed);
    expect(fine.all).toMatchObject({ total: 1, seen: 1, equivalent: 1 });
    expect(judgeSource(fine).ok).toBe(true);
    expect(sourceReport(fine)).toContain("Zero is left out before.");
    expect(judgeSource(scoreSource([mutant("killed")], listed)).why).toEqual([
      expect.stringContaining("a test sees it"),
    ]);
    expect(judgeSource(scoreSource([mutant("killed", { to: "true" })], listed)).why).toEqual([
      expect.stringContaining("is no mutant"),
    ]);
    expect(judgeSource(scoreSource([mutant("killed", { file: "src/rate.ts" })], listed)).ok).toBe(true);
    const slow = scoreSource([mutant("timeout")], listed);
    expect([slow.all.equivalent, judgeSource(slow).ok]).toEqual([1, true]);
  });

  it("has a reason for each of its own list", () => {
    const known = new Set(sourceFiles());
    for (const { file, reason, from, to } of SOURCE_EQUIVALENTS) {
      expect(known).toContain(file);
      expect(reason.length, `${file}: ${from} → ${to}`).toBeGreaterThan(20);
    }
  });
});

it.skipIf(process.platform !== "linux")("a process that takes too much memory is killed, and no other", async () => {
  const small = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  const large = spawn(process.execPath, ["-e", "globalThis.a = Buffer.alloc(3e8, 1); setInterval(() => {}, 1000)"], {
    stdio: "ignore",
  });
  const bound = boundMemory(250_000_000);
  try {
    await new Promise((resolve) => large.once("exit", resolve));
    expect(large.signalCode).toBe("SIGKILL");
    expect(descendants(process.pid).map(({ pid }) => pid)).toContain(small.pid);
  } finally {
    bound.end();
    small.kill();
  }
});
