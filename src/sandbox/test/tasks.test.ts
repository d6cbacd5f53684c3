import { beforeEach, describe, expect, it } from "vitest";
import type { Step } from "../life-cycle.js";
import { Log } from "../log.js";
import { ManualTime } from "../manual-time.js";
import { MemoryStore } from "../memory-store.js";
import type { TaskRecord } from "../task.js";
import { type NewTask, Tasks, type TasksOptions } from "../tasks.js";
import { WorkQueue } from "../work-queue.js";

/** A store in memory that remembers what it was told, so that another can begin from it. */
class KeepingStore extends MemoryStore {
  readonly saved = new Map<string, TaskRecord>();
  readonly events: string[] = [];

  override async save(task?: TaskRecord): Promise<void> {
    if (task === undefined) return;
    this.saved.set(task.id, task);
    this.events.push(`saved ${task.id} ${task.steps[task.position.index]?.status}`);
  }

  override async tasks(): Promise<readonly TaskRecord[]> {
    return [...this.saved.values()];
  }

  override async removeFiles(taskId: string): Promise<void> {
    this.events.push(`removed ${taskId}`);
    await super.removeFiles(taskId);
  }
}

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
};
const IMAGE = Buffer.from("image");
const START = Date.UTC(2026, 0, 1);

let time: ManualTime;
let store: KeepingStore;
let log: Log;
/** Ends of the images that are worked on. */
let finish: ((error?: unknown) => void)[];
let steps: [string, Step][];

beforeEach(() => {
  time = new ManualTime();
  store = new KeepingStore();
  log = new Log(100);
  finish = [];
  steps = [];
});

function tasksOf(more: Partial<TasksOptions> = {}): Tasks {
  return new Tasks({
    time,
    store,
    log,
    queue: new WorkQueue(9),
    upscaler: (image) =>
      new Promise((resolve, reject) => {
        finish.push((error) => (error === undefined ? resolve({ bytes: image, type: "image/png" }) : reject(error)));
      }),
    signingSecret: "s",
    resultTtlMs: 5000,
    onStep: async (task, step) => {
      store.events.push(`told ${task.id} ${step.status}`);
      steps.push([task.id, step]);
    },
    ...more,
  });
}

function fresh(life: readonly Step[], id = "a", owner = "me"): NewTask {
  const facts = { image: { bytes: 5, sha256: "" }, sliders: { sharpen: 0, smart_grain: 0, ultra_detail: 0 } };
  return { id, owner, steps: life, filterNsfw: false, ...facts };
}

const statusOf = (task: TaskRecord | undefined): string | undefined => task?.steps[task.position.index]?.status;

