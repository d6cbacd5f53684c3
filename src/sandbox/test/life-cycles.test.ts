import { describe, expect, it } from "vitest";
import { ManualTime, type SandboxOptions, startSandbox, type Upscaler } from "../index.js";
import { dataOf, finished, look, submit, TASKS, talk, until } from "./talk.js";

const FAST = { upscaler: "echo" } satisfies SandboxOptions;

async function statuses(options: SandboxOptions, answers: number): Promise<string[]> {
  await using sandbox = await startSandbox({ ...FAST, ...options });
  const first = dataOf(await submit(sandbox));
  const seen = [first.status];
  while (seen.length < answers) seen.push((await look(sandbox, first.task_id)).status);
  return seen;
}

describe("a scripted life", () => {
  it.each([
    ["completed", ["CREATED", "IN_PROGRESS", "IN_PROGRESS", "IN_PROGRESS", "COMPLETED", "COMPLETED"]],
    ["immediate", ["COMPLETED", "COMPLETED"]],
    ["failed", ["CREATED", "IN_PROGRESS", "FAILED", "FAILED"]],
    ["stuck", ["CREATED", "CREATED", "CREATED"]],
    ["unknown_status", ["CREATED", "PAUSED", "PAUSED", "COMPLETED"]],
  ] as const)("%s shows its statuses in order", async (lifeCycle, expected) => {
    expect(await statuses({ lifeCycle }, expected.length)).toEqual(expected);
  });

  // @tests sandbox/SandboxOptions.lifeCycle
  it("may be one's own, or chosen for each task", async () => {
    const own = [{ status: "CREATED", answers: 2 }, "FAILED"];
    expect(await statuses({ lifeCycle: own }, 4)).toEqual(["CREATED", "CREATED", "FAILED", "FAILED"]);
    await using sandbox = await startSandbox({
      ...FAST,
      lifeCycle: ({ number, sliders }) => (number === 2 && sliders.sharpen === 50 ? "failed" : "immediate"),
    });
    const ends = [(await finished(sandbox)).status, (await finished(sandbox)).status, (await finished(sandbox)).status];
    expect(ends).toEqual(["COMPLETED", "FAILED", "COMPLETED"]);
  });

  it("is taken from scripts first, and from the request's header before them", async () => {
    await using sandbox = await startSandbox({ ...FAST, lifeCycle: "immediate" });
    sandbox.script("stuck");
    sandbox.script(["IN_PROGRESS"], 2);
    const header = { "x-sandbox-life-cycle": '["QUEUED"]' };
    const replies = [await submit(sandbox, undefined, header)];
    for (let count = 0; count < 4; count++) replies.push(await submit(sandbox));
    expect(replies.map((reply) => dataOf(reply).status)).toEqual([
      "QUEUED",
      "CREATED",
      "IN_PROGRESS",
      "IN_PROGRESS",
      "COMPLETED",
    ]);
    const wrong = await submit(sandbox, undefined, { "x-sandbox-life-cycle": "unheard-of" });
    expect([wrong.status, JSON.stringify(wrong.body)]).toEqual([400, expect.stringContaining("unheard-of")]);
  });
});

describe("a life by time", () => {
  it("moves on when its time has come, whoever looks", async () => {
    const time = new ManualTime();
    await using sandbox = await startSandbox({ ...FAST, time, lifeCycle: "standard" });
    const { task_id: id } = dataOf(await submit(sandbox));
    const seen: string[] = [];
    for (const ms of [249, 1, 499]) {
      time.advance(ms);
      seen.push((await look(sandbox, id)).status);
    }
    expect(seen).toEqual(["CREATED", "IN_PROGRESS", "IN_PROGRESS"]);
    time.advance(1);
    await until(() => sandbox.tasks()[0]?.status === "COMPLETED");
  });

  it("is not completed before there is an image", async () => {
    const time = new ManualTime();
    let finish = (): void => {};
    const slow: Upscaler = (bytes) =>
      new Promise((resolve) => {
        finish = () => resolve({ bytes, type: "image/png" });
      });
    await using sandbox = await startSandbox({
      upscaler: slow,
      time,
      lifeCycle: [{ status: "CREATED", ms: 5 }, "COMPLETED"],
    });
    const { task_id: id } = dataOf(await submit(sandbox));
    time.advance(60_000);
    expect((await look(sandbox, id)).status).toBe("CREATED");
    finish();
    await until(() => sandbox.tasks()[0]?.status === "COMPLETED");
    expect((await look(sandbox, id)).generated).toHaveLength(1);
  });
});

describe("the work", () => {
  // @tests sandbox/SandboxOptions.concurrency
  it("goes on for no more images at a time than it is told", async () => {
    let running = 0;
    let most = 0;
    const upscaler: Upscaler = async (bytes) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running--;
      return { bytes, type: "image/png" };
    };
    for (const concurrency of [1, 3]) {
      most = 0;
      await using sandbox = await startSandbox({ upscaler, concurrency, lifeCycle: "completed" });
      await Promise.all(Array.from({ length: 8 }, () => finished(sandbox)));
      expect(most).toBe(concurrency);
    }
  });

  it("is not done where no image will be shown", async () => {
    let calls = 0;
    const upscaler: Upscaler = async (bytes) => {
      calls++;
      return { bytes, type: "image/png" };
    };
    await using sandbox = await startSandbox({ upscaler });
    for (const name of ["failed", "completed_without_image"] as const) {
      sandbox.script(name);
      await finished(sandbox);
    }
    expect(calls).toBe(0);
  });

  it("makes the task fail where it fails", async () => {
    const upscaler: Upscaler = () => Promise.reject(new Error("out of paint"));
    await using sandbox = await startSandbox({ upscaler, lifeCycle: "immediate" });
    expect((await finished(sandbox)).status).toBe("FAILED");
    expect(sandbox.tasks()[0]).toMatchObject({ status: "FAILED", failure: "out of paint" });
  });
});

describe("closing", () => {
  it("ends what is under way and leaves nothing", async () => {
    const time = new ManualTime();
    const sandbox = await startSandbox({ ...FAST, time, latencyMs: 1000, lifeCycle: "standard" });
    const waiting = submit(sandbox).catch((error: Error) => error);
    await until(() => sandbox.counts.requests === 1);
    await Promise.all([sandbox.close(), sandbox.close()]);
    expect(await waiting).toBeInstanceOf(Error);
    expect(time.pending).toBe(0);
    await expect(talk(sandbox, TASKS)).rejects.toThrow();
    expect(() => sandbox.script("failed")).toThrow(/closed/);
  });
});
