import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import type { IncomingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { loopback } from "../../test-support/loopback.js";
import { ManualTime, type Sandbox, type SandboxOptions, startSandbox } from "../index.js";
import { submit, TINY, until } from "./talk.js";

let folder: string;
let target: string;
let status: number;
let received: { readonly id: unknown; readonly body: Record<string, unknown>; readonly headers: IncomingHttpHeaders }[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sandbox-test-"));
  received = [];
  status = 503;
  const receiver = await loopback(async (response, _n, request) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    received.push({ id: request.headers["webhook-id"], body: JSON.parse(body), headers: request.headers });
    if (status !== 0) response.writeHead(status).end();
  });
  target = `${receiver.origin}/hook?tenant=7`;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const start = (time: ManualTime, more: SandboxOptions = {}): Promise<Sandbox> =>
  startSandbox({ folder, upscaler: "echo", lifeCycle: "immediate", time, ...more });
const send = (sandbox: Sandbox) => submit(sandbox, { image: TINY, webhook_url: target });
const tries = (sandbox: Sandbox) =>
  sandbox.log.flatMap((entry) => (entry.event === "webhook" ? [[entry.attempt, entry.outcome]] : []));
const pending = () => readdir(join(folder, "webhooks"));

it("goes on with the tries of a webhook that were left, at their times, under the same id", async () => {
  const time = new ManualTime();
  const before = await start(time, { webhooks: { retryDelaysMs: [1000, 5000] } });
  await send(before);
  await until(() => tries(before).length === 1);
  await before.close();
  expect(await pending()).toHaveLength(1);

  time.advance(400);
  await using after = await start(time, { webhooks: { retryDelaysMs: [1000, 5000] } });
  time.advance(599);
  expect(received).toHaveLength(1);
  status = 204;
  time.advance(1);
  await until(() => tries(after).length === 1);
  expect(tries(after)).toEqual([[2, "delivered"]]);
  const [first, second] = received;
  expect(second?.id).toBe(first?.id);
  expect(second?.headers["webhook-timestamp"]).toBe(String(time.now() / 1000));
  // The result's address is that of the sandbox that runs now.
  expect(second?.body).toMatchObject({ task_id: after.tasks()[0]?.id, generated: after.tasks()[0]?.generated });
  await expect.poll(pending).toEqual([]);
});

it("sends at once what fell due while no sandbox ran, and gives up after the last try", async () => {
  const time = new ManualTime();
  const before = await start(time, { webhooks: { retryDelaysMs: [1000] } });
  await send(before);
  await until(() => tries(before).length === 1);
  await before.close();
  time.advance(3_600_000);
  await using after = await start(time, { webhooks: { retryDelaysMs: [1000] } });
  await until(() => tries(after).length === 1);
  expect(tries(after)).toEqual([[2, "refused"]]);
  await expect.poll(pending).toEqual([]);
});

it("repeats the try that a crash cut off, and sends late and doubled ones that were still held back", async () => {
  status = 0;
  const time = new ManualTime();
  const crashed = await start(time);
  await send(crashed);
  await until(() => received.length === 1);
  crashed.script([{ status: "COMPLETED", webhook: "late" }]);
  crashed.script([{ status: "COMPLETED", webhook: "duplicate" }]);
  await send(crashed);
  await send(crashed);
  await until(() => received.length === 3);
  expect(await pending()).toHaveLength(4);
  // As after a crash: nobody closed it, so its lock is still there and names a process that is gone.
  await writeFile(join(folder, "lock"), '{"pid":999999999}');

  status = 200;
  await using after = await start(time);
  await until(() => tries(after).length === 3);
  time.advance(5000);
  await until(() => tries(after).length === 4);
  expect(tries(after)).toEqual(Array.from({ length: 4 }, () => [1, "delivered"]));
  expect(new Set(received.map(({ id }) => id)).size).toBe(3);
  await expect.poll(pending).toEqual([]);
  await crashed.close();
});

it("forgets what it may no longer send", async () => {
  const time = new ManualTime();
  const before = await start(time);
  await send(before);
  await until(() => tries(before).length === 1);
  await before.close();
  await using after = await start(time, { webhooks: { targets: () => false } });
  expect(tries(after)).toEqual([[0, "not_sent"]]);
  expect(await pending()).toEqual([]);
});
