import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RequestEntry, type Sandbox, startSandbox, type Upscaler } from "../index.js";
import { dataOf, finished, look, submit, TASKS, TINY, talk, until } from "./talk.js";

const QUICK = { upscaler: "echo", lifeCycle: "immediate" } as const;
const PROBLEM = { accept: "application/problem+json" };

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ ...QUICK, key: ["one", "two"] });
});
afterAll(() => sandbox.close());

/** The entry of the last request; it is logged when the answer is out. */
async function logged(from: Sandbox, count: number): Promise<RequestEntry | undefined> {
  const entries = (): RequestEntry[] => from.log.filter((entry) => entry.event === "request");
  await until(() => entries().length >= count);
  return entries().at(-1);
}

function raw(path: string, method: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(sandbox.url, { path, method }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on("error", reject).end();
  });
}

it("counts what it answers, each thing where it belongs", async () => {
  await using own = await startSandbox(QUICK);
  const zero = { requests: 0, submits: 0, paid: 0, reads: 0, lists: 0, downloads: 0, unauthorized: 0, rateLimited: 0 };
  expect(own.counts).toEqual({ ...zero, faults: 0, webhooks: 0 });
  const { task_id: id, generated } = await finished(own);
  expect(own.counts).toMatchObject({ requests: 1, submits: 1, paid: 1, reads: 0 });
  await look(own, id);
  await talk(own, `${TASKS}/nonsense`);
  await talk(own, `${TASKS}/046b6c7f-0b8a-43b9-b35d-6489e6daee91`);
  expect(own.counts).toMatchObject({ requests: 4, reads: 1, lists: 0 });
  await talk(own, TASKS);
  await submit(own, { image: "" });
  await submit(own, undefined, { "x-magnific-api-key": "wrong" });
  expect(own.counts).toMatchObject({ requests: 7, submits: 3, paid: 1, lists: 1, unauthorized: 1, faults: 0 });
  const url = generated[0] ?? "";
  await fetch(url, { method: "HEAD" });
  await logged(own, 8);
  expect(own.counts.downloads).toBe(0);
  await (await fetch(url)).arrayBuffer();
  await (await fetch(url, { headers: { range: "bytes=0-1" } })).arrayBuffer();
  await (await fetch(url, { headers: { range: "bytes=999-" } })).arrayBuffer();
  await (await fetch(`${url}0`)).arrayBuffer();
  await logged(own, 12);
  expect(own.counts).toMatchObject({ requests: 12, downloads: 2, lists: 1, reads: 1, faults: 0 });
  // The page looks at what goes on, and is no part of it.
  await talk(own, "/sandbox/state");
  await talk(own, "/");
  expect(own.counts.requests).toBe(12);
  expect(own.log.filter((entry) => entry.event === "request")).toHaveLength(12);
});

it("logs each request with what became of it", async () => {
  await using own = await startSandbox(QUICK);
  await talk(own, `${TASKS}?secret=1`, { headers: { "x-magnific-api-key": "" } });
  expect(await logged(own, 1)).toEqual({
    event: "request",
    at: expect.any(Number),
    requestId: expect.stringMatching(/^ak-[0-9a-f]{32}$/),
    method: "GET",
    path: TASKS,
    status: 401,
    key: "absent",
    reason: "Missing API key",
  });
  const reply = await submit(own, { image: "", x: 1 }, { "x-sandbox-fault": '{"kind":"delay","ms":0}' });
  expect(await logged(own, 2)).toMatchObject({
    requestId: reply.headers.get("x-request-id"),
    status: 400,
    key: "valid",
    body: { bytes: 18, fields: ["image", "x"] },
    reason: "Parameter 'image' must not be empty",
    fault: "delay",
  });
  await submit(own, "{}", { "content-type": "text/plain" });
  expect((await logged(own, 3))?.body).toEqual({ bytes: 0, fields: [] });
  const names = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`${index}${"n".repeat(70)}`, 1]));
  await submit(own, { image: TINY, ...names });
  const { fields = [] } = (await logged(own, 4))?.body ?? {};
  expect([fields.length, Math.max(...fields.map((field) => field.length))]).toEqual([20, 64]);
});

