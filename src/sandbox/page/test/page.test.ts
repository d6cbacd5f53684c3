import { type IncomingMessage, request } from "node:http";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ManualTime, type Sandbox, startSandbox } from "../../index.js";
import { Log } from "../../log.js";
import { MemoryStore } from "../../memory-store.js";
import { Tasks } from "../../tasks.js";
import { finished, TINY, talk } from "../../test/talk.js";
import { echo } from "../../upscaler.js";
import { WorkQueue } from "../../work-queue.js";
import { answerPage } from "../page.js";

let sandbox: Sandbox;
let shown: string;
let failed: string;
beforeAll(async () => {
  sandbox = await startSandbox({ upscaler: "echo", lifeCycle: "immediate" });
  shown = (await finished(sandbox)).task_id;
  failed = (await finished(sandbox, { image: Buffer.from("<svg/>").toString("base64") })).task_id;
});
afterAll(() => sandbox.close());

it.each([
  ["/", "text/html", /^<!doctype html>/i],
  ["/sandbox/page.css", "text/css", /\{/],
  ["/sandbox/page.js", "text/javascript", /fetch/],
])("gives %s in its type, kept from other sites", async (path, type, content) => {
  const { status, headers, body } = await talk(sandbox, path);
  expect([status, headers.get("content-type")]).toEqual([200, `${type}; charset=utf-8`]);
  expect(body).toMatch(content);
  expect(Object.fromEntries(headers)).toMatchObject({
    "content-security-policy":
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'",
    "cross-origin-resource-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
  });
});

it("tells how the tasks stand, the newest first, with the paths of their images", async () => {
  const { status, headers, body } = await talk(sandbox, "/sandbox/state");
  expect([status, headers.get("content-type"), headers.get("cache-control")]).toEqual([
    200,
    "application/json",
    "no-store",
  ]);
  const paths = sandbox.tasks().map((task) => task.generated.map((url) => url.slice(sandbox.url.length)));
  const [svg, png] = sandbox.tasks();
  expect(body).toEqual({
    tasks: [
      { ...svg, generated: [] },
      { ...png, generated: paths[1], source: `/sandbox/source/${shown}` },
    ],
    counts: { ...sandbox.counts },
  });
  expect(paths[1]?.[0]).toMatch(/^\/results\//);
});

it("shows no more tasks than anyone looks through, and of an image its own bytes", async () => {
  const store = new MemoryStore();
  const log = new Log(0);
  const tasks = new Tasks({
    time: new ManualTime(),
    store,
    log,
    queue: new WorkQueue(1),
    upscaler: echo,
    signingSecret: "",
    resultTtlMs: 0,
    onStep: async () => {},
  });
  const facts = { image: { bytes: 0, sha256: "" }, sliders: { sharpen: 0, smart_grain: 0, ultra_detail: 0 } };
  for (let id = 0; id < 201; id++) {
    const task = { id: String(id), owner: "", steps: [{ status: "CREATED" }], filterNsfw: false, ...facts };
    await tasks.create(task, new Uint8Array());
  }
  const image = Buffer.from("--image--").subarray(2, 7);
  const own = { ...facts, image: { ...facts.image, type: "image/png" } };
  const id = "046b6c7f-0b8a-43b9-b35d-6489e6daee91";
  const asked = { headers: { host: "localhost" } } as IncomingMessage;
  const { body } = await answerPage(
    { tasks, store, counts: log.counts },
    new URL("http://localhost/sandbox/state"),
    asked,
  );
  const shown = (JSON.parse(String(body)) as { tasks: { id: string }[] }).tasks;
  expect(shown.map(({ id }) => id)).toEqual(Array.from({ length: 200 }, (_, index) => String(200 - index)));
  await tasks.create({ id, owner: "", steps: [{ status: "CREATED" }], filterNsfw: false, ...own }, image);
  const source = new URL(`http://localhost/sandbox/source/${id}`);
  const answer = await answerPage({ tasks, store, counts: log.counts }, source, asked);
  expect([answer.headers["content-length"], String(answer.body)]).toEqual(["5", "image"]);
});

it("gives back the image that was sent, byte for byte, and nothing that is no image", async () => {
  const source = await fetch(`${sandbox.url}/sandbox/source/${shown}`);
  const bytes = Buffer.from(TINY, "base64");
  expect(source.status).toBe(200);
  expect(Object.fromEntries(source.headers)).toMatchObject({
    "content-type": "image/png",
    "content-length": String(bytes.length),
    "x-content-type-options": "nosniff",
  });
  expect(Buffer.from(await source.arrayBuffer()).equals(bytes)).toBe(true);
  const strange = "046b6c7f-0b8a-43b9-b35d-6489e6daee91";
  const paths = [failed, strange, `${shown}0`, shown.slice(1)].map((id) => `/sandbox/source/${id}`);
  for (const path of [...paths, `/sandbox/more/sandbox/source/${shown}`, "/sandbox", "/sandbox/other"]) {
    const reply = await talk(sandbox, path);
    expect([path, reply.status, reply.body]).toEqual([path, 404, { message: "Not found" }]);
  }
});

it.each([
  ["evil.example", 403],
  ["evil.example:80", 403],
  ["localhost", 200],
  ["localhost:1234", 200],
  ["[::1]:9", 200],
])("answers the name %s with %i", async (host, status) => {
  const answered = await new Promise((resolve, reject) => {
    const sent = request(`${sandbox.url}/sandbox/state`, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on("error", reject).end();
  });
  expect(answered).toBe(status);
});
