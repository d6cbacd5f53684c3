import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { SERVER } from "../../../../generated/default.js";
import { proxyFor } from "../../proxy.js";
import { begin, type Here, hereOf, run } from "../../test/here.js";
import { VERSION } from "../command.js";
import { clockFinding, networkFinding, versionFinding } from "../doctor.js";

let here: Here;
beforeEach(async () => {
  here = await hereOf();
});
afterEach(() => here[Symbol.asyncDispose]());

const ONCE = ["--retry", "0"];

it("finds all well", async () => {
  const heard = await run(["doctor", ...ONCE]);
  expect(heard).toMatchObject({ code: 0, said: [], json: [] });
  expect(heard.out).toEqual([
    `green(ok      ) version  magnific-client ${VERSION} on Node ${process.versions.node}.`,
    "green(ok      ) key      There is a key in MAGNIFIC_API_KEY.",
    `green(ok      ) address  The API is at ${here.sandbox.url} (MAGNIFIC_BASE_URL).`,
    expect.stringMatching(/^green\(ok {6}\) network {2}The API answers in \d+ ms and accepts the key\.$/),
    "green(ok      ) clock    This machine's clock and the provider's agree.",
  ]);
  expect(here.sandbox.counts).toMatchObject({ requests: 1, paid: 0 });
});

it("says that the address is from the file of defaults", async () => {
  vi.stubEnv("MAGNIFIC_BASE_URL", undefined);
  const path = await here.file("config/magnific/config.json", JSON.stringify({ "base-url": here.sandbox.url }));
  expect((await run(["doctor", ...ONCE])).out[2]).toContain(`is at ${here.sandbox.url} ("base-url" in ${path}).`);
});

it("says where the API is, who says so, and through which proxy, without its login", async () => {
  const address = async (...args: string[]) => (await run(["doctor", ...args, ...ONCE])).out[2];
  expect(await address("--base-url", "http://127.0.0.1:2")).toContain("The API is at http://127.0.0.1:2 (--base-url).");
  vi.stubEnv("https_proxy", "http://user:secret@127.0.0.1:2");
  vi.stubEnv("MAGNIFIC_BASE_URL", undefined);
  vi.stubEnv("no_proxy", "example.com:444 .other.test");
  expect(await address()).toContain(`The API is at ${SERVER} (the default), through the proxy 127.0.0.1:2.`);
  for (const exempt of ["*", `other.test, ${new URL(SERVER).hostname}:443`]) {
    vi.stubEnv("no_proxy", exempt);
    expect(proxyFor(process.env, SERVER)).toBeUndefined();
  }
});

it("a wrong key ends with 3, and is not shown", async () => {
  vi.stubEnv("MAGNIFIC_API_KEY", "wrong-key");
  const heard = await run(["doctor", "--json", ...ONCE]);
  expect(heard).toMatchObject({ code: 3, out: [] });
  expect(heard.json).toContainEqual({
    check: "network",
    result: "failure",
    message: expect.stringMatching(/rejects the key \(401\)/),
  });
  expect(JSON.stringify(heard)).not.toContain("wrong-key");
});

it("no key, or one that others can read, is a failure; the network is looked at all the same", async () => {
  vi.stubEnv("MAGNIFIC_API_KEY", undefined);
  const none = await run(["doctor", ...ONCE]);
  expect(none.code).toBe(1);
  expect(none.out[1]).toBe("red(failure ) key      There is no API key: set MAGNIFIC_API_KEY, or use --key-file.");
  expect(none.out[3]).toMatch(/^green\(ok {6}\) network {2}The API answers in \d+ ms\.$/);
  const open = await run(["doctor", "--key-file", await here.file("key", "of-the-file"), ...ONCE]);
  expect(open.code).toBe(1);
  expect(open.out[1]).toMatch(/^red\(failure \) key {6}.*chmod 600/);
  expect(open.out[3]).toMatch(/^green/);
  expect(open.out.join()).not.toContain("of-the-file");
});