describe("a task by answers", () => {
  it("shows each step for as many answers as it says, and its first in the submit's", async () => {
    const tasks = tasksOf();
    const created = await tasks.create(fresh([{ status: "CREATED", answers: 2 }, { status: "FAILED" }]), IMAGE);
    expect(created).toMatchObject({
      createdAt: START,
      position: { index: 0, since: START, answers: 1 },
      generated: [],
    });
    expect(await store.readFile("a", "source")).toBe(IMAGE);
    time.advance(10);
    expect((await tasks.look("a", "me"))?.position).toEqual({ index: 0, since: START, answers: 2 });
    expect((await tasks.look("a", "me"))?.position).toEqual({ index: 1, since: START + 10, answers: 1 });
    expect((await tasks.look("a", "me"))?.position).toEqual({ index: 1, since: START + 10, answers: 2 });
    expect(finish).toHaveLength(0);
    // Announced before it is kept, so that a crash in between announces it twice instead of never.
    const order = ["saved a CREATED", "told a CREATED", "saved a CREATED", "told a FAILED", "saved a FAILED"];
    expect(store.events).toEqual(order);
    expect(log.entries).toEqual([
      { event: "task", at: START, taskId: "a", status: "CREATED" },
      { event: "task", at: START + 10, taskId: "a", status: "FAILED" },
    ]);
  });

  it("waits for the image that the next step shows", async () => {
    const tasks = tasksOf();
    await tasks.create(fresh([{ status: "CREATED" }, { status: "COMPLETED", images: 2 }]), IMAGE);
    let looked: TaskRecord | undefined;
    const looking = tasks.look("a", "me").then((task) => {
      looked = task;
    });
    await settled();
    expect(looked).toBeUndefined();
    time.advance(100);
    finish[0]?.();
    await looking;
    expect(statusOf(looked)).toBe("COMPLETED");
    expect(looked).toMatchObject({ result: { type: "image/png", bytes: 5 }, expiresAt: START + 5100 });
    expect(looked?.generated.map((path) => path.replace(/\?.*/, ""))).toEqual(["/results/a/0.png", "/results/a/1.png"]);
    expect((await tasks.look("a", "me"))?.generated).toEqual(looked?.generated);
    expect(store.saved.get("a")?.result).toEqual({ type: "image/png", bytes: 5 });
  });

  it("keeps the URLs that it gave in a later step that shows its images too", async () => {
    const tasks = tasksOf();
    const creating = tasks.create(fresh([{ status: "COMPLETED" }, { status: "COMPLETED", images: 2 }]), IMAGE);
    await settled();
    finish[0]?.();
    const first = await creating;
    time.advance(2000);
    const second = await tasks.look("a", "me");
    expect(second?.position.index).toBe(1);
    expect([second?.generated, second?.expiresAt]).toEqual([first.generated, START + 5000]);
  });

  it.each([new Error("no paint"), "no paint"])("ends as FAILED with the image's failure", async (error) => {
    const tasks = tasksOf();
    await tasks.create(fresh([{ status: "CREATED" }, { status: "COMPLETED" }, { status: "CREATED" }]), IMAGE);
    finish[0]?.(error);
    await settled();
    expect(store.saved.get("a")).toMatchObject({ failure: "no paint", position: { index: 0 } });
    expect(statusOf(await tasks.look("a", "me"))).toBe("FAILED");
    expect(statusOf(await tasks.look("a", "me"))).toBe("FAILED");
    expect(log.entries).toEqual([
      { event: "task", at: START, taskId: "a", status: "CREATED" },
      { event: "task", at: START, taskId: "a", status: "FAILED", reason: "no paint" },
    ]);
    expect(finish).toHaveLength(1);
  });

  it("gives no reason with a step that did not fail by it", async () => {
    const tasks = tasksOf();
    await tasks.create(fresh([{ status: "CREATED" }, { status: "IN_PROGRESS" }, { status: "COMPLETED" }]), IMAGE);
    finish[0]?.(new Error("no paint"));
    await settled();
    await tasks.look("a", "me");
    expect(log.entries.at(-1)).toStrictEqual({ event: "task", at: START, taskId: "a", status: "IN_PROGRESS" });
  });

  it("fails where its image is no longer there", async () => {
    await store.save({ ...fresh([{ status: "CREATED" }, { status: "COMPLETED" }]), createdAt: 0, ...at(0, 1) });
    const tasks = tasksOf();
    await tasks.restore();
    expect(await tasks.look("a", "me")).toMatchObject({ failure: "the image is no longer there" });
  });
});

const at = (index: number, answers: number) => ({ position: { index, since: START, answers }, generated: [] });

describe("a task by time", () => {
  const life = [{ status: "CREATED", ms: 100 }, { status: "IN_PROGRESS", ms: 50 }, { status: "FAILED" }];

  it("goes on at its times, whoever looks", async () => {
    const tasks = tasksOf();
    await tasks.create(fresh(life), IMAGE);
    const seen: unknown[] = [];
    for (const ms of [99, 1, 49, 1]) {
      time.advance(ms);
      await settled();
      seen.push(statusOf(tasks.get("a")));
    }
    expect(seen).toEqual(["CREATED", "IN_PROGRESS", "IN_PROGRESS", "FAILED"]);
    expect(time.pending).toBe(0);
  });

  it("goes on once, when an answer comes at the same time or first", async () => {
    const tasks = tasksOf();
    await tasks.create(fresh([{ status: "CREATED", ms: 100, answers: 1 }, ...life.slice(1)]), IMAGE);
    time.advance(60);
    expect(statusOf(await tasks.look("a", "me"))).toBe("IN_PROGRESS");
    expect(time.pending).toBe(1);
    // Where the first step would have ended; the second has ten milliseconds left then.
    time.advance(40);
    await settled();
    expect(statusOf(tasks.get("a"))).toBe("IN_PROGRESS");
    time.advance(10);
    await settled();
    expect(statusOf(tasks.get("a"))).toBe("FAILED");
    expect(steps.map(([, step]) => step.status)).toEqual(["CREATED", "IN_PROGRESS", "FAILED"]);
  });

  it("waits for its image, lets others look meanwhile, and then goes on", async () => {
    const tasks = tasksOf();
    await tasks.create(fresh([{ status: "CREATED", ms: 100 }, { status: "COMPLETED" }]), IMAGE);
    time.advance(500);
    await settled();
    expect(statusOf(await tasks.look("a", "me"))).toBe("CREATED");
    finish[0]?.();
    await settled();
    expect(statusOf(tasks.get("a"))).toBe("COMPLETED");
    expect(steps.map(([, step]) => step.status)).toEqual(["CREATED", "COMPLETED"]);
  });

  it("forgets its images a second after their URLs have expired, at the end of its life", async () => {
    const tasks = tasksOf();
    const creating = tasks.create(fresh([{ status: "COMPLETED", ms: 9000 }, { status: "COMPLETED" }]), IMAGE);
    await settled();
    finish[0]?.();
    await creating;
    time.advance(8999);
    await settled();
    expect(store.events).not.toContain("removed a");
    time.advance(1);
    await settled();
    time.advance(0);
    expect(store.events.filter((event) => event === "removed a")).toHaveLength(1);
    expect(time.pending).toBe(0);
  });

  it.each([
    [2 ** 31 - 1 - 1000, 1],
    [2 ** 31 - 1000, 0],
  ])("sets no timer for what no timer can wait for: %i", async (resultTtlMs, pending) => {
    const tasks = tasksOf({ resultTtlMs, upscaler: async (bytes) => ({ bytes, type: "image/png" }) });
    await tasks.create(fresh([{ status: "COMPLETED" }]), IMAGE);
    expect(time.pending).toBe(pending);
  });

  it("keeps its images while it is not at its end", async () => {
    const tasks = tasksOf({ upscaler: async (bytes) => ({ bytes, type: "image/png" }) });
    await tasks.create(fresh([{ status: "COMPLETED" }, { status: "CREATED" }]), IMAGE);
    expect(time.pending).toBe(0);
  });

  it("has no timer in a last step without images", async () => {
    await tasksOf().create(fresh([{ status: "FAILED" }]), IMAGE);
    expect(time.pending).toBe(0);
  });
});

