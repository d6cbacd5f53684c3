/** Other operations in a sandbox, by the example of a made-up one with two images, and names and statuses of its own. */
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { expect, it } from "vitest";
import { Magnific } from "../../index.js";
import { pngOf } from "../../test-support/png.js";
import { PAIR, siblingModules, siblingWith } from "../../test-support/sibling.js";
import { type SandboxOperation, type SandboxOptions, startSandbox } from "../index.js";
import { DEFAULT_OPERATION } from "../operation.js";
import { call, TASKS, TINY } from "./requests.js";

const FRONT = pngOf(20_000);
const BACK = pngOf(9000, 64, 48, "back");

async function sibling(options: SandboxOptions = {}) {
  const modules = await siblingModules();
  const operations = [DEFAULT_OPERATION, modules];
  const sandbox = await startSandbox({ upscaler: "echo", lifeCycle: "completed", operations, ...options });
  const poll = { first: 1, max: 1 };
  const magnific = new Magnific({ apiKey: sandbox.key, baseUrl: sandbox.url, poll, rate: false });
  return { sandbox, magnific, pair: magnific.operation(PAIR, modules.contract) };
}
const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

// @tests sandbox/SandboxOptions.operations
it("An operation with two images and statuses of its own runs end to end, next to the default one", async () => {
  const { sandbox, magnific, pair } = await sibling();
  await using _ = sandbox;
  const seen: string[] = [];
  const onStatus = ({ status }: { status: string }) => void seen.push(status);
  const done = await pair.run({ front: FRONT, style: "oil", back: BACK }, { onStatus });
  expect(seen).toEqual(["painting", "COMPLETED"]);
  expect(done.raw).toMatchObject({ job_id: done.id, state: "ready" });
  expect(Buffer.from(await (await done.images[0].blob()).arrayBuffer()).equals(FRONT)).toBe(true);
  expect(sandbox.tasks()[0]).toMatchObject({
    operation: PAIR,
    status: "COMPLETED",
    image: { sha256: digest(FRONT) },
    images: { front: { sha256: digest(FRONT) }, back: { sha256: digest(BACK), bytes: BACK.byteLength } },
    fields: { strength: 5, style: "oil" },
    sliders: { strength: 5 },
  });
  const { id } = await magnific.upscale({ image: FRONT });
  expect([[...(await magnific.tasks())], [...(await pair.tasks())]]).toEqual([
    [{ id, status: "COMPLETED" }],
    [{ id: done.id, status: "ready" }],
  ]);
  await expect(magnific.task(done.id).get()).rejects.toMatchObject({ code: "not_found" });
});

it("It fails, and plays a status of its own or one that its document does not know, by script", async () => {
  const { sandbox, pair } = await sibling();
  await using _ = sandbox;
  const request = { front: FRONT, style: "oil" };
  for (const last of ["FAILED", "cancelled"]) {
    sandbox.script(["painting", "paused", last]);
    const task = await pair.submit(request);
    await expect(task.wait()).rejects.toMatchObject({ code: "task_failed" });
    expect(sandbox.tasks()[0]?.status).toBe("FAILED");
  }
  sandbox.script(["painting", { status: "paused", answers: 9 }]);
  const task = await pair.submit(request);
  expect(await task.get()).toMatchObject({ status: "UNKNOWN", wireStatus: "paused" });
});

