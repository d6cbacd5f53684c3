import type { IncomingHttpHeaders } from "node:http";
import { beforeEach, expect, it } from "vitest";
import { loopback } from "../../test-support/loopback.js";
import { Log, type WebhookEntry } from "../log.js";
import { ManualTime } from "../manual-time.js";
import type { WebhookBehaviour } from "../webhook-behaviour.js";
import type { PendingWebhook } from "../webhook-delivery.js";
import { webhookSignature } from "../webhook-signature.js";
import { isLoopback, type ResolvedWebhookOptions, Webhooks } from "../webhooks.js";

const START = Date.UTC(2026, 0, 1) + 1999;
const DETAIL = { task_id: "t", status: "COMPLETED", generated: ["/results/é"] };

let time: ManualTime;
let log: Log;
let target: string;
let received: { method: string | undefined; url: string | undefined; headers: IncomingHttpHeaders; body: string }[];
/** What the receiver answers, in order; 200 after that. 0 hangs up. */
let answers: number[];
let kept: Map<string, PendingWebhook>;
let broken: boolean;

beforeEach(async () => {
  time = new ManualTime(START);
  log = new Log(100);
  received = [];
  answers = [];
  kept = new Map();
  broken = false;
  const receiver = await loopback(async (response, _n, request) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method, url, headers } = request;
    received.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
    const status = answers.shift() ?? 200;
    if (status === 0) request.socket.destroy();
    else response.writeHead(status, { location: "/elsewhere" }).end("thanks");
  });
  target = `${receiver.origin}/hook?tenant=7`;
});

function webhooksOf(more: Partial<ResolvedWebhookOptions> = {}): Webhooks {
  const options = { secret: "shared", retryDelaysMs: [], timeoutMs: 9000, lateByMs: 700, ...more };
  const written = (): void => {
    if (broken) throw new Error("the disk is full");
  };
  const store = {
    webhooks: async () => [...kept.values()],
    saveWebhook: async (pending: PendingWebhook) => {
      written();
      kept.set(pending.id, pending);
    },
    removeWebhook: async (id: string) => {
      written();
      kept.delete(id);
    },
  };
  return new Webhooks({ targets: "loopback", ...options }, { time, log, store, origin: () => "http://me" });
}

const tries = (): WebhookEntry[] => log.entries.filter((entry) => entry.event === "webhook");
const tried = (count: number): Promise<void> => expect.poll(() => tries().length, { interval: 2 }).toBe(count);
const send = (webhooks: Webhooks, behaviour: WebhookBehaviour = "send", to = target): Promise<void> =>
  webhooks.announce(DETAIL, to, behaviour);

function isSigned({ headers, body }: (typeof received)[number]): boolean {
  const [id, stamp] = [String(headers["webhook-id"]), String(headers["webhook-timestamp"])];
  return headers["webhook-signature"] === webhookSignature("shared", id, stamp, body);
}

it("posts what is announced, signed at its second, and logs no secret of the address", async () => {
  await send(webhooksOf());
  await tried(1);
  const [delivery] = received;
  const body = '{"task_id":"t","status":"COMPLETED","generated":["http://me/results/é"]}';
  expect(delivery).toMatchObject({ method: "POST", url: "/hook?tenant=7", body });
  expect(delivery?.headers).toMatchObject({
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
    "user-agent": "magnific-sandbox",
    connection: "close",
    "webhook-id": expect.stringMatching(/^msg_[0-9a-f]{24}$/),
    "webhook-timestamp": String(Math.floor(START / 1000)),
  });
  expect(received.every(isSigned)).toBe(true);
  expect(tries()).toEqual([
    {
      event: "webhook",
      at: START,
      taskId: "t",
      webhookId: delivery?.headers["webhook-id"],
      target: target.replace(/\?.*/, ""),
      attempt: 1,
      outcome: "delivered",
      status: 200,
    },
  ]);
  expect(log.counts.webhooks).toBe(1);
  await expect.poll(() => kept.size).toBe(0);
  expect(time.pending).toBe(0);
});

it.each([
  [200, "delivered"],
  [204, "delivered"],
  [299, "delivered"],
  [300, "refused"],
  [302, "refused"],
  [500, "refused"],
] as const)("counts an answer of %i as %s", async (status, outcome) => {
  answers = [status];
  await send(webhooksOf());
  await tried(1);
  expect(tries()[0]).toMatchObject({ status, outcome });
  expect(received).toHaveLength(1);
});

it("says why a try failed, by the system's word for it", async () => {
  answers = [0];
  const webhooks = webhooksOf();
  await send(webhooks);
  await tried(1);
  expect(tries()[0]).toMatchObject({ outcome: "failed", reason: "ECONNRESET" });
  expect(tries()[0]).not.toHaveProperty("status");
});