describe("the tasks", () => {
  it("are seen by their owner alone, the newest first", async () => {
    const tasks = tasksOf();
    for (const [id, owner] of [
      ["a", "me"],
      ["b", "you"],
      ["c", "me"],
    ] as const)
      await tasks.create(fresh([{ status: "CREATED" }], id, owner), IMAGE);
    const ids = (owner?: string) => tasks.list(owner).map(({ id }) => id);
    expect([ids("me"), ids("you"), ids("nobody"), ids()]).toEqual([["c", "a"], ["b"], [], ["c", "b", "a"]]);
    expect(await tasks.look("b", "me")).toBeUndefined();
    expect(await tasks.look("x", "me")).toBeUndefined();
    expect(tasks.get("x")).toBeUndefined();
    expect(tasks.get("b")?.position.answers).toBe(1);
  });

  it("end all waiting when they are closed, and keep what is left for the next start", async () => {
    const tasks = tasksOf();
    const life = [{ status: "CREATED", ms: 100 }, { status: "COMPLETED" }];
    await tasks.create(fresh(life), IMAGE);
    await tasks.create(fresh([{ status: "CREATED" }, { status: "COMPLETED" }], "b"), IMAGE);
    const looking = tasks.look("b", "me");
    tasks.close();
    expect(time.pending).toBe(0);
    expect(statusOf(await looking)).toBe("CREATED");
    await settled();
    expect([...store.saved.values()].map((task) => task.failure ?? statusOf(task))).toEqual(["CREATED", "CREATED"]);

    const again = tasksOf();
    await again.restore();
    expect(again.list().map(({ id }) => id)).toEqual(["b", "a"]);
    await settled();
    finish[2]?.();
    time.advance(100);
    await settled();
    expect(statusOf(again.get("a"))).toBe("COMPLETED");
  });

  it("answer who waits for a first image when they are closed", async () => {
    const tasks = tasksOf();
    const creating = tasks.create(fresh([{ status: "COMPLETED" }]), IMAGE);
    await settled();
    tasks.close();
    expect(await creating).toMatchObject({ id: "a", generated: [] });
  });

  it("set no timer any more once they are closed", async () => {
    const tasks = tasksOf();
    tasks.close();
    await tasks.create(fresh([{ status: "CREATED", ms: 100 }, { status: "FAILED" }]), IMAGE);
    expect(time.pending).toBe(0);
  });

  it("that wait for their images are not moved on when they are closed meanwhile", async () => {
    const tasks = tasksOf();
    await tasks.create(fresh([{ status: "CREATED", ms: 100 }, { status: "COMPLETED" }]), IMAGE);
    time.advance(100);
    await settled();
    tasks.close();
    finish[0]?.();
    await settled();
    expect(statusOf(tasks.get("a"))).toBe("CREATED");
    expect(steps).toHaveLength(1);
  });
});