it("It refuses what its document refuses, by the names of its fields", async () => {
  const { sandbox } = await sibling();
  await using _ = sandbox;
  const refusal = async (body: object) => {
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    const reply = await call(sandbox, PAIR, init);
    return [reply.status, (reply.body as { message?: string }).message];
  };
  expect(await refusal({ front: TINY })).toEqual([400, "Parameter 'style' is required"]);
  expect(await refusal({ front: "QUI", style: "oil" })).toEqual([400, expect.stringContaining("base64 with padding")]);
  expect(await refusal({ front: TINY, style: "oil", back: "" })).toEqual([400, expect.stringContaining("'back'")]);
  expect(await refusal({ front: TINY, style: "oil", back: "back.jpg" })).toEqual([
    400,
    expect.stringContaining("'back'"),
  ]);
  expect(await refusal({ front: TINY, style: "oil", back: "https://example.com/b.jpg" })).toEqual([200, undefined]);
  expect(sandbox.tasks()[0]).toMatchObject({ fields: { back: "https://example.com/b.jpg" } });
  const paths = [await call(sandbox, "/v1/ai/portraits"), await call(sandbox, "/v1/ai/portraits/nobody")];
  expect(paths.map(({ status }) => status)).toEqual([404, 404]);
});

it("Its webhooks go to the field that its document names, in its own words", async () => {
  const bodies: unknown[] = [];
  const server = createServer(async (request, response) => {
    bodies.push(await json(request));
    response.end();
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { sandbox, pair } = await sibling({ lifeCycle: ["CREATED", "COMPLETED"] });
  await using _ = sandbox;
  const notify = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const init = { method: "POST", headers: { "content-type": "application/json" } };
  await call(sandbox, PAIR, { ...init, body: JSON.stringify({ front: TINY, style: "oil", notify }) });
  const [task] = sandbox.tasks();
  await pair.task(task?.id ?? "").wait();
  await expect
    .poll(() => bodies)
    .toEqual([{ job_id: task?.id, state: "ready", clips: [expect.stringContaining(sandbox.url)] }]);
  server.close();
});

it.each<[says: object, answers: [text: unknown, number: unknown]]>([
  [{}, [200, 200]],
  [{ additionalProperties: true }, [200, 200]],
  [{ additionalProperties: { type: "string" } }, [200, "Parameter 'fresh' must be string"]],
  [{ additionalProperties: false }, ["Parameter 'fresh' is not known", "Parameter 'fresh' is not known"]],
])("A field that the document does not declare is taken or refused as its request says: %j", async (says, answers) => {
  const operations = [await siblingWith(says)];
  await using sandbox = await startSandbox({ port: false, upscaler: "echo", lifeCycle: "immediate", operations });
  const send = async (fresh: unknown) => {
    const body = JSON.stringify({ front: TINY, style: "oil", fresh });
    const headers = { "content-type": "application/json", accept: "application/problem+json" };
    const reply = await call(sandbox, PAIR, { method: "POST", headers, body });
    if (reply.status === 200) return sandbox.tasks()[0]?.fields.fresh === fresh && reply.status;
    const { message, invalid_params } = (reply.body as { problem: Record<string, unknown> }).problem;
    expect([reply.status, invalid_params]).toEqual([400, [{ name: "fresh", reason: message }]]);
    return message;
  };
  expect([await send("text"), await send(1)]).toEqual(answers);
});

it("An operation without images gets a result all the same", async () => {
  const modules = await siblingModules();
  const task = { ...modules.task, submit: { path: "/v1/ai/words" }, images: {} };
  const words: SandboxOperation = { task, fields: {}, accepts: ((body: unknown) => body !== null) as never };
  const { sandbox } = await sibling({ lifeCycle: "immediate", operations: [words] });
  await using _ = sandbox;
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: '{"prompt":"a cat"}' };
  const { status, body } = await call(sandbox, "/v1/ai/words", init);
  expect([status, body]).toEqual([200, { job: expect.objectContaining({ state: "ready" }) }]);
  expect(sandbox.tasks()[0]).toMatchObject({ fields: { prompt: "a cat" }, images: {}, result: { type: "image/png" } });
  expect((await call(sandbox, TASKS)).status).toBe(404);
});

it.each([[[]], [[{}]], [[null]], [[{ task: { submit: {} } }]]])("operations %j are refused", async (operations) => {
  const starting = startSandbox({ port: false, upscaler: "echo", operations: operations as never });
  await expect(starting).rejects.toMatchObject({
    code: "invalid_option",
    message: expect.stringContaining("`operations`"),
  });
});