it("tries again at the times it was told, under its id, and keeps what is left", async () => {
  answers = [500, 0, 503];
  await send(webhooksOf({ retryDelaysMs: [100, 2000] }));
  await tried(1);
  expect([...kept.values()]).toMatchObject([{ attempt: 2, dueAt: START + 100, target, forged: false, detail: DETAIL }]);
  time.advance(99);
  expect(received).toHaveLength(1);
  time.advance(1);
  await tried(2);
  expect([...kept.values()]).toMatchObject([{ attempt: 3, dueAt: START + 2100 }]);
  time.advance(2000);
  await tried(3);
  await expect.poll(() => kept.size).toBe(0);
  expect(tries().map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
    [1, "refused"],
    [2, "failed"],
    [3, "refused"],
  ]);
  expect(new Set(received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  expect(received.every(isSigned)).toBe(true);
  expect([time.pending, log.counts.webhooks]).toEqual([0, 3]);
});

it("doubles under one id, forges under another, and loses without a word on the wire", async () => {
  await send(webhooksOf(), "duplicate");
  await tried(2);
  expect(new Set(received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  expect(received.map(isSigned)).toEqual([true, true]);
  received.length = 0;
  await send(webhooksOf(), "forge");
  await tried(4);
  expect(new Set(received.map(({ headers }) => headers["webhook-id"])).size).toBe(2);
  expect(received.map(({ headers }) => headers["webhook-id"])).toEqual([
    expect.stringMatching(/^msg_[0-9a-f]{24}$/),
    expect.stringMatching(/^msg_[0-9a-f]{24}$/),
  ]);
  expect(received.map(isSigned).sort()).toEqual([false, true]);
  received.length = 0;
  await send(webhooksOf(), "lose");
  expect(tries()[4]).toEqual({
    event: "webhook",
    at: START,
    taskId: "t",
    webhookId: expect.stringMatching(/^msg_/),
    target: target.replace(/\?.*/, ""),
    attempt: 0,
    outcome: "not_sent",
    reason: "lost, as scripted",
  });
  expect([received.length, log.counts.webhooks]).toEqual([0, 4]);
  await expect.poll(() => kept.size).toBe(0);
});

it("holds a late one back, which is kept meanwhile, and ends with it when closed", async () => {
  const webhooks = webhooksOf();
  await send(webhooks, "late");
  expect([...kept.values()]).toMatchObject([{ attempt: 1, dueAt: START + 700 }]);
  time.advance(699);
  expect(log.counts.webhooks).toBe(0);
  time.advance(1);
  await tried(1);
  await send(webhooks, "late");
  expect(time.pending).toBe(1);
  webhooks.close();
  expect([time.pending, kept.size]).toEqual([0, 1]);
  await send(webhooks);
  expect([log.counts.webhooks, kept.size]).toEqual([1, 2]);
});

it("says and takes up nothing any more when it is closed during a try", async () => {
  answers = [500];
  const webhooks = webhooksOf({ retryDelaysMs: [1] });
  await send(webhooks);
  webhooks.close();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect([tries(), time.pending, [...kept.values()].map(({ attempt }) => attempt)]).toEqual([[], 0, [1]]);
});

it("goes on trying where nothing can be written any more", async () => {
  answers = [500, 200];
  const webhooks = webhooksOf({ retryDelaysMs: [50] });
  await send(webhooks);
  broken = true;
  await tried(1);
  time.advance(50);
  await tried(2);
  expect(tries()[1]?.outcome).toBe("delivered");
});

it("takes up what an earlier run left, and forgets what may not be sent", async () => {
  const before = webhooksOf();
  await send(before, "late");
  await send(before, "late", "http://localhost:9/x");
  before.close();
  const after = webhooksOf({ targets: (url) => url.port !== "9" });
  await after.restore();
  expect(tries()).toMatchObject([{ outcome: "not_sent", attempt: 0 }]);
  expect([kept.size, time.pending]).toEqual([1, 1]);
  time.advance(700);
  await tried(2);
  expect(tries()[1]).toMatchObject({ outcome: "delivered", attempt: 1 });
});

it.each([
  ["http://example.com/", "loopback", false],
  ["http://127.0.0.1.example.com/", "loopback", false],
  ["https://example.com/", "loopback", false],
  ["ftp://localhost/", "any", false],
  ["javascript:alert(1)", "any", false],
  ["file:///etc/passwd", "any", false],
  ["no url", "any", false],
  ["ftp://localhost/", () => true, false],
  ["http://localhost:9/", () => false, false],
  ["http://localhost:9/", "loopback", true],
  ["https://localhost:9/", "loopback", true],
  ["http://example.com/", "any", true],
  ["http://example.com/", () => true, true],
] satisfies [string, ResolvedWebhookOptions["targets"], boolean][])(
  "may go to %s with %s: %s",
  async (to, targets, may) => {
    // Held back, so that nothing really leaves the machine.
    await send(webhooksOf({ targets }), "late", to);
    expect(time.pending).toBe(may ? 1 : 0);
    expect(tries().map(({ outcome, attempt }) => [outcome, attempt])).toEqual(may ? [] : [["not_sent", 0]]);
    expect(kept.size).toBe(may ? 1 : 0);
  },
);

it.each([
  ["127.0.0.1", true],
  ["127.255.255.255", true],
  ["localhost", true],
  ["a.localhost", true],
  ["[::1]", true],
  ["x127.0.0.1", false],
  ["127.0.0.1x", false],
  ["127.0.0", false],
  ["127.0.0.a", false],
  ["128.0.0.1", false],
  ["notlocalhost", false],
  ["localhost.example", false],
  ["::1", false],
  ["", false],
])("isLoopback(%j) is %s", (hostname, expected) => {
  expect(isLoopback(hostname)).toBe(expected);
});
