import { execFile, execFileSync } from "node:child_process";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { startProvider } from "../../proof/provider/provider.js";
import { terminalReport } from "../../report/terminal.js";
import { ProviderTarget } from "../../targets/provider.js";
import { shapes, things, violationsOf } from "../../test/shapes.js";
import { curlOf } from "../curl.js";
import { CannotRun, runSuite, type SuiteReport } from "../suite.js";

const KEY = "a-key_of.this~kind";
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function serverOn(answer: (request: IncomingMessage, response: ServerResponse, body: string) => void) {
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    answer(request, response, body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

type Options = { allowPaid?: number; require?: number; undeclared?: "report" | "fail" };

async function run(url: string, { allowPaid = 1000, ...options }: Options = {}): Promise<SuiteReport> {
  const target = new ProviderTarget({ url, key: "contract-key", allowPaid, patience: 0 });
  closers.push(() => target.close());
  const known = { findings: [], defects: [] };
  return runSuite({ contract: things, target, known, before: [], foreignDocument: false, ...options });
}

describe("A run against a provider gives no verdict", () => {
  it.each([
    ["401", "every valid request was answered with 401: the key is not accepted"],
    ["429", "every valid request was answered with 429: the rate is limited"],
  ])("where everything is answered with %s", async (status, reason) => {
    const address = await serverOn((_, response) => response.writeHead(Number(status)).end());
    const report = await run(`http://${address}`);
    expect(report).toMatchObject({ inconclusive: reason, conforms: false });
    expect(terminalReport(things, report)).toMatch(new RegExp(`No verdict: ${reason}\\.\\n$`));
  });

  it("where whatever may cost something is answered with 402", async () => {
    const provider = await startProvider(things.document, {
      fault: {
        id: "poor",
        what: "has no credits",
        change: ({ success }) => ({
          success: (call) => (call.operation.method === "get" ? success(call) : { status: 402, headers: {}, body: "" }),
        }),
      },
    });
    closers.push(() => provider.close());
    const { inconclusive } = await run(provider.url);
    expect(inconclusive).toBe(
      "every valid request that may cost something was answered with 402: the account has no credits",
    );
  });

  it("where no TLS handshake succeeds", async () => {
    const address = await serverOn((_, response) => response.end());
    await expect(run(`https://${address}`)).rejects.toThrow(CannotRun);
  });

  it("where less was tested than is required, and it is one where that much was", async () => {
    const provider = await startProvider(things.document);
    closers.push(() => provider.close());
    const { inconclusive } = await run(provider.url, { allowPaid: 0, require: 90 });
    expect(inconclusive).toMatch(/^\d+ of \d+ cases were tested, \d+\.\d %, and 90 % are required$/);
    expect((await run(provider.url, { require: 90 })).conforms).toBe(true);
  });
});

it("A refused base is one violation, and what is made from it cannot be tested, for that reason", async () => {
  const provider = await startProvider(things.document, {
    fault: {
      id: "shut",
      what: "refuses every new thing",
      change: ({ success, refusal }) => ({
        success: (call) => (call.operation.id === "createThing" ? refusal(call, [422]) : success(call)),
      }),
    },
  });
  closers.push(() => provider.close());
  const { results } = await run(provider.url);
  const own = results.filter(({ case: one }) => one.operation === "createThing" && one.mockOnly === undefined);
  const wrong = violationsOf(own);
  expect(wrong.length).toBeGreaterThan(0);
  expect(wrong.filter((line) => !/positive · (?:smallest|full):/.test(line))).toEqual([]);
  const reasons = own.flatMap(({ reason = "" }) => (reason.startsWith("the valid request that") ? reason : []));
  expect(reasons.length).toBeGreaterThan(20);
  expect(new Set(reasons).size).toBeLessThanOrEqual(2);
});

it("A field that the document does not know is reported once, and a violation only where that is asked for", async () => {
  const provider = await startProvider(things.document, {
    fault: {
      id: "ahead",
      what: "sends a field more",
      change: () => ({ finish: (reply) => ({ ...reply, body: reply.body.replace(/^\{/, '{"added":1,') }) }),
    },
  });
  closers.push(() => provider.close());
  const reported = await run(provider.url, { undeclared: "report" });
  expect(violationsOf(reported.results)).toEqual([]);
  expect(reported.conforms).toBe(true);
  expect(reported.undeclared.map(({ message }) => message)).toEqual([expect.stringContaining('"added"')]);
  expect(terminalReport(things, reported).match(/"added"/g)).toHaveLength(1);
  const failed = await run(provider.url, { undeclared: "fail" });
  expect(failed).toMatchObject({ conforms: false, undeclared: [] });
  expect(violationsOf(failed.results).join()).toContain('"added"');
});

const curl = (() => {
  try {
    return execFileSync("curl", ["--version"]).length > 0;
  } catch {
    return false;
  }
})();

describe.skipIf(!curl)("The printed curl", () => {
  it("sends what the suite sent, with the key and the ids of the run, to the byte", async () => {
    const seen: unknown[] = [];
    const address = await serverOn(({ method, url, headers }, response, body) => {
      const { host, connection, "user-agent": agent, "content-length": length, ...own } = headers;
      seen.push({ method, url, headers: own, body });
      response.setHeader("content-type", "application/json");
      response.end('{"id":"made-by-it"}');
    });
    const target = new ProviderTarget({ url: `http://${address}`, key: KEY, keyVariable: "THE_KEY", allowPaid: 1000 });
    closers.push(() => target.close());
    const ids = [
      ...["createThing · security · as bearer instead", "readThing · request · positive · smallest"],
      ...["createThing · body · negative · malformed JSON", "createThing · security · in the query"],
      ...[
        "createThing · headers · positive · names in upper case",
        "createThing · body · negative · text after the JSON",
      ],
      ...["a wrong key", "the key cut short", "the key in another case"].map(
        (key) => `createThing · security · ${key}`,
      ),
      ...shapes.cases
        .filter(({ operation, kind }) => operation === "deepQuery" && kind === "positive")
        .slice(0, 3)
        .map(({ id }) => id),
      ...["basicKey", "bothKeys", "eitherKey"].flatMap(
        (name) => shapes.cases.find(({ operation }) => operation === name)?.id ?? [],
      ),
    ];
    // Makes an id known first, as a run does.
    const first = shapes.cases.find(({ id }) => id === "createThing · application/json · positive · smallest");
    if (first) await target.play(first);
    for (const id of ids) {
      const one = shapes.cases.find((each) => each.id === id);
      if (!one) throw new Error(`There is no case ${id}.`);
      seen.length = 0;
      const played = await target.play(one);
      if (!("sent" in played)) throw new Error(`${id}: ${played.skipped}`);
      const command = curlOf(one, played.sent);
      await promisify(execFile)("bash", ["-c", command], { env: { ...process.env, THE_KEY: KEY } });
      expect(seen[1], `${id}: ${command}`).toEqual(seen[0]);
    }
    expect(JSON.stringify(seen)).not.toContain("contract-key-placeholder");
  });
});