describe("a request", () => {
  it.each([
    ["OPTIONS", "*", 404],
    ["GET", "http://example.com/", 404],
    ["GET", "//[", 404],
    ["HEAD", TASKS, 405],
    ["HEAD", "/", 200],
  ])("%s %s is answered with %i", async (method, path, status) => {
    expect(await raw(path, method)).toBe(status);
  });

  it.each(["046b6c7f-0b8a-43b9-b35d-6489e6daee910", "x046b6c7f-0b8a-43b9-b35d-6489e6daee91", "046b6c7f", "%"])(
    "for a task %s is refused, by name to whoever reads problems",
    async (id) => {
      const reason = "Parameter 'task-id' is not valid";
      const { status, body } = await talk(sandbox, `${TASKS}/${id}`, { headers: PROBLEM });
      const problem = { message: reason, invalid_params: [{ name: "task-id", reason }] };
      expect([status, body]).toEqual([400, { problem }]);
    },
  );

  it("without a key is refused, whatever the key is", async () => {
    await using own = await startSandbox({ ...QUICK, key: "undefined" });
    expect((await talk(own, TASKS, { headers: { "x-magnific-api-key": "" } })).status).toBe(401);
    expect((await talk(own, TASKS)).status).toBe(200);
  });

  it("finds a task in either case of its id, and none under a URN", async () => {
    const { task_id: id } = await finished(sandbox);
    expect((await look(sandbox, id.toUpperCase())).task_id).toBe(id);
    expect((await talk(sandbox, `${TASKS}/urn:uuid:${id}`)).status).toBe(404);
  });

  it("is refused for a fault or a life cycle that is none, by the header's name", async () => {
    const { paid, faults } = sandbox.counts;
    for (const [name, value] of [
      ["x-sandbox-fault", "earthquake"],
      ["x-sandbox-life-cycle", "unheard-of"],
      ["x-sandbox-life-cycle", "[]"],
      ["x-sandbox-life-cycle", "["],
    ] as const) {
      const { status, body } = await submit(sandbox, undefined, { ...PROBLEM, [name]: value });
      const params = [{ name, reason: expect.stringContaining(`Header '${name}'`) }];
      expect([status, body]).toMatchObject([400, { problem: { invalid_params: params } }]);
    }
    expect(sandbox.counts).toMatchObject({ paid, faults });
  });

  it("may name a life cycle with blanks around it", async () => {
    const replies = [" failed ", ' ["PAUSED"] '].map((value) =>
      submit(sandbox, undefined, { "x-sandbox-life-cycle": value }),
    );
    expect((await Promise.all(replies)).map((reply) => dataOf(reply).status)).toEqual(["CREATED", "PAUSED"]);
  });

  it("sees the tasks of its own key alone", async () => {
    const two = { headers: { "x-magnific-api-key": "two" } };
    const { task_id: id } = await finished(sandbox);
    expect((await talk(sandbox, `${TASKS}/${id}`, two)).status).toBe(404);
    expect((await talk(sandbox, TASKS, two)).body).toEqual({ data: [] });
  });

  it("whose task cannot be made is answered with 500, and the log alone says why", async () => {
    await using own = await startSandbox({
      ...QUICK,
      lifeCycle: () => {
        throw new TypeError("what a mess");
      },
    });
    const { status, body } = await submit(own);
    expect([status, body]).toEqual([500, { message: "Internal Server Error" }]);
    expect(await logged(own, 1)).toMatchObject({ status: 500, reason: "TypeError: what a mess" });
  });
});

