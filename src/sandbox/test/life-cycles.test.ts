import { beforeEach, describe, expect, it } from "vitest";
import { SLIDER_DEFAULTS } from "../../test-support/document.js";
import { ManualTime, type Sandbox, type SandboxOptions, startSandbox, type Upscaler } from "../index.js";
import { call, dataOf, entries, finished, idle, look, submit, TASKS, until } from "./requests.js";

const FAST = { port: false, upscaler: "echo" } satisfies SandboxOptions;

async function statuses(options: SandboxOptions, answers: number): Promise<string[]> {
  await using sandbox = await startSandbox({ ...FAST, ...options });
  const first = dataOf(await submit(sandbox));
  const seen = [first.status];
  while (seen.length < answers) seen.push((await look(sandbox, first.task_id)).status);
  return seen;
}

describe("A scripted life cycle", () => {
  it.each([
    ["completed", ["CREATED", "IN_PROGRESS", "IN_PROGRESS", "IN_PROGRESS", "COMPLETED", "COMPLETED"]],
    ["immediate", ["COMPLETED", "COMPLETED"]],
    ["failed", ["CREATED", "IN_PROGRESS", "FAILED", "FAILED"]],
    ["stuck", ["CREATED", "CREATED", "CREATED"]],
    ["unknown_status", ["CREATED", "PAUSED", "PAUSED", "COMPLETED"]],
  ] as const)("%s shows its statuses in order", async (lifeCycle, expected) => {
    expect(await statuses({ lifeCycle }, expected.length)).toEqual(expected);
  });

  it("may stand in the header with spaces around it, and what is not one is refused by the header's name", async () => {
    await using sandbox = await startSandbox(FAST);
    const name = "x-sandbox-life-cycle";
    const send = (value: string) => submit(sandbox, undefined, { [name]: value, accept: "application/problem+json" });
    expect([dataOf(await send(" failed ")).status, dataOf(await send(' ["PAUSED"] ')).status]).toEqual([
      "CREATED",
      "PAUSED",
    ]);
    for (const value of ["unheard-of", "[]", "["]) {
      const params = [{ name, reason: expect.stringContaining(`Header '${name}': `) }];
      expect(await send(value)).toMatchObject({ status: 400, body: { problem: { invalid_params: params } } });
    }
    expect(sandbox.counts.paid).toBe(2);
  });

  // @tests sandbox/SandboxOptions.lifeCycle
  it("may be your own, or chosen for each task", async () => {
    const own = [{ status: "CREATED", answers: 2 }, "FAILED"];
    expect(await statuses({ lifeCycle: own }, 4)).toEqual(["CREATED", "CREATED", "FAILED", "FAILED"]);
    await using sandbox = await startSandbox({
      ...FAST,
      lifeCycle: ({ number, sliders }) =>
        number === 2 && sliders.sharpen === SLIDER_DEFAULTS.sharpen ? "failed" : "immediate",
    });
    const ends = [(await finished(sandbox)).status, (await finished(sandbox)).status, (await finished(sandbox)).status];
    expect(ends).toEqual(["COMPLETED", "FAILED", "COMPLETED"]);
  });

  it("comes from the header of the request, else from a script, else from the options", async () => {
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
  });
});

