import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Magnific } from "../../../client.js";
import { pngOf } from "../../../test-support/png.js";
import { type Begun, begin, type Heard, type Here, hereOf, run } from "../../test/here.js";
import { installLine } from "../command.js";

let here: Here;
let begun: Begun | undefined;
beforeEach(async () => {
  here = await hereOf();
});
afterEach(async () => {
  begun?.signal("SIGINT");
  await begun?.ended;
  begun = undefined;
  await here[Symbol.asyncDispose]();
});

const POLL = { first: 10, factor: 1, max: 10 };
const ECHO = ["--upscaler", "echo", "--life-cycle", "immediate"];

async function started(...args: string[]): Promise<{ url: string; key: string; client: Magnific }> {
  begun = begin(["sandbox", ...args]);
  const url = await begun.heard(/^export MAGNIFIC_BASE_URL=(http\S+)$/);
  const key = await begun.heard(/^export MAGNIFIC_API_KEY=(\S+)$/);
  return { url, key, client: new Magnific({ apiKey: key, baseUrl: url, retry: 0, rate: false, poll: POLL }) };
}

async function stopped(): Promise<Heard | undefined> {
  begun?.signal("SIGTERM");
  return await begun?.ended;
}

const image = pngOf(300, 8, 8, "a");

it("tells what points a client at it, logs what happens, and ends on a signal", async () => {
  const { client, url } = await started(...ECHO);
  const { id } = await client.submit({ image });
  await begun?.heard(new RegExp(`^task ${id} COMPLETED`));
  const heard = await stopped();
  expect(heard).toMatchObject({ code: 0, json: [] });
  expect(heard?.out).toEqual([
    `export MAGNIFIC_BASE_URL=${url}`,
    expect.stringMatching(/^export MAGNIFIC_API_KEY=\S+$/),
    expect.stringMatching(/^export MAGNIFIC_WEBHOOK_SECRET=\S+$/),
  ]);
  expect(heard?.said[0]).toBe(
    `The sandbox is running; open ${url} in a browser to see its tasks. Press Ctrl-C to stop it.`,
  );
  expect(heard?.said).toContain("POST /v1/ai/image-upscaler-precision 200");
  await expect(client.tasks()).rejects.toMatchObject({ code: "connection_failed" });
});

it("the line that installs sharp is that of where the command is installed", async () => {
  expect(installLine("sharp")).toBe("npm i sharp");
  await here.file("project/package.json", "{}");
  expect(installLine("sharp", here.at("project/node_modules/magnific-client"))).toBe("npm i sharp");
  expect(installLine("sharp", here.at("lib/node_modules/magnific-client"))).toBe("npm i -g sharp");
});

it("tells objects with --json, and no requests with --quiet", async () => {
  begun = begin(["sandbox", ...ECHO, "--json"]);
  await begun.until(({ json }) => json.length > 0);
  const heard = await stopped();
  expect(heard).toMatchObject({ out: [], said: [] });
  const url = expect.stringMatching(/^http/);
  expect(heard?.json).toEqual([
    { event: "listening", url, key: expect.any(String), webhookSecret: expect.any(String) },
  ]);
  const { client } = await started(...ECHO, "--quiet");
  await client.tasks();
  expect((await stopped())?.said).toHaveLength(1);
  const logged = begin(["sandbox", ...ECHO, "--json"]);
  begun = logged;
  const { json } = await logged.until(({ json }) => json.length > 0);
  const told = json[0] ?? {};
  await new Magnific({ apiKey: String(told.key), baseUrl: String(told.url) }).tasks();
  expect((await stopped())?.json).toContainEqual(
    expect.objectContaining({ event: "request", method: "GET", status: 200 }),
  );
});

