import { describe, expect, it } from "vitest";
import { headerLine, type JournalRecord, parseRecord, versionOf } from "../journal/record.js";

const facts = { size: 1, mtimeMs: 2.5, ctimeMs: 3 };
const whole: readonly JournalRecord[] = [
  { type: "run", at: 0, pid: 1, note: { by: "x" } },
  { type: "intent", at: 1, source: "s", digest: "d", settings: "x", output: "o.{ext}" },
  { type: "task", at: 2, digest: "d", task: "t" },
  { type: "refused", at: 3, digest: "d" },
  { type: "failed", at: 4, digest: "d", task: "t" },
  { type: "done", at: 5, source: "s", digest: "d", settings: "x", task: "t", outputs: ["o.png", "o-2.png"], facts },
];

describe("a record", () => {
  const parts: Readonly<Record<JournalRecord["type"], readonly string[]>> = {
    run: ["at"],
    intent: ["at", "source", "digest", "settings", "output"],
    task: ["at", "digest", "task"],
    refused: ["at", "digest"],
    failed: ["at", "digest", "task"],
    done: ["at", "source", "digest", "settings", "task", "outputs", "facts"],
  };
  it.each(whole.flatMap((record) => parts[record.type].map((part) => [record.type, part, record] as const)))(
    "of type %s is none without its %s, or with something else there",
    (_type, part, record) => {
      // No date is as late as 1e300.
      for (const other of [undefined, null, true, ...(part === "at" ? ["1", 1e300] : [1])])
        expect(parseRecord(JSON.stringify({ ...record, [part]: other }))).toBeUndefined();
    },
  );

  it.each([
    { outputs: [] },
    { outputs: ["o.png", 1] },
    { outputs: "o.png" },
    { facts: {} },
    ...["size", "mtimeMs", "ctimeMs"].map((name) => ({ facts: { ...facts, [name]: "1" } })),
  ])("of a result is none with %j", (part) => {
    expect(parseRecord(JSON.stringify({ ...whole[5], ...part }))).toBeUndefined();
  });

  it("is none where something else stands, a header among it", () => {
    for (const line of [
      "",
      "rubbish",
      "null",
      "1",
      '"run"',
      "[]",
      "{}",
      '{"at":1}',
      '{"type":"other","at":1}',
      '{"type"',
    ])
      expect([parseRecord(line), versionOf(line)], line).toEqual([undefined, undefined]);
    expect(parseRecord(headerLine(0))).toBeUndefined();
  });
});

it("a header tells the version, and is none without one or with another name", () => {
  const header = '{"journal":"magnific-client batch"';
  expect(versionOf(`${header},"version":7}`)).toBe(7);
  for (const line of [`${header},"version":"1"}`, `${header}}`, '{"journal":"another","version":1}', '{"version":1}'])
    expect(versionOf(line), line).toBeUndefined();
});
