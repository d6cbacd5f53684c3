import { createHmac } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { beforeEach, describe, expect, it } from "vitest";
import { onAiImageUpscalerPrecisionTaskRequestClosed } from "../../../generated/upscaler-precision/validators.js";
import { loopback } from "../../test-support/loopback.js";
import { type LifeCycle, lifeCycles, ManualTime, type Sandbox, type SandboxOptions, startSandbox } from "../index.js";
import { dataOf, entries, idle, look, submit, TINY, until } from "./requests.js";

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let url: string;
let received: Received[];
/** The statuses that the receiver sends, then 200. 0 never answers, -1 hangs up. */
let answers: number[];

beforeEach(async () => {
  received = [];
  answers = [];
  const receiver = await loopback(async (response, _n, request) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    received.push({ headers: request.headers, body });
    const status = answers.shift() ?? 200;
    if (status === -1) request.socket.destroy();
    else if (status !== 0) response.writeHead(status, { location: "/elsewhere" }).end();
  });
  url = `${receiver.origin}/hook?tenant=7`;
});

const time = new ManualTime();

async function start(lifeCycle: LifeCycle, webhooks: SandboxOptions["webhooks"] = {}): Promise<Sandbox> {
  return await startSandbox({ upscaler: "echo", time, lifeCycle, webhooks: { secret: "shared secret", ...webhooks } });
}

const send = (sandbox: Sandbox, target = url) => submit(sandbox, { image: TINY, webhook_url: target });
const tries = (sandbox: Sandbox) => entries(sandbox, "webhook");

/** As the provider documents it: HMAC-SHA256 over `<id>.<timestamp>.<body>`, keyed with the secret's UTF-8 bytes. */
function isSigned({ headers, body }: Received): boolean {
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  const signature = createHmac("sha256", "shared secret").update(signed).digest("base64");
  return headers["webhook-signature"] === `v1,${signature}`;
}

