import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { signWebhook } from "../../../webhook/sign.js";
import { type Begun, begin, type CallOptions, type Here, hereOf, run, withStdin } from "../../test/here.js";

const TASK = "046b6c7f-0b8a-43b9-b35d-6489e6daee91";
const BODY = JSON.stringify({ task_id: TASK, status: "COMPLETED", generated: ["https://cdn.magnific.com/a.png"] });

const hasLoopback6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === "::1"));

let here: Here;
beforeEach(async () => {
  here = await hereOf();
  vi.stubEnv("MAGNIFIC_WEBHOOK_SECRET", "the secret");
});
afterEach(() => here[Symbol.asyncDispose]());

async function listening(
  more: readonly string[] = [],
  options: CallOptions = {},
): Promise<{ begun: Begun; url: string }> {
  const begun = begin(["webhook", "listen", "--port", "0", ...more], options);
  return { begun, url: await begun.heard(/Listening on (http:\S+) \(Ctrl-C to stop\)/) };
}

async function sent(url: string, changes: { id?: string; body?: string; secret?: string; timestamp?: Date } = {}) {
  const signed = await signWebhook({ body: BODY, secret: "the secret", ...changes });
  return (await fetch(url, { method: "POST", ...signed })).status;
}

it("prints each genuine delivery, and ends after so many", async () => {
  const { begun, url } = await listening(["--count", "2"]);
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  expect(await sent(url, { id: "m1" })).toBe(204);
  // A repetition is taken, lest it come again, and not printed.
  expect(await sent(url, { id: "m1" })).toBe(204);
  expect(await sent(url, { secret: "another" })).toBe(400);
  expect(await sent(url, { id: "m2", body: BODY.replace("COMPLETED", "ODD").replace("https:", "http:") })).toBe(204);
  const heard = await begun.ended;
  expect(heard).toMatchObject({ code: 0, json: [] });
  expect(heard.out).toEqual([
    expect.stringMatching(new RegExp(`^\\d{4}-\\S+Z {2}${TASK} {2}COMPLETED$`)),
    "  https://cdn.magnific.com/a.png",
    expect.stringMatching(/ {2}ODD$/),
    expect.stringMatching(/^ {2}http:/),
  ]);
  expect(heard.said.slice(1)).toEqual([
    expect.stringMatching(/^rejected: .*arrived before/),
    expect.stringMatching(/^rejected: No signature matches/),
  ]);
});

it("prints objects with --json", async () => {
  const { begun, url } = await listening(["--count", "1", "--json"]);
  await sent(url, { id: "m1" });
  expect((await begun.ended).out).toEqual([]);
  expect((await begun.ended).json).toEqual([
    {
      event: "webhook",
      id: "m1",
      timestamp: expect.stringMatching(/Z$/),
      task: TASK,
      status: "COMPLETED",
      images: ["https://cdn.magnific.com/a.png"],
    },
  ]);
});

it("accepts deliveries as old as configured, and 300 seconds otherwise", async () => {
  const ago = (seconds: number) => new Date(Date.now() - seconds * 1000);
  const usual = await listening();
  expect(await sent(usual.url, { timestamp: ago(290) })).toBe(204);
  expect(await sent(usual.url, { timestamp: ago(310) })).toBe(400);
  usual.begun.signal("SIGINT");
  expect(await usual.begun.ended).toMatchObject({ code: 0 });
  const strict = await listening(["--tolerance", "20"]);
  expect(await sent(strict.url, { timestamp: ago(30) })).toBe(400);
  strict.begun.signal("SIGTERM");
  await strict.begun.ended;
});

