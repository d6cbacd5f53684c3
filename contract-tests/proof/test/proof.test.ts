import { describe, expect, it } from "vitest";
import { things } from "../../test/shapes.js";
import { mutantsOf } from "../mutants.js";
import { judgeDocuments, judgeFaults, type KnownMutants, percent, scoreDocuments } from "../score.js";

it("Mutants are single-point, distinct, and of every kind of node", () => {
  const mutants = mutantsOf(things.document);
  expect(new Set(mutants.map((mutant) => mutant.id)).size).toBe(mutants.length);
  expect(new Set(mutants.map((mutant) => JSON.stringify(mutant.document))).size).toBe(mutants.length);
  const operators = new Set(mutants.map((mutant) => mutant.operator));
  for (const wanted of [
    ...["drop security", "rename path", "change method", "drop status", "change media type", "rename key"],
    ...["minimum - 1", "maximum + 1", "drop from enum", "drop format", "type to string", "drop property"],
    ...["flip required", "change example", "drop default", "drop header", "drop allOf branch", "rename parameter"],
  ])
    expect(operators).toContain(wanted);
});

describe("The score of the proof", () => {
  const none: KnownMutants = { equivalents: [], lockOnly: [{ operator: /default/, pointer: /./, reason: "unseen" }] };
  let count = 0;
  const result = (killed: "case" | "lock" | "no", operator = "drop default") => ({
    id: `${operator} ${count++}`,
    operator,
    pointer: "/a/default",
    killed,
  });
  const many = (length: number) => Array.from({ length }, () => result("case"));

  it("fails below its gates and says why", () => {
    expect(judgeDocuments(scoreDocuments([...many(4), result("lock")], none, false))).toEqual([]);
    expect(judgeDocuments(scoreDocuments([result("case"), result("lock")], none, false))).toEqual([
      "document mutants: 50.0 % by cases, the gate is 80.0 %",
    ]);
    const survived = scoreDocuments([...many(9), result("no")], none, false);
    expect(survived.survivors).toHaveLength(1);
    expect(judgeDocuments(survived)).toEqual(["document mutants: 90.0 % seen, the gate is 100.0 %"]);
    expect(judgeFaults([{ fault: { id: "a", group: "shape", what: "b" }, found: false }])).toHaveLength(1);
  });

  it("wants a reason for what only the lock sees, and notices equivalents that are not", () => {
    const odd = scoreDocuments([...many(9), result("lock", "turn upside down")], none, false);
    expect(judgeDocuments(odd)).toEqual([expect.stringContaining("no reason is listed: turn upside down")]);
    const known = { ...none, equivalents: ["seen", "gone"].map((id) => ({ id, reason: "the same" })) };
    const seen = scoreDocuments([{ ...result("case"), id: "seen" }], known, true);
    expect(judgeDocuments(seen)).toEqual([
      expect.stringContaining("seen is listed as equivalent, but"),
      "gone is listed as equivalent and is not a mutant",
    ]);
  });

  it("rounds down", () => {
    expect(percent(0.9999)).toBe("99.9 %");
    expect(percent(1)).toBe("100.0 %");
  });
});