describe("A webhook", () => {
  it.each(Object.entries(lifeCycles))("announces every status of %s to an app that reads no task", async (_, steps) => {
    const time = new ManualTime();
    await using sandbox = await startSandbox({ upscaler: "echo", time, lifeCycle: steps });
    await send(sandbox);
    const statuses = steps.map((step) => (typeof step === "string" ? step : step.status));
    // A clock that runs too fast would be ahead of the image.
    for (const end = time.now() + 3500; time.now() < end; time.advance(250)) await idle();
    await until(() => sandbox.tasks()[0]?.status === statuses.at(-1));
    const announced = statuses.filter((status) => status !== "CREATED");
    await until(() => tries(sandbox).length === announced.length);
    expect(received.map(({ body }) => JSON.parse(body).status).sort()).toEqual(announced.sort());
    expect(sandbox.counts).toMatchObject({ requests: 1, webhooks: announced.length });
  });

  // @tests sandbox/SandboxOptions.webhooks, sandbox/SandboxOptions.time, sandbox/SandboxWebhookOptions.secret
  it("announces each change of status, signed, in the declared shape", async () => {
    await using sandbox = await start(["CREATED", "IN_PROGRESS", "COMPLETED"]);
    await send(sandbox);
    const id = sandbox.tasks()[0]?.id ?? "";
    await look(sandbox, id);
    await until(() => received.length === 1);
    const last = await look(sandbox, id);
    await until(() => tries(sandbox).length === 2);
    expect(received.map(({ body }) => JSON.parse(body))).toEqual([
      { task_id: id, status: "IN_PROGRESS", generated: [] },
      last,
    ]);
    for (const delivery of received) {
      expect(isSigned(delivery)).toBe(true);
      expect(onAiImageUpscalerPrecisionTaskRequestClosed(JSON.parse(delivery.body))).toBe(true);
      expect(delivery.headers).toMatchObject({
        "content-type": "application/json",
        "user-agent": "magnific-sandbox",
        "webhook-id": expect.stringMatching(/^msg_[0-9a-f]{24}$/),
        "webhook-timestamp": String(time.now() / 1000),
      });
    }
    expect(new Set(received.map(({ headers }) => headers["webhook-id"])).size).toBe(2);
    expect(tries(sandbox)[0]).toMatchObject({ taskId: id, attempt: 1, outcome: "delivered", status: 200 });
  });

  // @tests sandbox/SandboxWebhookOptions.retryDelaysMs
  it("is retried after any response but 2xx, with the same id, and not after one", async () => {
    answers = [500, 302, 300, 299];
    await using sandbox = await start(["COMPLETED"], { retryDelaysMs: [1000, 4000, 500, 500] });
    await send(sandbox);
    await until(() => tries(sandbox).length === 1);
    time.advance(999);
    expect(received).toHaveLength(1);
    time.advance(1);
    await until(() => tries(sandbox).length === 2);
    time.advance(4000);
    await until(() => tries(sandbox).length === 3);
    time.advance(500);
    await until(() => tries(sandbox).length === 4);
    time.advance(3_500_000);
    expect(tries(sandbox).map((entry) => [entry.attempt, entry.outcome, entry.status])).toEqual([
      [1, "refused", 500],
      [2, "refused", 302],
      [3, "refused", 300],
      [4, "delivered", 299],
    ]);
    expect(new Set(received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    // The signature covers the time of the try, or a receiver's replay window would refuse late ones.
    expect(received.every((delivery) => isSigned(delivery))).toBe(true);
    const times = received.map(({ headers }) => Number(headers["webhook-timestamp"]));
    expect(times.map((value) => value - (times[0] ?? 0))).toEqual([0, 1, 5, 5]);
    expect(sandbox.counts.webhooks).toBe(4);
  });

  // @tests sandbox/SandboxWebhookOptions.timeoutMs
  it("does not wait forever for its receiver", async () => {
    answers = [0];
    await using sandbox = await start(["COMPLETED"], { timeoutMs: 300, retryDelaysMs: [] });
    await send(sandbox);
    await until(() => received.length === 1);
    time.advance(300);
    await until(() => tries(sandbox).length === 1);
    expect(tries(sandbox)[0]).toMatchObject({ outcome: "failed", reason: "no response in time" });
  });

  // @tests sandbox/SandboxWebhookOptions.lateByMs
  it("can be lost, duplicated, forged and late", async () => {
    await using sandbox = await start(
      [
        { status: "CREATED" },
        { status: "IN_PROGRESS", webhook: "late" },
        { status: "QUEUED", webhook: "lose" },
        { status: "PAUSED", webhook: "duplicate" },
        { status: "COMPLETED", webhook: "forge" },
      ],
      { lateByMs: 2500 },
    );
    await send(sandbox);
    const id = sandbox.tasks()[0]?.id ?? "";
    for (const expected of [0, 0, 2, 4]) {
      await look(sandbox, id);
      await until(() => received.length === expected);
    }
    time.advance(2499);
    expect(time.pending).toBeGreaterThan(0);
    time.advance(1);
    await until(() => received.length === 5);
    const names = received.map((entry) => (JSON.parse(entry.body) as { status: string }).status);
    expect(names.slice(0, 2)).toEqual(["PAUSED", "PAUSED"]);
    expect(names[4]).toBe("IN_PROGRESS");
    expect(received[0]?.headers["webhook-id"]).toBe(received[1]?.headers["webhook-id"]);
    const completed = received.filter((_, index) => names[index] === "COMPLETED");
    expect(completed.map((delivery) => isSigned(delivery)).sort()).toEqual([false, true]);
  });

  // @tests sandbox/SandboxWebhookOptions.targets
  it('goes where a function allows it, and with "any" wherever the submit says', async () => {
    const asked: string[] = [];
    const targets = (target: URL): boolean => asked.push(target.hostname) > 99;
    await using choosy = await start(["COMPLETED"], { targets });
    await send(choosy);
    await until(() => tries(choosy).length === 1);
    expect([asked, tries(choosy)[0]?.outcome]).toEqual([["127.0.0.1"], "not_sent"]);

    // A name that cannot be resolved (RFC 6761) is tried with "any": nothing leaves the machine.
    await using open = await start(["COMPLETED"], { targets: "any", retryDelaysMs: [] });
    await send(open, "http://nowhere.invalid/");
    await until(() => tries(open).length === 1);
    expect(tries(open)[0]).toMatchObject({ outcome: "failed", attempt: 1 });
  });

  it("whose receiver hangs up says so by the system's code", async () => {
    answers = [-1];
    await using sandbox = await start(["COMPLETED"], { retryDelaysMs: [] });
    await send(sandbox);
    await until(() => tries(sandbox).length === 1);
    expect(tries(sandbox)[0]).toMatchObject({
      outcome: "failed",
      reason: expect.stringMatching(/^(ECONNRESET|UND_ERR_SOCKET)$/),
    });
    expect(tries(sandbox)[0]).not.toHaveProperty("status");
  });

  it("ends with the sandbox", async () => {
    answers = [500];
    const sandbox = await start(["COMPLETED"]);
    await send(sandbox);
    await until(() => tries(sandbox).length === 1);
    await sandbox.close();
    expect(time.pending).toBe(0);
    time.advance(60_000);
    expect(received).toHaveLength(1);
  });
});

it.each<[string, NonNullable<SandboxOptions["webhooks"]>["targets"], boolean]>([
  ["http://localhost:9/", undefined, true],
  ["https://example.com/", undefined, false],
  ["https://hooks.localhost:9/", "loopback", true],
  ["http://[::1]:9/", "loopback", true],
  ["http://127.0.0.1.example.com/", "loopback", false],
  ["http://notlocalhost/", "loopback", false],
  ["http://10.0.0.1/", "loopback", false],
  ["http://0.0.0.0/", "loopback", false],
  ["http://[::ffff:7f00:1]/", "loopback", false],
  ["http://169.254.169.254/", "loopback", false],
  ["ftp://localhost/", "any", false],
  ["javascript:alert(1)", "any", false],
  ["http://example.com/", "any", true],
  ["ftp://localhost/", () => true, false],
  ["http://localhost:9/", () => false, false],
  ["http://example.com/", () => true, true],
])("A webhook to %s with the targets %s may be sent: %s", async (target, targets, allowed) => {
  // Held back, so that nothing leaves the machine.
  await using sandbox = await start([{ status: "COMPLETED", webhook: "late" }], { targets });
  await send(sandbox, target);
  const outcomes = tries(sandbox).map(({ outcome, attempt }) => [outcome, attempt]);
  expect(outcomes).toEqual(allowed ? [] : [["not_sent", 0]]);
  if (!allowed) expect(tries(sandbox)[0]?.reason).toContain("webhooks.targets");
  expect([sandbox.counts.paid, sandbox.counts.webhooks]).toEqual([1, 0]);
});

it("Each step is announced, but not a first one that is CREATED, and nothing without an address", async () => {
  await using own = await startSandbox({ port: false, upscaler: "echo", webhooks: { targets: () => false } });
  const hook = { image: TINY, webhook_url: "http://localhost/x" };
  for (const [steps, body, expected] of [
    [["CREATED", "PAUSED", "CREATED"], hook, 2],
    [["PAUSED", "CREATED"], hook, 2],
    [["CREATED"], hook, 0],
    [["PAUSED", "CREATED"], { image: TINY }, 0],
  ] as const) {
    const before = tries(own).length;
    own.script(steps);
    const { task_id: id } = dataOf(await submit(own, body));
    for (let count = 0; count < 3; count++) await look(own, id);
    expect(tries(own).length - before).toBe(expected);
  }
});
