import type { IncomingHttpHeaders } from "node:http";
import { beforeEach, describe, expect, it } from "vitest";
import { onAiImageUpscalerPrecisionTaskRequestClosed } from "../../../generated/validators.js";
import { loopback } from "../../test-support/loopback.js";
import { type LifeCycle, ManualTime, type Sandbox, type SandboxOptions, startSandbox } from "../index.js";
import { webhookSignature } from "../webhook-signature.js";
import { isLoopback } from "../webhooks.js";
import { look, submit, TINY, until } from "./talk.js";

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let url: string;
let received: Received[];
/** What the receiver answers, in order; 200 after that. 0 never answers. */
let answers: number[];

beforeEach(async () => {
  received = [];
  answers = [];
  const receiver = await loopback(async (response, _n, request) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    received.push({ headers: request.headers, body });
    const status = answers.shift() ?? 200;
    if (status !== 0) response.writeHead(status, { location: "/elsewhere" }).end();
  });
  url = `${receiver.origin}/hook?tenant=7`;
});

const time = new ManualTime();

async function start(lifeCycle: LifeCycle, webhooks: SandboxOptions["webhooks"] = {}): Promise<Sandbox> {
  return await startSandbox({ upscaler: "echo", time, lifeCycle, webhooks: { secret: "shared secret", ...webhooks } });
}

const send = (sandbox: Sandbox, target = url) => submit(sandbox, { image: TINY, webhook_url: target });
const tries = (sandbox: Sandbox) => sandbox.log.filter((entry) => entry.event === "webhook");

function isSigned({ headers, body }: Received, secret = "shared secret"): boolean {
  const [id, timestamp] = [String(headers["webhook-id"]), String(headers["webhook-timestamp"])];
  return headers["webhook-signature"] === webhookSignature(secret, id, timestamp, body);
}

it("signs as the provider documents it", () => {
  const body =
    '{"task_id":"046b6c7f-0b8a-43b9-b35d-6489e6daee91","status":"COMPLETED","generated":["https://ai-statics.freepik.com/completed_task_image.jpg"]}';
  expect(webhookSignature("dGVzdC1zZWNyZXQ=", "msg_2kq", "1760749154", body)).toBe(
    "v1,y7xPmEwPca2qlk5I19R+zmAd56J4sFswSCq5N8PwhPQ=",
  );
});

describe("a webhook", () => {
  // @tests sandbox/SandboxOptions.webhooks, sandbox/SandboxOptions.time, sandbox/WebhookOptions.secret
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
        "webhook-timestamp": String(time.now() / 1000),
      });
    }
    expect(new Set(received.map(({ headers }) => headers["webhook-id"])).size).toBe(2);
    expect(tries(sandbox)[0]).toMatchObject({ taskId: id, attempt: 1, outcome: "delivered", status: 200 });
  });

  // @tests sandbox/WebhookOptions.retryDelaysMs
  it("is tried again after any answer but 2xx, with the same id, and given up in the end", async () => {
    answers = [500, 302, 404];
    await using sandbox = await start(["COMPLETED"], { retryDelaysMs: [1000, 4000] });
    await send(sandbox);
    await until(() => tries(sandbox).length === 1);
    time.advance(999);
    expect(received).toHaveLength(1);
    time.advance(1);
    await until(() => tries(sandbox).length === 2);
    time.advance(4000);
    await until(() => tries(sandbox).length === 3);
    time.advance(3_500_000);
    expect(tries(sandbox).map((entry) => [entry.attempt, entry.outcome, entry.status])).toEqual([
      [1, "refused", 500],
      [2, "refused", 302],
      [3, "refused", 404],
    ]);
    expect(new Set(received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    // The signature covers the time of the try, or a receiver's replay window would refuse late ones.
    expect(received.every((delivery) => isSigned(delivery))).toBe(true);
    const times = received.map(({ headers }) => Number(headers["webhook-timestamp"]));
    expect(times.map((value) => value - (times[0] ?? 0))).toEqual([0, 1, 5]);
    expect(sandbox.counts.webhooks).toBe(3);
  });

  // @tests sandbox/WebhookOptions.timeoutMs
  it("does not wait for ever", async () => {
    answers = [0];
    await using sandbox = await start(["COMPLETED"], { timeoutMs: 300, retryDelaysMs: [] });
    await send(sandbox);
    await until(() => received.length === 1);
    time.advance(300);
    await until(() => tries(sandbox).length === 1);
    expect(tries(sandbox)[0]).toMatchObject({ outcome: "failed", reason: "no answer in time" });
  });

  // @tests sandbox/WebhookOptions.lateByMs
  it("can be lost, doubled, forged and late", async () => {
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

  // @tests sandbox/WebhookOptions.targets
  it("goes to loopback only, unless told otherwise", async () => {
    await using closed = await start(["COMPLETED"]);
    for (const target of ["https://example.com/x", "http://169.254.169.254/", "ftp://127.0.0.1/", "javascript:alert"]) {
      await send(closed, target);
    }
    expect(tries(closed).map((entry) => entry.outcome)).toEqual(["not_sent", "not_sent", "not_sent", "not_sent"]);
    expect(closed.counts).toMatchObject({ paid: 4, webhooks: 0 });

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

it.each([
  ["127.0.0.1", true],
  ["127.8.9.1", true],
  ["localhost", true],
  ["hooks.localhost", true],
  ["[::1]", true],
  ["127.0.0.1.example.com", false],
  ["localhost.example.com", false],
  ["0.0.0.0", false],
  ["10.0.0.1", false],
  ["[::ffff:7f00:1]", false],
])("isLoopback(%s) is %s", (hostname, expected) => {
  expect(isLoopback(hostname)).toBe(expected);
});
