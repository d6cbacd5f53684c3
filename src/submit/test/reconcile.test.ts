/**
 * What the list of tasks proves, by simulated histories: a provider that lists late, or only the newest tasks, or one that is
 * broken; other users of the key, other keys of the store; submits that were lost before or behind the provider. 300
 * histories, 10,000 with `LONG_TESTS=1`. Inside the bounds that `none` asks for it is never wrong; without any one of them
 * the same histories find it wrong.
 */
import { expect, it } from "vitest";
import { DEFAULT } from "../../contract/default.js";
import type { KnownSubmit } from "../../store/task-store.js";
import type { ListedTask } from "../../task/task-list.js";
import { CLOCK_MARGIN, type ReconcileFacts, reconcileTasks } from "../reconcile.js";

const HISTORIES = process.env.LONG_TESTS ? 10_000 : 300;
const SETTLE = 900_000;
const MINUTE = 60_000;

function randomOf(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return ((Math.imul(state ^ (state >>> 12), 0x297a2d39) ^ state) >>> 0) / 2 ** 32;
  };
}

interface History {
  readonly facts: ReconcileFacts;
  /** Whether a submit with an unknown outcome did make a task. */
  readonly paid: boolean;
}

function play(seed: number): History {
  const random = randomOf(seed);
  const chance = (share: number): boolean => random() < share;
  const upTo = (most: number): number => Math.floor(random() * most);
  const uuid = (): string =>
    `00000000-0000-4000-8000-${String(seed * 1000 + upTo(1e9))
      .padStart(12, "0")
      .slice(-12)}`;
  // Which bounds this history leaves: most leave none or one.
  const [shared, otherKey, capped, late, broken] = [0.1, 0.1, 0.2, 0.2, 0.1].map(chance);
  const clock = chance(0.3) ? upTo(CLOCK_MARGIN) * (chance(0.5) ? 1 : -1) : 0;
  const lag = late ? SETTLE * (1 + random() * 3) : upTo(SETTLE);
  const submits: KnownSubmit[] = [];
  const tasks: (ListedTask & { readonly at: number; readonly key: string })[] = [];
  const ends = new Map<KnownSubmit, number | "in_flight">();
  let [time, paid] = [0, false];
  const statuses = [...DEFAULT.statuses, "RESTING"];
  const make = (key = "ours"): string => {
    const id = uuid();
    tasks.push({
      id: chance(0.2) ? id.toUpperCase() : id,
      status: statuses[upTo(statuses.length)] ?? "",
      at: time,
      key,
    });
    return id;
  };
  for (let n = 1 + upTo(12); n > 0; n--) {
    time += upTo(chance(0.3) ? 60 * MINUTE : 4 * MINUTE);
    if (shared && chance(0.5)) make();
    const digest = `${seed}-${n}`;
    if (chance(0.6)) {
      submits.push({ digest, taskId: make(), at: time + clock });
      continue;
    }
    const key = otherKey ? "another" : "ours";
    // One that waits for its turn in the rate limit is sent long after the store noted it.
    const queued = chance(0.1);
    const submit = { digest, at: time + clock - (queued ? upTo(90) * MINUTE : 0) };
    submits.push(submit);
    if (queued) ends.set(submit, "in_flight");
    // Lost on the way there, or on the way back.
    if (chance(0.4)) {
      make(key);
      paid = true;
    }
    if (!queued && chance(0.3)) ends.set(submit, time);
  }
  time += upTo(chance(0.5) ? 20 * MINUTE : 90 * MINUTE);
  const seen = tasks.filter(({ key, at }) => key === "ours" && at + lag <= time).sort((a, b) => b.at - a.at);
  const shown: ListedTask[] = capped ? seen.slice(0, 1 + upTo(seen.length)) : seen;
  if (chance(0.3) && shown[0] !== undefined) shown.push({ ...shown[0], status: "IN_PROGRESS" });
  if (chance(0.5)) shown.reverse();
  const unreadable = broken && shown.length > 0 ? shown.splice(upTo(shown.length), 1).length : 0;
  const now = time;
  const facts = {
    submits: chance(0.5) ? submits : submits.toReversed(),
    ended: (submit: KnownSubmit) => {
      const end = ends.get(submit);
      return typeof end === "number" ? now - end : end;
    },
    list: Object.assign(shown, { unreadable }),
    now,
    exclusive: !shared && !otherKey,
    settle: SETTLE,
    margin: CLOCK_MARGIN,
  } as const;
  // A list that is later than `settle` is outside of what the caller declares.
  return { facts: late ? { ...facts, settle: chance(0.5) ? SETTLE * 4 : SETTLE * 5 } : facts, paid };
}

it("`none` is never wrong, and it, candidates and `cannot_say` all occur", () => {
  const outcomes = { none: 0, candidates: 0, cannot_say: 0 };
  for (let seed = 0; seed < HISTORIES; seed++) {
    const { facts, paid } = play(seed);
    const { outcome, tasks, reasons, digests } = reconcileTasks(facts);
    if (digests.length === 0) continue;
    outcomes[outcome]++;
    if (outcome === "none") expect([seed, paid, reasons]).toEqual([seed, false, []]);
    if (outcome === "cannot_say") expect([seed, reasons]).not.toEqual([seed, []]);
    // What the store knows is not a candidate.
    const known = new Set(facts.submits.map(({ taskId }) => taskId?.toLowerCase()));
    expect(tasks.filter(({ id }) => known.has(id.toLowerCase()))).toEqual([]);
    expect(new Set(tasks.map(({ id }) => id.toLowerCase())).size).toBe(tasks.length);
  }
  expect(
    Object.values(outcomes).every((count) => count > HISTORIES / 50),
    JSON.stringify(outcomes),
  ).toBe(true);
});

it.each(["not_exclusive", "in_flight", "not_settled", "no_earlier_task", "list_incomplete", "list_malformed"] as const)(
  "without the check behind %s the same histories have a wrong `none`",
  (reason) => {
    const wrong = Array.from({ length: 3_000 }, (_, seed) => play(seed)).filter(({ facts, paid }) => {
      const { tasks, reasons } = reconcileTasks(facts);
      return paid && tasks.length === 0 && reasons.every((one) => one === reason);
    });
    expect(wrong.length).toBeGreaterThan(0);
  },
);

it("a submit of this process counts from its end by the monotonic clock, others by their times with the margin", () => {
  const id = "00000000-0000-4000-8000-000000000001";
  const list = Object.assign([{ id, status: "COMPLETED" }], { unreadable: 0 });
  const at = 10 * SETTLE;
  const reasonsOf = (now: number, passed?: number | "in_flight"): readonly string[] =>
    reconcileTasks({
      submits: [
        { digest: "a", taskId: id, at: 0 },
        { digest: "b", at },
      ],
      ended: () => passed,
      list,
      now,
      exclusive: true,
      settle: SETTLE,
      margin: CLOCK_MARGIN,
    }).reasons;
  expect(reasonsOf(at + SETTLE + CLOCK_MARGIN - 1)).toEqual(["not_settled"]);
  expect(reasonsOf(at + SETTLE + CLOCK_MARGIN)).toEqual([]);
  expect(reasonsOf(at - 50 * SETTLE)).toEqual(["not_settled"]);
  // Whatever the wall clock says.
  expect(reasonsOf(at - 50 * SETTLE, SETTLE)).toEqual([]);
  expect(reasonsOf(at + 50 * SETTLE, SETTLE - 1)).toEqual(["not_settled"]);
  expect(reasonsOf(at + 50 * SETTLE, "in_flight")).toEqual(["in_flight"]);
});
