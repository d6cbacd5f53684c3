/** Broken pages: 200 of them, 5,000 with `LONG_TESTS=1`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { filesOf } from "../../generate/files.js";
import { writeAll } from "../../generate/write.js";
import { type Plan, planOf, readState } from "../plan.js";
import { reportText } from "../report.js";
import { emptyRoot, exampleRoot, PAGE, plan, snapshot, sourceOf } from "./roots.js";

const PAGES = process.env.LONG_TESTS ? 5_000 : 200;

/** The constructs of the example's page in few lines: most broken pages are made of it, since it is read faster. */
const SMALL = readFileSync(join(import.meta.dirname, "example", "small.md"), "utf8");

/** A seeded source of numbers, so that a page that fails can be made again. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const isLarge = (seed: number) => seed % 8 === 0;

/** Cut, spliced, bits flipped, lines moved and indented: the page as a broken fetch or a careless edit leaves it. */
function brokenPage(seed: number): Buffer {
  const next = numbers(seed * 7919 + 1);
  let page = Buffer.from(isLarge(seed) ? PAGE : SMALL);
  for (let count = next(3) === 0 ? 2 : 1; count > 0 && page.length > 0; count--) {
    const from = next(page.length);
    const to = Math.min(page.length, from + next(page.length / 20));
    const lines = page.toString("latin1").split("\n");
    const line = next(lines.length);
    const deed = next(6);
    if (deed === 0) page = page.subarray(0, from);
    else if (deed === 1) page = Buffer.concat([page.subarray(0, from), page.subarray(to)]);
    else if (deed === 2)
      page = Buffer.concat([page.subarray(0, from), page.subarray(next(from + 1), to), page.subarray(from)]);
    else if (deed === 3) page = Buffer.from(page.map((byte, index) => (index === from ? byte ^ (1 << next(8)) : byte)));
    else {
      const [taken = ""] = lines.splice(line, 1);
      if (deed === 4) lines.splice(next(lines.length), 0, taken);
      else lines.splice(line, 0, `${" ".repeat(next(5))}${taken.trimStart()}`);
      page = Buffer.from(lines.join("\n"), "latin1");
    }
  }
  return page;
}

/** An error of ours says what is wrong with the page; a TypeError or RangeError is a fault of the code. */
function expectSentence(error: unknown, seed: number): void {
  const { constructor: kind, message, stack } = error as Error;
  expect(kind, `seed ${seed}: ${stack}`).toBe(Error);
  expect(message, `seed ${seed}`).toMatch(/\S{3}/);
  expect(message, `seed ${seed}`).not.toMatch(/\n\s+at |undefined|\[object/);
}

describe(`${PAGES} broken pages`, () => {
  const [large, small] = [exampleRoot(), emptyRoot()];
  const accepted: { readonly seed: number; readonly made: Plan }[] = [];

  it("are each taken in or refused with a sentence, quickly, and nothing is written", async () => {
    // So that there is a document to compare the broken small pages with.
    writeAll(small, (await plan(small, SMALL, { name: "small" })).files);
    const states = [readState(large), readState(small)] as const;
    const before = [snapshot(large), snapshot(small)];
    let slowest = 0;
    for (let seed = 0; seed < PAGES; seed++) {
      const sources = [sourceOf(brokenPage(seed))];
      const root = isLarge(seed) ? large : small;
      const name = isLarge(seed) ? "upscaler-precision" : "small";
      const started = performance.now();
      try {
        const made = await planOf({ root, sources, name, date: "2030-01-01" }, states[isLarge(seed) ? 0 : 1]);
        expect(reportText(made)).not.toMatch(/undefined|\[object/);
        accepted.push({ seed, made });
      } catch (error) {
        expectSentence(error, seed);
      }
      slowest = Math.max(slowest, performance.now() - started);
    }
    expect([snapshot(large), snapshot(small)]).toEqual(before);
    expect(slowest).toBeLessThan(5000);
    // Both outcomes happen often, or the pages prove nothing.
    expect(accepted.length).toBeGreaterThan(PAGES / 20);
    expect(accepted.length).toBeLessThan(PAGES * 0.9);
  }, 600_000);

  it("that were taken in can be generated from, or are refused with a sentence", async () => {
    let generated = 0;
    for (const { seed, made } of accepted.slice(0, Math.max(10, PAGES / 200))) {
      try {
        const [one] = made.effective ?? [];
        if (!one) continue;
        expect([...(await filesOf(one.document)).keys()]).toContain("schema.ts");
        generated++;
      } catch (error) {
        expectSentence(error, seed);
      }
    }
    expect(generated).toBeGreaterThan(2);
  }, 120_000);
});