describe("A life cycle by time", () => {
  const CYCLE = [{ status: "CREATED", ms: 100 }, { status: "IN_PROGRESS", ms: 50 }, "FAILED"];
  let time: ManualTime;
  beforeEach(() => {
    time = new ManualTime();
  });
  const statuses = (sandbox: Sandbox) => entries(sandbox, "task").map(({ status }) => status);

  it("advances at its times, whoever reads the task, and sets no timer in its last step", async () => {
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
    sandbox.script(CYCLE);
    await submit(sandbox);
    for (const ms of [99, 1, 49, 1]) {
      time.advance(ms);
      await idle();
      seen.push(sandbox.tasks()[0]?.status ?? "");
    }
    expect(seen.slice(3)).toEqual(["CREATED", "IN_PROGRESS", "IN_PROGRESS", "FAILED"]);
    expect(time.pending).toBe(1); // the removal of the first task's images
  });

  it("advances once where a response comes first, or at the same time", async () => {
    await using sandbox = await startSandbox({ ...FAST, time });
    sandbox.script([{ status: "CREATED", ms: 100, answers: 1 }, ...CYCLE.slice(1)]);
    const { task_id: id } = dataOf(await submit(sandbox));
    time.advance(60);
    expect((await look(sandbox, id)).status).toBe("IN_PROGRESS");
    expect(time.pending).toBe(1);
    // Where the first step would have ended; ten milliseconds of the second are left.
    time.advance(40);
    await idle();
    expect(statuses(sandbox)).toEqual(["CREATED", "IN_PROGRESS"]);
    time.advance(10);
    await Promise.all([look(sandbox, id), look(sandbox, id)]);
    expect(statuses(sandbox)).toEqual(["CREATED", "IN_PROGRESS", "FAILED"]);
  });

  it("is not advanced by responses without a number of them, and rests in its last step", async () => {
    await using sandbox = await startSandbox({ ...FAST, time });
    sandbox.script([
      { status: "CREATED", ms: 100 },
      { status: "PAUSED", ms: 1, answers: 1 },
    ]);
    const { task_id: id } = dataOf(await submit(sandbox));
    for (let count = 0; count < 9; count++) expect((await look(sandbox, id)).status).toBe("CREATED");
    time.advance(100);
    for (let count = 0; count < 9; count++) expect((await look(sandbox, id)).status).toBe("PAUSED");
  });

  it("is not COMPLETED before there is an image, and other requests are answered meanwhile", async () => {
    const made: (() => void)[] = [];
    const slow: Upscaler = (bytes) => new Promise((done) => made.push(() => done({ bytes, type: "image/png" })));
    await using sandbox = await startSandbox({ port: false, upscaler: slow, time });
    sandbox.script([{ status: "CREATED", ms: 5 }, "COMPLETED"]);
    const { task_id: id } = dataOf(await submit(sandbox));
    time.advance(60_000);
    expect((await look(sandbox, id)).status).toBe("CREATED");
    made[0]?.();
    await until(() => sandbox.tasks()[0]?.status === "COMPLETED");
    expect((await look(sandbox, id)).generated).toHaveLength(1);
    // A response that the script wants to be COMPLETED waits for the image.
    sandbox.script(["CREATED", { status: "COMPLETED", images: 2 }, { status: "COMPLETED", images: 3 }]);
    const { task_id: second } = dataOf(await submit(sandbox));
    const looking = look(sandbox, second);
    await idle();
    expect(sandbox.tasks()[0]?.status).toBe("CREATED");
    made[1]?.();
    const { status, generated } = await looking;
    expect([status, generated.length]).toEqual(["COMPLETED", 2]);
    // A later step keeps the URLs that were handed out.
    time.advance(2000);
    expect((await look(sandbox, second)).generated).toEqual(generated);
  });

  it.each([
    [2 ** 31 - 1 - 1000, 1],
    [2 ** 31 - 1000, 0],
  ])("removes its images a second after %i ms, unless no timer can wait for that", async (resultTtlMs, pending) => {
    await using sandbox = await startSandbox({ ...FAST, time, lifeCycle: "immediate", resultTtlMs });
    await submit(sandbox);
    expect(time.pending).toBe(pending);
  });

  it("keeps its images until its last step", async () => {
    await using sandbox = await startSandbox({ ...FAST, time, resultTtlMs: 1000 });
    sandbox.script([{ status: "COMPLETED", ms: 9000 }, "COMPLETED"]);
    const { task_id: id } = dataOf(await submit(sandbox));
    const source = async () => (await call(sandbox, `/sandbox/source/${id}`)).status;
    time.advance(8999);
    await idle();
    expect(await source()).toBe(200);
    time.advance(1);
    await idle();
    time.advance(0);
    await idle();
    expect([await source(), time.pending]).toEqual([404, 0]);
  });
});

describe("The work", () => {
  // @tests sandbox/SandboxOptions.concurrency
  it("continues for as many images at a time as the option says", async () => {
    let running = 0;
    let most = 0;
    const upscaler: Upscaler = async (bytes) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 40));
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

  it.each([new Error("out of paint"), "out of paint"])(
    "that fails makes the task fail, and the log says why",
    async (error) => {
      await using sandbox = await startSandbox({ ...FAST, upscaler: () => Promise.reject(error) });
      sandbox.script(["CREATED", "IN_PROGRESS", "COMPLETED", "CREATED"]);
      const { task_id: id } = await finished(sandbox);
      expect((await look(sandbox, id)).status).toBe("FAILED");
      expect(sandbox.tasks()[0]).toMatchObject({ status: "FAILED", failure: "out of paint", generated: [] });
      const facts = { event: "task", at: expect.any(Number), taskId: id };
      expect(entries(sandbox, "task")).toEqual([
        { ...facts, status: "CREATED" },
        { ...facts, status: "IN_PROGRESS" },
        { ...facts, status: "FAILED", reason: "out of paint" },
      ]);
    },
  );
});

describe("Closing", () => {
  it("ends what is in flight and leaves nothing", async () => {
    const time = new ManualTime();
    const sandbox = await startSandbox({ upscaler: "echo", time, latencyMs: 1000, lifeCycle: "standard" });
    const waiting = submit(sandbox).catch((error: Error) => error);
    await until(() => sandbox.counts.requests === 1);
    await Promise.all([sandbox.close(), sandbox.close()]);
    expect(await waiting).toBeInstanceOf(Error);
    expect(time.pending).toBe(0);
    await expect(call(sandbox, TASKS)).rejects.toThrow();
  });

  it("answers who waits for an image, and drops work in hand and work that waits for its turn", async () => {
    const time = new ManualTime();
    let calls = 0;
    const never: Upscaler = () => new Promise(() => void calls++);
    const sandbox = await startSandbox({ port: false, upscaler: never, time, concurrency: 1 });
    sandbox.script([{ status: "CREATED", ms: 100 }, "COMPLETED"]);
    await submit(sandbox);
    sandbox.script("immediate");
    const first = submit(sandbox);
    time.advance(100);
    await idle();
    await sandbox.close();
    expect(await first).toMatchObject({ status: 200, body: { data: { generated: [] } } });
    expect([calls, time.pending, sandbox.tasks().at(-1)?.status]).toEqual([1, 0, "CREATED"]);
  });
});
