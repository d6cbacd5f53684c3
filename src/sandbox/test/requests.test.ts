import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as validators from "../../../generated/upscaler-precision/validators.js";
import { ManualTime, type Sandbox, startSandbox } from "../index.js";
import { call, dataOf, entries, finished, look, PROBLEM, submit, TASKS, TINY, UNKNOWN_ID } from "./requests.js";

const QUICK = { port: false, upscaler: "echo", lifeCycle: "immediate" } as const;

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ upscaler: "echo", lifeCycle: "immediate", key: ["one", "two"] });
});
afterAll(() => sandbox.close());

it("A task is created, advances and is listed in responses of the declared shape", async () => {
  await using own = await startSandbox({ ...QUICK, lifeCycle: "completed" });
  const created = await submit(own);
  expect([created.status, created.headers.get("content-type")]).toEqual([200, "application/json"]);
  expect(validators.postAiImageUpscalerPrecisionResponse200(created.body)).toBe(true);
  const { task_id: id, ...rest } = dataOf(created);
  expect(rest).toEqual({ status: "CREATED", generated: [] });
  for (let count = 0; count < 3; count++) {
    const list = await call(own, TASKS);
    expect(validators.getAiImageUpscalerPrecisionTasksResponse200(list.body)).toBe(true);
    // The list neither shows images nor advances a task.
    expect(list.body).toEqual({ data: [{ task_id: id, status: "CREATED" }] });
  }
  const seen: string[] = [];
  for (let count = 0; count < 5; count++) {
    const { body } = await call(own, `${TASKS}/${id}`);
    expect(validators.getAiImageUpscalerPrecisionTaskResponse200(body)).toBe(true);
    seen.push((body as { data: { status: string } }).data.status);
  }
  expect(seen).toEqual(["IN_PROGRESS", "IN_PROGRESS", "IN_PROGRESS", "COMPLETED", "COMPLETED"]);
  expect((await look(own, id)).generated).toHaveLength(1);
});

const results = `/results/${UNKNOWN_ID}`;
it.each<[string, string, number, string?]>([
  ["GET", "/v1/ai/unknown", 404],
  ["GET", `${TASKS}s`, 404],
  ["GET", `/v2${TASKS}`, 404],
  ["GET", `${TASKS}/`, 404],
  ["GET", `${TASKS}/a/b`, 404],
  ["GET", `${TASKS}/${UNKNOWN_ID}`, 404],
  ["GET", `${TASKS}/urn:uuid:${UNKNOWN_ID}`, 404],
  ["GET", `${TASKS}/urn%3Auuid%3A${UNKNOWN_ID}`, 404],
  ...["nonsense", `${UNKNOWN_ID}0`, `x${UNKNOWN_ID}`, "046b6c7f", "%"].map((id): [string, string, number] => [
    "GET",
    `${TASKS}/${id}`,
    400,
  ]),
  ["PUT", TASKS, 405, "GET, POST"],
  ["HEAD", TASKS, 405, "GET, POST"],
  ["DELETE", `${TASKS}/${UNKNOWN_ID}`, 405, "GET"],
  ["POST", "/", 405, "GET, HEAD"],
  ["DELETE", "/sandbox/state", 405, "GET, HEAD"],
  ["POST", `${results}/0.png`, 405, "GET, HEAD"],
  ["GET", `${results}/0.png`, 403],
  ...["/x.png", "/0.", "/0.p-g", "/0_png", "/0.png/more", "0/0.png"].map((rest): [string, string, number] => [
    "GET",
    results + rest,
    404,
  ]),
  ["GET", `${results.toUpperCase()}/0.png`, 404],
  ["GET", "/sandboxes", 404],
  ["GET", "/my/sandbox/", 404],
  ["HEAD", "/", 200],
  ["GET", "//[", 404],
  ["GET", "/%", 404],
  ["OPTIONS", "*", 404],
  ["GET", "http://example.com/", 404],
])("%s %s is answered with %i", async (method, path, status, allow) => {
  const headers = { "x-magnific-api-key": sandbox.key, host: "localhost" };
  const seen = await new Promise((resolve, reject) => {
    const sent = request(sandbox.url, { path, method, headers }, (response) => {
      response.resume();
      resolve([response.statusCode, response.headers.allow]);
    });
    sent.on("error", reject).end();
  });
  expect(seen).toEqual([status, allow]);
});