it("names an address that cannot be listened on, and a secret that is missing", async () => {
  const { begun, url } = await listening();
  const { port } = new URL(url);
  expect(await run(["webhook", "listen", "--port", port])).toMatchObject({
    code: 2,
    said: [`red(magnific:) Cannot listen on port ${port} of 127.0.0.1 (EADDRINUSE).`],
  });
  begun.signal("SIGINT");
  await begun.ended;
  for (const none of [undefined, ""]) {
    vi.stubEnv("MAGNIFIC_WEBHOOK_SECRET", none);
    expect(await run(["webhook", "listen", "--port", "0"])).toMatchObject({
      code: 2,
      said: [expect.stringMatching(/no webhook secret: set MAGNIFIC_WEBHOOK_SECRET/)],
    });
  }
  for (const args of [
    ["--port", "65536"],
    ["--count", "0"],
    ["--encoding", "hex"],
  ])
    expect(await run(["webhook", "listen", ...args])).toMatchObject({ code: 2 });
});

it.skipIf(!hasLoopback6)("listens on another address, which is shown as a URL", async () => {
  const { begun, url } = await listening(["--host", "::1"]);
  expect(url).toMatch(/^http:\/\/\[::1\]:\d+\/$/);
  expect(await sent(url)).toBe(204);
  begun.signal("SIGINT");
  await begun.ended;
});

it("sign prints what makes a body a genuine delivery", async () => {
  const body = await here.file("body.json", BODY);
  const { out, json, code } = await run(["webhook", "sign", body, "--id", "m1"]);
  expect({ json, code }).toEqual({ json: [], code: undefined });
  const timestamp = Number(/\d+/.exec(out[2] ?? ""));
  const { headers } = await signWebhook({
    body: BODY,
    secret: "the secret",
    id: "m1",
    timestamp: new Date(timestamp * 1000),
  });
  expect(out).toEqual(Object.entries(headers).map(([name, value]) => `${name}: ${value}`));
  const onStdin = await withStdin(BODY, () => run(["webhook", "sign", "-", "--json"]));
  expect(onStdin).toMatchObject({
    out: [],
    json: [{ body: BODY, headers: { "webhook-id": expect.stringMatching(/^msg_/) } }],
  });
  expect(await run(["webhook", "sign", here.at("away")])).toMatchObject({
    code: 2,
    said: [expect.stringContaining("away cannot be read (ENOENT).")],
  });
});

it("sign takes the secret of a file, in either encoding", async () => {
  const body = await here.file("body.json", BODY);
  const file = await here.file("secret", Buffer.from("the secret").toString("base64"), 0o600);
  const { begun, url } = await listening(["--count", "1"]);
  const args = ["webhook", "sign", body, "--send", url, "--secret-file", file];
  expect(await run(args)).toMatchObject({ code: 1, out: ["400"] });
  expect(await run([...args, "--encoding", "base64"])).toMatchObject({ code: 0, out: ["204"] });
  await begun.ended;
});

it("sign sends the delivery and tells the answer, redirections included", async () => {
  const body = await here.file("body.json", BODY);
  const met: unknown[] = [];
  const answers = [200, 299, 302, 199 + 301];
  const server = createServer((request, response) => {
    met.push([request.method, request.url]);
    response.writeHead(answers[met.length - 1] ?? 500, { location: "/elsewhere" }).end();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    const send = ["webhook", "sign", body, "--send", url];
    expect(await run(send)).toMatchObject({ code: 0, out: ["200"], json: [] });
    expect(await run([...send, "--json"])).toMatchObject({
      code: 0,
      out: [],
      json: [{ event: "sent", status: 299, headers: {} }],
    });
    expect(await run(send)).toMatchObject({ code: 1, out: ["302"] });
    expect(await run(send)).toMatchObject({ code: 1, out: ["500"] });
    expect(met).toEqual(Array(4).fill(["POST", "/hook"]));
  } finally {
    server.closeAllConnections();
    server.close();
  }
  expect(await run(["webhook", "sign", body, "--send", "http://127.0.0.1:9/"])).toMatchObject({
    code: 1,
    said: [expect.stringMatching(/http:\/\/127\.0\.0\.1:9\/ could not be reached \(\S+/)],
  });
  expect(await run(["webhook", "sign", body, "--send", "nowhere"])).toMatchObject({
    code: 2,
    said: ["red(magnific:) nowhere is not a valid URL."],
  });
});
