import { expect, it } from "vitest";
import { Log, type LogEntry, withoutSecrets } from "../log.js";

const entry = (at: number): LogEntry => ({ event: "task", at, taskId: "1", status: "CREATED" });

it.each([
  [0, []],
  [1, [3]],
  [2, [2, 3]],
  [3, [1, 2, 3]],
  [4, [1, 2, 3]],
])("keeps the last %i entries and hands out all", (size, kept) => {
  const heard: number[] = [];
  const log = new Log(size, ({ at }) => heard.push(at));
  for (const at of [1, 2, 3]) log.add(entry(at));
  expect(log.entries.map(({ at }) => at)).toEqual(kept);
  expect(heard).toEqual([1, 2, 3]);
});

it("needs no listener, and begins to count at nothing", () => {
  const log = new Log(5);
  log.add(entry(1));
  expect(log.entries).toEqual([entry(1)]);
  expect(log.counts).toEqual({
    requests: 0,
    submits: 0,
    paid: 0,
    reads: 0,
    lists: 0,
    downloads: 0,
    unauthorized: 0,
    rateLimited: 0,
    faults: 0,
    webhooks: 0,
  });
});

it.each([
  ["https://user:pass@example.com:8443/hook/7?token=hidden#part", "https://example.com:8443/hook/7"],
  ["http://127.0.0.1:80/", "http://127.0.0.1/"],
  // What has no origin may be anything behind its scheme.
  ["javascript:alert('hidden')", "javascript:"],
  ["data:text/plain,hidden", "data:"],
  ["no url, hidden", "(not a URL)"],
  ["", "(not a URL)"],
])("logs %j as %s", (url, expected) => {
  expect(withoutSecrets(url)).toBe(expected);
});