describe("A request", () => {
  it.each([
    ["", "Missing API key"],
    ["three", "Invalid API key"],
    ["on", "Invalid API key"],
    ["ONE", "Invalid API key"],
  ])("with the key %j is answered with 401, a request id and no rate headers", async (key, message) => {
    const { status, headers, body } = await call(sandbox, TASKS, { headers: { "x-magnific-api-key": key } });
    expect([status, body, headers.has("x-ratelimit-limit")]).toEqual([401, { message }, false]);
    expect(headers.get("x-request-id")).toMatch(/^ak-[0-9a-f]{32}$/);
  });

  it("without a key is refused even if the key is the word undefined", async () => {
    await using own = await startSandbox({ ...QUICK, key: "undefined" });
    expect((await call(own, TASKS, { headers: { "x-magnific-api-key": "" } })).status).toBe(401);
    expect((await call(own, TASKS)).status).toBe(200);
  });

  it("sees only the tasks of its own key, by their id in either case", async () => {
    const two = { headers: { "x-magnific-api-key": "two" } };
    const { task_id: id } = await finished(sandbox);
    expect((await call(sandbox, `${TASKS}/${id}`, two)).status).toBe(404);
    expect((await call(sandbox, TASKS, two)).body).toEqual({ data: [] });
    expect((await look(sandbox, id.toUpperCase())).task_id).toBe(id);
  });

  it("with a valid key is answered with rate headers, refused ones included, and an id of its own", async () => {
    const [first, second] = [await call(sandbox, TASKS), await call(sandbox, `${TASKS}/nonsense`)];
    const left = ({ headers }: typeof first): number => Number(headers.get("x-ratelimit-remaining"));
    expect([first.headers.get("x-ratelimit-limit"), left(first) - left(second)]).toEqual(["30000", 1]);
    expect(first.headers.get("x-request-id")).not.toBe(second.headers.get("x-request-id"));
  });

  it("for a task whose id is not valid is refused by name to a client that reads problems", async () => {
    const reason = "Parameter 'task-id' is not valid";
    const { body } = await call(sandbox, `${TASKS}/nonsense`, { headers: PROBLEM });
    expect(body).toEqual({ problem: { message: reason, invalid_params: [{ name: "task-id", reason }] } });
  });

  // @tests sandbox/SandboxOptions.rateLimit
  it("beyond the rate limit of its key is refused until the window of that key ends", async () => {
    const time = new ManualTime();
    await using own = await startSandbox({
      ...QUICK,
      time,
      key: ["one", "two"],
      rateLimit: { limit: 2, windowMs: 10_000 },
    });
    const two = { headers: { "x-magnific-api-key": "two" } };
    const shown = async (reply: Promise<{ headers: Headers; status: number }>) => {
      const { status, headers } = await reply;
      const names = ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "retry-after"];
      return [status, ...names.map((name) => headers.get(name))];
    };
    expect(await shown(call(own, TASKS))).toEqual([200, "2", "1", "10", null]);
    time.advance(2500);
    expect(await shown(call(own, TASKS))).toEqual([200, "2", "0", "8", null]);
    expect(await shown(submit(own))).toEqual([429, "2", "0", "8", "8"]);
    expect(await shown(call(own, TASKS, two))).toEqual([200, "2", "1", "10", null]);
    // A refused request does not prolong the window.
    time.advance(7499);
    expect(await shown(submit(own))).toEqual([429, "2", "0", "1", "1"]);
    time.advance(1);
    expect(await shown(submit(own))).toEqual([200, "2", "1", "10", null]);
    expect(own.counts).toMatchObject({ rateLimited: 2, submits: 3, paid: 1 });
    await using closed = await startSandbox({ ...QUICK, rateLimit: { limit: 0 } });
    const { status, body } = await call(closed, TASKS);
    expect([status, body]).toEqual([429, { message: "Too many requests. Please slow down." }]);
  });

  it("whose task cannot be made is answered with 500, and only the log says why", async () => {
    await using own = await startSandbox({
      ...QUICK,
      lifeCycle: () => {
        throw new TypeError("what a mess");
      },
    });
    const { status, body } = await submit(own);
    expect([status, body]).toEqual([500, { message: "Internal Server Error" }]);
    expect(own.log.at(-1)).toMatchObject({ status: 500, reason: "TypeError: what a mess" });
  });
});