async function answered(answer: RequestListener, work: (url: string) => Promise<void>): Promise<void> {
  const server = createServer(answer);
  await once(server.listen(0, "127.0.0.1"), "listening");
  try {
    await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

it.each([
  [403, 3, /^red.*with 403: the plan/],
  [500, 0, /^yellow.*with 500\. Try again later\./],
])("the answer %i ends with %i", async (status, code, pattern) => {
  await answered(
    (_, response) => response.writeHead(status, { date: new Date(Date.now() - 500_000).toUTCString() }).end("{}"),
    async (url) => {
      const heard = await run(["doctor", "--base-url", url, ...ONCE]);
      expect(heard.code).toBe(code);
      expect(heard.out[3]).toMatch(pattern);
      expect(heard.out[4]).toMatch(/^yellow\(warning \) clock {4}This machine's clock is (499|50\d) s ahead of/);
    },
  );
});

it("an answer without a time says nothing of the clock", async () => {
  await answered(
    (_, response) => {
      response.sendDate = false;
      response.end("{}");
    },
    async (url) => {
      expect((await run(["doctor", "--base-url", url, ...ONCE])).out).toHaveLength(4);
    },
  );
});

it("no network is named by its code, and other failures by their sentence", async () => {
  const away = await run(["doctor", "--base-url", "http://127.0.0.1:2", ...ONCE]);
  expect(away.code).toBe(1);
  expect(away.out[3]).toBe("red(failure ) network  The API could not be reached: ECONNREFUSED.");
  const wrong = await run(["doctor", "--base-url", "http://example.com", ...ONCE]);
  expect(wrong.code).toBe(1);
  expect(wrong.out[2]).toMatch(/The API could not be reached: .*https/);
  vi.stubEnv("HTTPS_PROXY", "socks5://127.0.0.1:9");
  vi.stubEnv("https_proxy", undefined);
  const proxied = await run(["doctor", ...ONCE, "--base-url", "https://api.example.test"]);
  expect(proxied.out[2]).toMatch(
    /The API could not be reached: HTTPS_PROXY names a socks5 proxy, which is not supported\. Use an http or https proxy\.$/,
  );
});

it("Ctrl-C ends the wait for an answer", async () => {
  here.sandbox.fault({ kind: "stall", on: "list" });
  const begun = begin(["doctor", ...ONCE]);
  await expect.poll(() => here.sandbox.counts.faults, { interval: 5 }).toBe(1);
  begun.signal("SIGINT");
  expect(await begun.ended).toMatchObject({ code: 1 });
});

it.each([
  ["20.19.0", "ok"],
  ["22.1.0", "ok"],
  ["100.0.0", "ok"],
  ["20.18.9", "failure"],
  ["18.20.0", "failure"],
  ["20", "failure"],
])("Node %s is %s", (node, result) => {
  const tail = result === "ok" ? "." : "; it needs Node 20.19 or newer.";
  const message = `magnific-client ${VERSION} on Node ${node}${tail}`;
  expect(versionFinding(node)).toEqual(["version", result, message]);
});

it.each([
  [199, true, "warning", "with 199"],
  [200, true, "ok", "accepts the key"],
  [299, true, "ok", "accepts the key"],
  [300, true, "warning", "with 300"],
  [401, true, "failure", "rejects the key (401)"],
  [401, false, "ok", "answers in 5 ms."],
  [403, false, "failure", "with 403"],
  [404, true, "warning", "with 404"],
])("the status %i with a key (%s) is %s", (status, keyed, result, message) => {
  expect(networkFinding(status, 5, keyed)).toEqual(["network", result, expect.stringContaining(message)]);
  expect(networkFinding(status, 5, keyed)[2]).toContain("in 5 ms");
});

it.each([
  [0, 60_499, "ok", "agree"],
  [60_499, 0, "ok", "agree"],
  [0, 61_000, "warning", "61 s ahead of the"],
  [61_000, 0, "warning", "61 s behind the"],
])("the clocks %i and %i: %s", (theirs, ours, result, message) => {
  expect(clockFinding(theirs, ours)).toEqual(["clock", result, expect.stringContaining(message)]);
});
