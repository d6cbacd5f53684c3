import { describe, expect, it } from "vitest";
import type { JournalRecord } from "../record.js";
import { type Done, isCurrent, type JournalState, Replay } from "../state.js";

const facts = { size: 1, mtimeMs: 2, ctimeMs: 3 };
const intent = (source: string, digest: string, at = 1): JournalRecord => {
  return { type: "intent", at, source, digest, settings: "x", output: `${source}.{ext}` };
};
const task = (digest: string, at = 2): JournalRecord => ({ type: "task", at, digest, task: `task of ${digest}` });
const done = (source: string, digest: string, outputs: readonly string[], at = 3): JournalRecord => {
  return { type: "done", at, source, digest, settings: "x", task: `task of ${digest}`, outputs, facts };
};
const result = (digest: string, outputs: readonly string[], at = 3): Done => {
  return { digest, outputs, task: `task of ${digest}`, facts, at };
};
const stateOf = (records: readonly JournalRecord[]): JournalState => {
  const replay = new Replay();
  for (const record of records) replay.add(record);
  return replay;
};
const said = ({ sources, digests, results }: JournalState): unknown =>
  JSON.parse(JSON.stringify([sources, digests, results].map((map) => Object.fromEntries(map))));

describe("the state of a journal", () => {
  it("knows from its intent on that a request may have been sent", () => {
    expect(said(stateOf([intent("s", "d")]))).toEqual([
      { s: { digest: "d", settings: "x" } },
      { d: { state: "sending", at: 1, earlier: true } },
      {},
    ]);
  });

  it("knows the task that a send made", () => {
    expect(said(stateOf([intent("s", "d"), task("d")]))).toEqual([
      { s: { digest: "d", settings: "x" } },
      { d: { state: "sent", task: "task of d", at: 2, earlier: true } },
      {},
    ]);
  });

  it("forgets a send that made none, and nothing else", () => {
    const records = [intent("s", "d"), intent("other", "e"), { type: "refused", at: 2, digest: "d" } as const];
    expect(said(stateOf(records))).toEqual([
      { s: { digest: "d", settings: "x" }, other: { digest: "e", settings: "x" } },
      { e: { state: "sending", at: 1, earlier: true } },
      {},
    ]);
  });

  it("knows after a refusal what it knew before that send", () => {
    const refused: JournalRecord = { type: "refused", at: 9, digest: "d" };
    const open = [intent("s", "d"), intent("s", "d", 5)];
    expect(stateOf([...open, refused]).digests.get("d")).toEqual({ state: "sending", at: 1, earlier: true });
    expect(stateOf([...open, intent("s", "d", 6), refused]).digests.get("d")).toMatchObject({
      state: "sending",
      at: 5,
    });
    expect(stateOf([...open, refused, refused]).digests.get("d")).toBeUndefined();
    const failed: JournalRecord = { type: "failed", at: 4, digest: "d", task: "t" };
    expect(stateOf([task("d"), failed, intent("s", "d"), refused]).digests.get("d")).toEqual({
      state: "failed",
      task: "t",
      at: 4,
      earlier: true,
    });
  });

  it("knows a task that failed", () => {
    expect(said(stateOf([task("d"), { type: "failed", at: 4, digest: "d", task: "t" }]))).toEqual([
      {},
      { d: { state: "failed", task: "t", at: 4, earlier: true } },
      {},
    ]);
  });

  it("knows whose result a file is now, and does not take it for an earlier one's", () => {
    const replaced = stateOf([done("s", "d", ["a.png"]), done("s", "e", ["a.png"], 5)]);
    expect(Object.fromEntries(replaced.owners)).toEqual({ "a.png": { source: "s", digest: "e" } });
    expect(isCurrent(replaced, result("d", ["a.png"]))).toBe(false);
    expect(isCurrent(replaced, result("e", ["a.png"]))).toBe(true);
    expect(isCurrent(replaced, result("e", ["a.png", "b.png"]))).toBe(false);
    // Written anew elsewhere, it is to be had there.
    const again = stateOf([
      done("s", "d", ["a.png"]),
      done("s", "e", ["a.png"], 5),
      done("twin", "d", ["b.png"], 6),
      done("third", "d", ["c.png"], 7),
    ]);
    expect(again.results.get("d")).toEqual(result("d", ["b.png"], 6));
  });

  it("knows a result, and of one digest the one that was written first", () => {
    expect(said(stateOf([done("s", "d", ["a.png"]), done("twin", "d", ["b.png"], 9)]))).toEqual([
      {
        s: { digest: "d", settings: "x", done: result("d", ["a.png"]) },
        twin: { digest: "d", settings: "x", done: result("d", ["b.png"], 9) },
      },
      { d: { state: "sent", task: "task of d", at: 9, earlier: true } },
      { d: result("d", ["a.png"]) },
    ]);
  });

  it("knows which files a new result takes the place of, until it is there", () => {
    const records = [done("s", "d", ["a.png", "a-2.png"]), intent("s", "e", 5)];
    const replacing = { digest: "e", settings: "x", replaces: ["a.png", "a-2.png"] };
    expect(said(stateOf(records))).toMatchObject([{ s: replacing }, {}, {}]);
    // Sent once more, and as yet another image.
    expect(said(stateOf([...records, intent("s", "f", 6)]))).toMatchObject([
      { s: { ...replacing, digest: "f" } },
      {},
      {},
    ]);
    expect(stateOf([...records, done("s", "e", ["a.jpg"], 7)]).sources.get("s")).toEqual({
      digest: "e",
      settings: "x",
      done: result("e", ["a.jpg"], 7),
    });
  });

  it("keeps the last note that there is", () => {
    const run = (note?: unknown): JournalRecord => ({ type: "run", at: 1, pid: 2, note });
    expect(stateOf([]).note).toBeUndefined();
    expect(stateOf([run({ n: 1 }), run({ n: 2 }), run()]).note).toEqual({ n: 2 });
    expect(stateOf([run(null)]).note).toBeNull();
  });

  it("tells this run's sends from those of earlier ones", () => {
    const replay = new Replay();
    replay.add(intent("s", "d"));
    replay.add(task("e"));
    replay.earlier = false;
    const after = [task("f"), intent("s2", "g"), { type: "failed", at: 4, digest: "h", task: "t" } as const];
    for (const record of [...after, done("s3", "i", ["a"])]) replay.add(record);
    expect([...replay.digests].map(([digest, { earlier }]) => [digest, earlier])).toEqual([
      ["d", true],
      ["e", true],
      ["f", false],
      ["g", false],
      ["h", false],
      ["i", false],
    ]);
  });
});