describe("a fault", () => {
  it("that the log names did not happen to the task, unless it says so", async () => {
    await using own = await startSandbox(QUICK);
    const fault = (value: unknown) => submit(own, undefined, { "x-sandbox-fault": JSON.stringify(value) });
    expect((await fault({ kind: "error" })).status).toBe(503);
    expect(own.counts).toMatchObject({ paid: 0, faults: 1 });
    expect((await fault({ kind: "error", handled: true })).status).toBe(503);
    expect(own.counts).toMatchObject({ paid: 1, faults: 2 });
    expect((await fault({ kind: "error", handled: false })).status).toBe(503);
    for (const value of [{ kind: "html" }, { kind: "redirect" }, { kind: "rate_limited" }]) await fault(value);
    expect(own.counts).toMatchObject({ paid: 1, faults: 6 });
    expect((await fault({ kind: "delay", ms: 0 })).status).toBe(200);
    await fault({ kind: "truncated" }).catch(() => undefined);
    await fault({ kind: "reset", afterBytes: 1 }).catch(() => undefined);
    expect(own.counts).toMatchObject({ paid: 4, faults: 9 });
    await fault({ kind: "reset" }).catch(() => undefined);
    expect(own.counts).toMatchObject({ paid: 4, faults: 10 });
    expect((await logged(own, 10))?.status).toBe(0);
  });

  it("of an image that cannot be read ends the connection", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sandbox-test-"));
    try {
      await using own = await startSandbox({ ...QUICK, folder });
      const url = (await finished(own)).generated[0] ?? "";
      const images = join(folder, "images");
      const name = (await readdir(images)).find((each) => each.endsWith(".result")) ?? "";
      await rm(join(images, name));
      await mkdir(join(images, name));
      const headers = { "x-sandbox-fault": "truncated" };
      await expect(fetch(url, { headers }).then((response) => response.text())).rejects.toThrow("fetch failed");
      expect((await logged(own, 2))?.status).toBe(0);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

it("starts with what it was given, and cannot be scripted with nonsense or when it is closed", async () => {
  const numbers: number[] = [];
  const upscaler: Upscaler = async (bytes) => ({ bytes, type: "image/png" });
  const own = await startSandbox({
    upscaler,
    key: ["first", "second"],
    webhooks: { secret: "w" },
    lifeCycle: ({ number }) => {
      numbers.push(number);
      return "immediate";
    },
  });
  expect([own.key, own.webhookSecret]).toEqual(["first", "w"]);
  expect(() => own.script("nonsense" as "failed")).toThrow("no life cycle");
  own.script("stuck", 0);
  await submit(own);
  own.script("stuck", 2);
  const seen = [await submit(own), await submit(own), await submit(own)].map((reply) => dataOf(reply).status);
  expect([seen, numbers]).toEqual([
    ["CREATED", "CREATED", "COMPLETED"],
    [1, 4],
  ]);
  await own.close();
  let caught: unknown;
  try {
    own.script("failed");
  } catch (error) {
    caught = error;
  }
  expect(caught).toMatchObject({ name: "SandboxError", code: "closed" });
});

it("announces each step but a first one that is CREATED, and nothing where nobody listens", async () => {
  await using own = await startSandbox({ upscaler: "echo", webhooks: { targets: () => false } });
  const announced = (): number => own.log.filter((entry) => entry.event === "webhook").length;
  const hook = { image: TINY, webhook_url: "http://localhost/x" };
  for (const [life, body, expected] of [
    [["CREATED", "PAUSED", "CREATED"], hook, 2],
    [["PAUSED", "CREATED"], hook, 2],
    [["CREATED"], hook, 0],
    [["PAUSED", "CREATED"], { image: TINY }, 0],
  ] as const) {
    const before = announced();
    own.script(life);
    const { task_id: id } = dataOf(await submit(own, body));
    for (let count = 0; count < 3; count++) await look(own, id);
    expect(announced() - before).toBe(expected);
  }
});

it("lets go of its folder when it cannot start, and prefers what it is told to what it finds there", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sandbox-test-"));
  try {
    const port = Number(new URL(sandbox.url).port);
    await expect(startSandbox({ ...QUICK, folder, port })).rejects.toMatchObject({ code: "EADDRINUSE" });
    const first = await startSandbox({ ...QUICK, folder });
    await first.close();
    await using given = await startSandbox({ ...QUICK, folder, key: "mine", webhooks: { secret: "ours" } });
    expect([given.key, given.webhookSecret]).toEqual(["mine", "ours"]);
    expect((await talk(given, TASKS, { headers: { "x-magnific-api-key": first.key } })).status).toBe(401);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
