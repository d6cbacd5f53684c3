import { describe, expect, it } from "vitest";
import { headerLine, type JournalRecord, parseRecord, recordLine, versionOf } from "../journal/record.js";

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
  it.each(whole.map((record) => [record.type, record] as const))("of type %s is one line", (_type, record) => {
    const line = recordLine(record);
    expect(line).toBe(`${JSON.stringify(record)}\n`);
    expect(parseRecord(line)).toEqual(record);
  });

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

  it.each([
    "",
    "rubbish",
    "null",
    "1",
    '"run"',
    "[]",
    "{}",
    '{"at":1}',
    '{"type":"other","at":1}',
    '{"type":"run","at"',
  ])("is none where there stands %s", (line) => {
    expect(parseRecord(line)).toBeUndefined();
    expect(versionOf(line)).toBeUndefined();
  });
});

describe("a header", () => {
  it("is one line, and tells the version", () => {
    const line = headerLine(Date.UTC(2026, 0, 2));
    expect(line).toBe('{"journal":"magnific-client batch","version":1,"created":"2026-01-02T00:00:00.000Z"}\n');
    expect(versionOf(line)).toBe(1);
    expect(versionOf('{"journal":"magnific-client batch","version":7}')).toBe(7);
    expect(parseRecord(line)).toBeUndefined();
  });

  it.each([
    '{"journal":"magnific-client batch","version":"1"}',
    '{"journal":"magnific-client batch"}',
    '{"journal":"another","version":1}',
    '{"version":1}',
  ])("is none where there stands %s", (line) => {
    expect(versionOf(line)).toBeUndefined();
  });
});