it("The counters count every request where it belongs, and nothing of the page", async () => {
  await using own = await startSandbox(QUICK);
  const zero = { requests: 0, submits: 0, paid: 0, reads: 0, lists: 0, downloads: 0, unauthorized: 0, rateLimited: 0 };
  expect(own.counts).toEqual({ ...zero, faults: 0, webhooks: 0 });
  const { task_id: id, generated } = await finished(own);
  await look(own, id);
  await call(own, `${TASKS}/nonsense`);
  await call(own, `${TASKS}/${UNKNOWN_ID}`);
  await call(own, TASKS);
  await submit(own, { image: "" });
  await submit(own, undefined, { "x-magnific-api-key": "wrong" });
  expect(own.counts).toMatchObject({
    requests: 7,
    submits: 3,
    paid: 1,
    reads: 1,
    lists: 1,
    unauthorized: 1,
    faults: 0,
  });
  const url = generated[0] ?? "";
  for (const [address, init] of [
    [url, { method: "HEAD" }],
    [url, {}],
    [url, { headers: { range: "bytes=0-1" } }],
    [url, { headers: { range: "bytes=999-" } }],
    [`${url}0`, {}],
  ] as const)
    await own.fetch(address, init);
  await call(own, "/sandbox/state");
  await call(own, "/");
  expect(own.counts).toMatchObject({ requests: 12, downloads: 2, lists: 1, reads: 1, faults: 0 });
  expect(entries(own, "request")).toHaveLength(12);
});

describe("The log", () => {
  it("has an entry for each request with what became of it", async () => {
    await using own = await startSandbox(QUICK);
    await call(own, `${TASKS}?secret=1`, { headers: { "x-magnific-api-key": "" } });
    expect(own.log.at(-1)).toEqual({
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
    expect(own.log.at(-1)).toMatchObject({
      requestId: reply.headers.get("x-request-id"),
      status: 400,
      key: "valid",
      body: { bytes: 18, fields: ["image", "x"] },
      reason: "Parameter 'image' must not be empty",
      fault: "delay",
    });
  });

  it("holds no key, no image and no query", async () => {
    await using own = await startSandbox({ ...QUICK, key: "very-secret-key" });
    for (const target of ["https://user:pass@example.com:8443/hook?token=hidden#part", "data:text/plain,hidden"])
      await submit(own, { image: TINY, webhook_url: target, sharpn: "also private" });
    await own.fetch(own.tasks()[0]?.generated[0] ?? "");
    await call(own, `${TASKS}?api_key=very-secret-key`, { headers: { "x-magnific-api-key": "another-secret" } });
    const text = JSON.stringify([own.log, own.counts]);
    for (const secret of ["very-", "another-", TINY.slice(0, 20), "hidden", "pass", "part", "also private", "hmac"])
      expect(text).not.toContain(secret);
    const targets = entries(own, "webhook").map(({ target, outcome }) => [target, outcome]);
    // What has no origin may hold anything after its scheme.
    expect(targets).toEqual([
      ["https://example.com:8443/hook", "not_sent"],
      ["data:", "not_sent"],
    ]);
  });
});