it("takes its settings from a file, and flags before these", async () => {
  const settings = await here.file(
    "settings.json",
    JSON.stringify({
      upscaler: "echo",
      lifeCycle: "failed",
      script: ["immediate"],
      faults: [{ kind: "error", status: 402, on: "submit" }],
      latencyMs: 60_000,
      rateLimit: { limit: 7, windowMs: 5000 },
      port: 0,
    }),
  );
  const keyFile = await here.file("key", "the-key", 0o600);
  const flags = ["--settings", settings, "--key-file", keyFile, "--latency", "0", "--rate-limit", "41"];
  const { client, url, key } = await started(...flags, "--folder", here.at("state"), "--scale", "3");
  expect(key).toBe("the-key");
  await expect(client.submit({ image })).rejects.toMatchObject({ status: 402 });
  expect(await client.submit({ image })).toMatchObject({ status: "COMPLETED" });
  const { id } = await client.submit({ image });
  await expect(client.task(id).wait()).rejects.toMatchObject({
    code: "task_failed",
  });
  const { headers } = await fetch(`${url}/v1/ai/image-upscaler-precision`, { headers: { "x-magnific-api-key": key } });
  expect(headers.get("x-ratelimit-limit")).toBe("41");
  await stopped();
  // The state is kept in the folder, tasks and all.
  const again = await started("--upscaler", "echo", "--folder", here.at("state"), "--key-file", keyFile);
  expect((await again.client.tasks()).map((task) => task.id)).toContain(id);
});

it.each([
  ["{", /is not valid JSON: /],
  ["[]", /must hold a JSON object/],
  ["null", /must hold a JSON object/],
  ["1", /must hold a JSON object/],
  [
    '{"lifecycle": "failed"}',
    /unknown setting "lifecycle"\. Known: lifeCycle, script, faults, latencyMs, rateLimit, resultTtlMs, bodyLimit, webhooks, upscaler, scale, resultFormat, concurrency, host, port, folder\./,
  ],
  ['{"upscaler": "echo", "lifeCycle": "fails"}', /no life cycle "fails"/],
  ['{"upscaler": "echo", "script": ["fails"]}', /"script" of .*settings\.json: .*no life cycle "fails"/],
  ['{"upscaler": "echo", "faults": [{"kind": "rain"}]}', /A fault needs a "kind"/],
])("settings %s cannot work", async (text, message) => {
  const settings = await here.file("settings.json", text);
  expect(await run(["sandbox", "--settings", settings])).toMatchObject({
    code: 2,
    out: [],
    said: [expect.stringMatching(message)],
  });
});

it("names settings that are not there, and a port that is taken", async () => {
  expect(await run(["sandbox", "--settings", here.at("away")])).toMatchObject({
    code: 2,
    said: [expect.stringContaining("away cannot be read (ENOENT).")],
  });
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  try {
    expect(await run(["sandbox", ...ECHO, "--port", String(port)])).toMatchObject({
      code: 2,
      said: [`red(magnific:) Port ${port} is in use. Choose another with --port.`],
    });
  } finally {
    server.close();
    await once(server, "close");
  }
  expect((await started(...ECHO, "--port", String(port))).url).toBe(`http://127.0.0.1:${port}`);
});

it.each([
  ["--port", "65536"],
  ["--life-cycle", "odd"],
  ["--upscaler", "odd"],
  ["--scale", "0"],
  ["--scale", "17"],
  ["--latency", "-1"],
  ["--rate-limit", "x"],
  ["--webhook-targets", "odd"],
])("%s %s cannot work", async (...args) => {
  expect(await run(["sandbox", ...args])).toMatchObject({ code: 2, out: [] });
});

it("sends webhooks elsewhere only when asked to", async () => {
  for (const targets of ["loopback", "any"]) {
    const { client } = await started(...ECHO, "--webhook-targets", targets);
    const { id } = await client.submit({ image, webhook_url: "https://nowhere.invalid/" });
    await begun?.heard(new RegExp(targets === "any" ? `^webhook ${id} failed` : `^webhook ${id} not_sent`));
    await stopped();
  }
});

it.each([
  ["0.0.0.0", true],
  ["127.0.0.2", false],
  ["localhost", false],
  ["::1", false],
])("listens on the host %s, and warns of everyone on the network: %s", async (host, warns) => {
  const { client } = await started(...ECHO, "--host", host);
  expect(await client.tasks()).toEqual([]);
  const said = (await stopped())?.said ?? [];
  expect(said.some((line) => line.startsWith("Warning: everyone on the network can reach this sandbox"))).toBe(warns);
});

it("says so where the host is not an address of this machine", async () => {
  const { code, said } = await run(["sandbox", ...ECHO, "--host", "203.0.113.9"]);
  expect([code, said.join("\n")]).toEqual([
    2,
    expect.stringContaining("203.0.113.9 is not an address of this machine."),
  ]);
});
