import { describe, expect, it } from "vitest";
import type { Job } from "../context.js";
import { type Decision, decide, finishedByFacts, type Wishes } from "../decision.js";
import type { Done, Sent, Source } from "../journal/state.js";

const job: Job = { path: "a.png", file: "/in/a.png", source: "a.png", stem: "/out/a.{ext}", output: "a.{ext}" };
const facts = { size: 1, mtimeMs: 10, ctimeMs: 20 };
/** Long enough after the file's times for these to prove its content. */
const LATER = 10_000;
const MINE = "digest of a";
const done = (name: string): Done => ({ digest: MINE, outputs: [name], task: `task of ${name}`, facts, at: LATER });

const OLD = "digest before";

interface Case {
  readonly source?: Source;
  readonly sent?: Readonly<Record<string, Sent>>;
  readonly result?: Done;
  readonly wishes?: Wishes;
  /** Names of the results that are still there. */
  readonly written?: readonly string[];
}

function decided({ source, sent = {}, result, wishes = {}, written = [] }: Case): Decision {
  const known = {
    sources: new Map(source === undefined ? [] : [[job.source, source]]),
    digests: new Map(Object.entries(sent)),
    results: new Map(result === undefined ? [] : [[MINE, result]]),
    owners: new Map(),
  };
  return decide(known, job, MINE, wishes, ({ outputs }) => outputs.every((name) => written.includes(name)));
}

const sending = (earlier: boolean): Sent => ({ state: "sending", at: 7, earlier });
const task = (state: "sent" | "failed", earlier = true): Sent => ({ state, task: "t", at: 7, earlier });
const mine: Source = { digest: MINE, settings: "s" };
const changed: Source = { digest: OLD, settings: "s" };
const everything: Wishes = { resubmitUnknown: true, resubmitFailed: true, resubmitChanged: true };

describe("what is done with an image", () => {
  const send: Decision = { do: "send", again: false };
  const again: Decision = { do: "send", again: true };
  const resume: Decision = { do: "resume", task: "t", failed: false };

  it.each<[string, Case, Decision]>([
    ["that nobody knows is sent", {}, send],
    ["that nobody knows is sent whatever is wished", { wishes: everything }, send],
    [
      "with its result written is skipped",
      { source: { ...mine, done: done("a") }, written: ["a"] },
      { do: "skip", done: done("a") },
    ],
    [
      "with its result written is skipped whatever is wished",
      { source: { ...mine, done: done("a") }, sent: { [MINE]: task("sent") }, written: ["a"], wishes: everything },
      { do: "skip", done: done("a") },
    ],
    [
      "whose result is gone is fetched again",
      { source: { ...mine, done: done("a") }, sent: { [MINE]: task("sent") }, result: done("a") },
      resume,
    ],
    [
      "whose result is gone but was copied takes the copy",
      { source: { ...mine, done: done("a") }, result: done("b"), written: ["b"] },
      { do: "copy", done: done("b") },
    ],
    [
      "that another source had is copied",
      { sent: { [MINE]: task("sent") }, result: done("b"), written: ["b"] },
      { do: "copy", done: done("b") },
    ],
    ["whose task is known is taken up", { source: mine, sent: { [MINE]: task("sent") } }, resume],
    ["whose task is of this run is taken up", { sent: { [MINE]: task("sent", false) } }, resume],
    [
      "whose task is known is taken up whatever is wished",
      { sent: { [MINE]: task("sent") }, wishes: everything },
      resume,
    ],
    [
      "whose task failed is told so",
      { sent: { [MINE]: task("failed") }, wishes: { ...everything, resubmitFailed: false } },
      { do: "resume", task: "t", failed: true },
    ],
    ["whose task failed is sent again when wished", { sent: { [MINE]: task("failed") }, wishes: everything }, again],
    [
      "whose task failed in this run is not sent again by it",
      { sent: { [MINE]: task("failed", false) }, wishes: everything },
      { do: "resume", task: "t", failed: true },
    ],
    [
      "of which nobody knows is asked about",
      { source: mine, sent: { [MINE]: sending(true) }, wishes: { ...everything, resubmitUnknown: false } },
      { do: "ask", since: 7 },
    ],
    [
      "of which nobody knows is sent again when wished",
      { source: mine, sent: { [MINE]: sending(true) }, wishes: { resubmitUnknown: true } },
      again,
    ],
    ["that this run is sending waits for that", { sent: { [MINE]: sending(false) }, wishes: everything }, send],
    [
      "whose source was another is refused, with its task",
      { source: changed, sent: { [OLD]: task("sent") } },
      { do: "refuse", task: "t" },
    ],
    [
      "whose source was another is refused while nobody knows of that",
      { source: changed, sent: { [OLD]: sending(true) }, wishes: { resubmitUnknown: true, resubmitFailed: true } },
      { do: "refuse", task: undefined },
    ],
    [
      "whose source was another is refused although its result is there",
      { source: { ...changed, done: done("a") }, sent: { [OLD]: task("sent") }, written: ["a"] },
      { do: "refuse", task: "t" },
    ],
    [
      "whose source was another is refused although the new one has a result elsewhere",
      { source: changed, sent: { [OLD]: task("sent") }, result: done("b"), written: ["b"] },
      { do: "refuse", task: "t" },
    ],
    ["whose source was another that made no task is sent", { source: changed }, send],
    [
      "whose source was another is sent when wished",
      {
        source: { ...changed, done: done("a") },
        sent: { [OLD]: task("sent") },
        written: ["a"],
        wishes: { resubmitChanged: true },
      },
      send,
    ],
  ])("%s", (_name, given, expected) => {
    expect(decided(given)).toEqual(expected);
  });
});

describe("a finished source", () => {
  const source: Source = { digest: MINE, settings: "s", done: done("a") };
  const finished = (
    one: Source | undefined,
    { settings = "s", now = facts, wishes = {} }: { settings?: string; now?: typeof facts; wishes?: Wishes } = {},
  ): Done | undefined => {
    const sources = new Map(one === undefined ? [] : [[job.source, one]]);
    return finishedByFacts(
      { sources, digests: new Map(), results: new Map(), owners: new Map() },
      job,
      settings,
      now,
      wishes,
    );
  };

  it("is not read again while its facts are as they were", () => {
    expect(finished(source)).toEqual(done("a"));
    expect(finished(source, { wishes: { ...everything, verify: false } })).toEqual(done("a"));
  });

  it.each<[string, ReturnType<typeof finished>]>([
    ["is unknown", finished(undefined)],
    ["has no result", finished({ digest: MINE, settings: "s" })],
    ["had other settings", finished(source, { settings: "other" })],
    ["is to be verified", finished(source, { wishes: { verify: true } })],
    ["has another size", finished(source, { now: { ...facts, size: 2 } })],
    ["has another time of its content", finished(source, { now: { ...facts, mtimeMs: 11 } })],
    ["has another time of its entry", finished(source, { now: { ...facts, ctimeMs: 21 } })],
    ["changed just before it was written down", finished({ ...source, done: { ...done("a"), at: 2_020 } })],
  ])("is read again when it %s", (_name, found) => {
    expect(found).toBeUndefined();
  });

  it("is not read again from two seconds after its last change on", () => {
    expect(finished({ ...source, done: { ...done("a"), at: 2_021 } })).toBeDefined();
  });
});
