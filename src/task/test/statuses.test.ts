/** What a wait reports on the way: `onStatus`, `statuses()`, and many waits at once. */
import { describe, expect, it } from "vitest";
import { Magnific } from "../../client.js";
import { MagnificError } from "../../errors/magnific-error.js";
import { TASK_ID } from "../../test-support/client-context.js";
import { rejection } from "../../test-support/rejection.js";
import { scripted, told } from "../../test-support/scripted-task.js";
import { VirtualTime } from "../../test-support/virtual-time.js";
import type { WaitOptions } from "../watch.js";

const DONE = told("COMPLETED", ["https://ai-statics.freepik.com/a.jpg"]);
const PENDING = told("IN_PROGRESS");

// @tests WaitOptions.onStatus
describe("onStatus", () => {
  it.each([
    [
      ["CREATED", "CREATED", "IN_PROGRESS", "CREATED", "IN_PROGRESS"],
      ["CREATED", "IN_PROGRESS", "COMPLETED"],
    ],
    [
      ["IN_PROGRESS", "CREATED", "IN_PROGRESS"],
      ["IN_PROGRESS", "COMPLETED"],
    ],
    [
      ["QUEUED", "QUEUED", "CREATED", "PAUSED"],
      ["QUEUED", "CREATED", "PAUSED", "COMPLETED"],
    ],
  ])("is called for each change from %j on, without steps back", async (statuses, expected) => {
    const seen: unknown[] = [];
    const onStatus: WaitOptions["onStatus"] = ({ raw }) => void seen.push(raw.status);
    const { time, task, violations } = await scripted([...statuses.map((status) => told(status)), DONE]);
    await time.until(task.wait({ onStatus }));
    expect(seen).toEqual(expected);
    // An unknown status is reported once for each wait.
    const facts = { place: "/data/status", taskId: TASK_ID, requestId: "ak-queued" };
    expect(violations).toEqual(statuses.includes("QUEUED") ? [expect.objectContaining(facts)] : []);
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("my bug");
      },
    ],
    ["rejects", () => Promise.reject(new Error("my bug"))],
  ])("that %s ends the wait with the task", async (_how, onStatus) => {
    const { time, task } = await scripted([PENDING]);
    const error = await rejection(time.until(task.wait({ onStatus })), MagnificError);
    expect(error).toMatchObject({ code: "aborted", taskId: TASK_ID, cause: { message: "my bug" } });
    expect(time.pending).toBe(0);
  });

  it("that never settles does not outlast the deadline", async () => {
    const { time, task } = await scripted([PENDING]);
    const waiting = task.wait({ timeout: 9000, onStatus: () => new Promise(() => {}) });
    expect((await rejection(time.until(waiting), MagnificError)).code).toBe("wait_timeout");
  });
});

describe("statuses()", () => {
  it("gives the changes, ends with FAILED as with COMPLETED, and leaves nothing behind when the reader stops", async () => {
    for (const [last, expected] of [
      ["FAILED", ["CREATED", "IN_PROGRESS", "FAILED"]],
      ["CREATED", ["CREATED"]],
    ] as const) {
      const { time, task } = await scripted([told("CREATED"), PENDING, told("FAILED")]);
      const seen: string[] = [];
      const reading = (async () => {
        for await (const { status } of task.statuses()) if (seen.push(status) && status === last) break;
      })();
      await time.until(reading);
      expect([seen, time.pending]).toEqual([expected, 0]);
    }
  });

  it.each([
    ["wait_timeout", { timeout: 100 }],
    ["aborted", { signal: AbortSignal.abort() }],
  ])("ends with %s as a wait does", async (code, options) => {
    const { time, task } = await scripted([told("CREATED")]);
    const read = async (): Promise<void> => {
      for await (const _task of task.statuses(options));
    };
    expect((await rejection(time.until(read()), MagnificError)).code).toBe(code);
  });
});

it("many waits end each with its own images, and their polls are spread", async () => {
  let seed = 42;
  const random = (): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed / 2 ** 31;
  };
  const time = new VirtualTime({ random });
  const start = time.now();
  const polls = new Map<number, number>();
  const fetch = (async (url: string) => {
    const id = url.slice(-36);
    const moment = Math.floor(time.now() / 50);
    polls.set(moment, (polls.get(moment) ?? 0) + 1);
    const pending = time.now() < start + Number(id.slice(-3)) * 60;
    const generated = pending ? [] : [`https://cdn.freepik.com/${id}.png`];
    return Response.json({ data: { task_id: id, status: pending ? "IN_PROGRESS" : "COMPLETED", generated } });
  }) as typeof globalThis.fetch;
  const magnific = new Magnific({ apiKey: "key", fetch, time, rate: false });
  const ids = Array.from(
    { length: process.env.LONG_TESTS ? 1000 : 200 },
    (_, n) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`,
  );
  const done = await time.until(Promise.all(ids.map((id) => magnific.task(id).wait())));
  expect(done.map(({ images }) => images[0].url)).toEqual(ids.map((id) => `https://cdn.freepik.com/${id}.png`));
  expect(time.pending).toBe(0);
  // After the first polls, jitter spreads them: no moment sees more than a few percent of them.
  const counts = [...polls.values()].slice(1);
  expect(Math.max(...counts)).toBeLessThan(counts.reduce((sum, count) => sum + count, 0) * 0.05);
});
