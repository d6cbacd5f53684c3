/** Case ids: readable parts, one separator, unique within a document. */
import type { Case, Expectation, WireRequest } from "./case.js";
import type { OperationModel } from "./model.js";

export function idOf(operation: OperationModel, ...parts: readonly string[]): string {
  return [operation.id, ...parts].join(" · ");
}

/** Gives the second and later cases of one id a number. */
export function withUniqueIds(cases: readonly Case[]): Case[] {
  const seen = new Map<string, number>();
  return cases.map((one) => {
    const count = (seen.get(one.id) ?? 0) + 1;
    seen.set(one.id, count);
    return count === 1 ? one : { ...one, id: `${one.id} · ${count}` };
  });
}

const SAFE = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

/** Whether an operation can be asked without starting anything. */
export function isSafe(request: WireRequest): boolean {
  return SAFE.has(request.method);
}

/** One case per request and expectation: bounds often meet, and the same exchange twice proves nothing more. */
export function withoutRepeats(cases: readonly Case[]): Case[] {
  const known = new Map<string, Case>();
  for (const one of cases) {
    const key = JSON.stringify([one.request, one.prefer, mood(one.expect)]);
    const first = known.get(key);
    if (first) known.set(key, { ...first, covers: [...new Set([...first.covers, ...one.covers])] });
    else known.set(key, one);
  }
  return [...known.values()];
}

function mood(expect: Expectation): unknown {
  return expect.is === "success" ? { is: expect.is } : expect;
}
