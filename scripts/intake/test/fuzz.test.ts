import { describe, expect, it } from "vitest";
import { filesOf } from "../../generate/files.js";
import { type Plan, planOf, readState } from "../plan.js";
import { plainReport, reportOf } from "../report.js";
import { writeAll } from "../transaction.js";
import { freshRoot, PAGE, plan, snapshot, sourceOf } from "./roots.js";

const PAGES = 5000;

/** The construct of the upscaler's page in few lines: most of the broken pages are made of it, since it is read faster. */
const SMALL = `# Upscale

> Words before the fence.

\`\`\`\`yaml post /v1/x/{task-id}
openapi: 3.0.0
info: {title: API, version: 1.0.0}
servers:
  - url: https://api.example.com
security:
  - key: []
paths:
  /v1/x/{task-id}:
    post:
      parameters:
        - {name: task-id, in: path, required: true, schema: {type: string}}
      requestBody:
        content:
          application/json:
            schema:
              $ref: '#/components/schemas/body'
      responses:
        '200':
          description: OK
          content:
            application/json:
              example: {id: '1'}
              schema:
                allOf:
                  - $ref: '#/components/schemas/body'
                  - properties: {id: {type: string, enum: [a, 'b']}}
components:
  schemas:
    body: &body
      type: object
      required: [image]
      properties:
        image: {type: string, format: byte}
        sharpen: {type: integer, minimum: 0, maximum: 100, default: 50}
  securitySchemes:
    key: {type: apiKey, in: header, name: x-key}
\`\`\`\`
`;

/** A seeded source of numbers, so that a page that fails can be made again. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Cut, spliced, bytes flipped, lines moved: the page as a broken fetch or a careless edit leaves it. */
function broken(seed: number): Buffer {
  const next = numbers(seed * 7919 + 1);
  let page = Buffer.from(isWhole(seed) ? PAGE : SMALL);
  for (let count = next(3) === 0 ? 2 : 1; count > 0; count--) {
    const from = next(page.length);
    const length = next(page.length / 20);
    switch (next(7)) {
      case 0:
        page = page.subarray(0, from);
        break;
      case 1:
        page = Buffer.concat([page.subarray(0, from), page.subarray(Math.min(page.length, from + length))]);
        break;
      case 2:
        page = Buffer.concat([
          page.subarray(0, from),
          page.subarray(next(page.length)).subarray(0, length),
          page.subarray(from),
        ]);
        break;
      case 3: {
        page = Buffer.from(page);
        for (let flips = next(4); flips >= 0 && page.length > 0; flips--) {
          const at = next(page.length);
          page[at] = (page[at] ?? 0) ^ (1 << next(8));
        }
        break;
      }
      case 4:
      case 5: {
        const lines = page.toString("latin1").split("\n");
        const [line] = lines.splice(next(lines.length), 1);
        lines.splice(next(lines.length), 0, line ?? "");
        page = Buffer.from(lines.join("\n"), "latin1");
        break;
      }
      default: {
        const lines = page.toString("latin1").split("\n");
        const at = next(lines.length);
        lines[at] = `${" ".repeat(next(5))}${(lines[at] ?? "").trimStart()}`;
        page = Buffer.from(lines.join("\n"), "latin1");
      }
    }
    if (page.length === 0) break;
  }
  return page;
}

function isWhole(seed: number): boolean {
  return seed % 8 === 0;
}

describe(`${PAGES} broken pages`, () => {
  const root = freshRoot();
  const before = snapshot(root);
  // Of the small page there is an unbroken one to compare with.
  const small = freshRoot([]);
  writeAll(small, plan(small, SMALL, { name: "small" }).files);
  const states = { whole: readState(root), small: readState(small) };
  const planned = (seed: number): Plan =>
    isWhole(seed)
      ? planOf(
          { root, sources: [sourceOf(broken(seed))], name: "upscaler-precision", date: "2030-01-01" },
          states.whole,
        )
      : planOf({ root: small, sources: [sourceOf(broken(seed))], name: "small", date: "2030-01-01" }, states.small);
  const accepted: { readonly seed: number; readonly plan: Plan }[] = [];

  it("are each taken or refused with a sentence, quickly, and nothing is written", () => {
    let slowest = 0;
    let refused = 0;
    for (let seed = 0; seed < PAGES; seed++) {
      const started = performance.now();
      try {
        const made = planned(seed);
        expect(plainReport(reportOf(made))).not.toMatch(/undefined|\[object/);
        accepted.push({ seed, plan: made });
      } catch (error) {
        refused++;
        // A TypeError or RangeError is a fault of ours, not of the page.
        const fault = error as Error;
        expect(fault.constructor, `seed ${seed}: ${fault.stack}`).toBe(Error);
        expect(fault.message, `seed ${seed}`).toMatch(/\S{3}/);
        expect(fault.message, `seed ${seed}`).not.toMatch(/\n\s+at |undefined|\[object/);
      }
      slowest = Math.max(slowest, performance.now() - started);
    }
    expect(snapshot(root)).toEqual(before);
    expect(slowest).toBeLessThan(5000);
    // Both happen often, or the pages prove nothing.
    expect(refused).toBeGreaterThan(PAGES / 10);
    expect(accepted.length).toBeGreaterThan(PAGES / 10);
  }, 120_000);

  it("are generated from, or refused with a sentence: some of those that were taken", async () => {
    const next = numbers(42);
    let made = 0;
    for (let count = 0; count < 25; count++) {
      const one = accepted[next(accepted.length)];
      if (!one?.plan.effective) continue;
      try {
        const files = await filesOf(one.plan.effective);
        expect([...files.keys()]).toContain("schema.ts");
        const own = freshRoot(isWhole(one.seed) ? ["openapi"] : []);
        if (!isWhole(one.seed)) writeAll(own, plan(own, SMALL, { name: "small" }).files);
        writeAll(own, one.plan.files);
        const name = isWhole(one.seed) ? "upscaler-precision" : "small";
        expect(plan(own, broken(one.seed), { name }).documents[0]?.status).toBe("unchanged");
        made++;
      } catch (error) {
        const fault = error as Error;
        expect(fault.constructor, `seed ${one.seed}: ${fault.stack}`).toBe(Error);
      }
    }
    expect(made).toBeGreaterThan(5);
  }, 60_000);
});
