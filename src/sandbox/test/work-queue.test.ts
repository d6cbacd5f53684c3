import { expect, it } from "vitest";
import { WorkQueue } from "../work-queue.js";

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Jobs that end when they are told to. */
function jobs(queue: WorkQueue, count: number) {
  const begun: number[] = [];
  const ends: ((error?: Error) => void)[] = [];
  const outcomes = Array.from({ length: count }, (_, index) =>
    queue.run(
      () =>
        new Promise<number>((resolve, reject) => {
          begun.push(index);
          ends[index] = (error) => (error === undefined ? resolve(index) : reject(error));
        }),
    ),
  );
  return { begun, ends, outcomes };
}

it("begins jobs in their order, no more at a time than it may, whether they end well or not", async () => {
  const { begun, ends, outcomes } = jobs(new WorkQueue(2), 4);
  expect(begun).toEqual([0, 1]);
  ends[1]?.(new Error("broken"));
  await expect(outcomes[1]).rejects.toThrow("broken");
  await settled();
  expect(begun).toEqual([0, 1, 2]);
  ends[0]?.();
  expect(await outcomes[0]).toBe(0);
  await settled();
  expect(begun).toEqual([0, 1, 2, 3]);
});

it("closed, begins nothing more and waits for what runs", async () => {
  const queue = new WorkQueue(1);
  const { begun, ends, outcomes } = jobs(queue, 2);
  let closed = false;
  const closing = queue.close().then(() => {
    closed = true;
  });
  const late = jobs(queue, 1);
  await settled();
  expect(closed).toBe(false);
  ends[0]?.(new Error("broken"));
  await expect(outcomes[0]).rejects.toThrow("broken");
  await closing;
  await settled();
  expect([begun, late.begun]).toEqual([[0], []]);
});
