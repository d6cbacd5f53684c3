/** What an inbox keeps for waits that begin later, and whom it tells. */
import { expect, it } from "vitest";
import { type WebhookEvent, webhookInbox } from "../index.js";

const event = (task: string, n: number, status: "CREATED" | "COMPLETED" = "CREATED"): WebhookEvent => ({
  id: `msg-${n}`,
  timestamp: new Date(n),
  task: { id: task, status, images: [], raw: {} },
});
const listener = () => {
  const ids: string[] = [];
  return { ids, hear: (heard: WebhookEvent<unknown>) => void ids.push(heard.id) };
};

it("an inbox gives a subscriber the latest event of a task, or its result for good; ids in any case", () => {
  const inbox = webhookInbox();
  for (const sent of [event("T", 0), event("t", 1, "COMPLETED"), event("t", 2)]) inbox.deliver(sent);
  const { ids, hear } = listener();
  inbox.subscribe("T", hear);
  expect(ids).toEqual(["msg-1"]);
  inbox.deliver(event("t", 4));
  expect(ids).toEqual(["msg-1", "msg-4"]);
});

// @tests WebhookInboxOptions.remember
it("an inbox remembers the last thousand tasks, or as many as `remember` says, the newest by their latest event", () => {
  for (const [options, most] of [
    [undefined, 1000],
    [{ remember: 2 }, 2],
  ] as const) {
    const inbox = webhookInbox(options);
    for (let n = 0; n <= most; n++) inbox.deliver(event(`t${n}`, n));
    const { ids, hear } = listener();
    for (let n = 0; n <= most; n++) inbox.subscribe(`t${n}`, hear);
    expect([ids.length, ids[0]]).toEqual([most, "msg-1"]);
  }
  const inbox = webhookInbox({ remember: 2 });
  for (const [n, task] of ["a", "b", "a", "c"].entries()) inbox.deliver(event(task, n));
  const { ids, hear } = listener();
  for (const task of ["a", "b", "c"]) inbox.subscribe(task, hear);
  expect(ids).toEqual(["msg-2", "msg-3"]);
  expect(() => webhookInbox({ remember: Number.NaN })).toThrow("`remember` must be a whole number of at least 0");
});

it("an inbox calls each subscription until that one ends", () => {
  const inbox = webhookInbox();
  const { ids, hear } = listener();
  const [first, second] = [inbox.subscribe("t", hear), inbox.subscribe("t", hear)];
  inbox.subscribe("other", hear);
  first();
  first();
  inbox.deliver(event("t", 1));
  second();
  inbox.deliver(event("t", 2));
  const third = inbox.subscribe("t", hear);
  first();
  inbox.deliver(event("t", 3));
  third();
  expect(ids).toEqual(["msg-1", "msg-2", "msg-3"]);
});
