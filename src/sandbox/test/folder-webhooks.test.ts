import { mkdir, readdir, rm } from "node:fs/promises";
import type { IncomingHttpHeaders } from "node:http";
import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import { loopback } from "../../test-support/loopback.js";
import { ManualTime, type Sandbox, type SandboxOptions, startSandbox } from "../index.js";
import { crash, submit, TINY, temporaryFolder, until } from "./requests.js";

let folder: string;
let target: string;
let status: number;
let received: { readonly id: unknown; readonly body: Record<string, unknown>; readonly headers: IncomingHttpHeaders }[];

beforeEach(async () => {
  folder = await temporaryFolder();
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

const start = (time: ManualTime, more: SandboxOptions = {}): Promise<Sandbox> =>
  startSandbox({ folder, upscaler: "echo", lifeCycle: "immediate", time, ...more });
const send = (sandbox: Sandbox) => submit(sandbox, { image: TINY, webhook_url: target });
const tries = (sandbox: Sandbox) =>
  sandbox.log.flatMap((entry) => (entry.event === "webhook" ? [[entry.attempt, entry.outcome]] : []));
const pending = () => readdir(join(folder, "webhooks"));

it("A restart resumes the retries of a webhook at their times and with the same id", async () => {
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

it("A webhook that fell due while no sandbox ran is sent at once, and given up after the last attempt", async () => {
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

it("A restart repeats the attempt that a crash interrupted, and sends late and duplicated ones that were held back", async () => {
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
  await crash(folder);

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

it("A webhook that may no longer be sent is dropped by a restart", async () => {
  const time = new ManualTime();
  const before = await start(time);
  await send(before);
  await until(() => tries(before).length === 1);
  await before.close();
  await using after = await start(time, { webhooks: { targets: () => false } });
  expect(tries(after)).toEqual([[0, "not_sent"]]);
  expect(await pending()).toEqual([]);
});

it("The retries continue where the folder can no longer be written to", async () => {
  const time = new ManualTime();
  await using sandbox = await start(time, { webhooks: { retryDelaysMs: [50] } });
  await send(sandbox);
  await rm(join(folder, "webhooks"), { recursive: true });
  await until(() => tries(sandbox).length === 1);
  status = 200;
  time.advance(50);
  await until(() => tries(sandbox).length === 2);
  expect(tries(sandbox)[1]).toEqual([2, "delivered"]);
  await mkdir(join(folder, "webhooks"));
});
