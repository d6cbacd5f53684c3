import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { startSandbox } from "../../src/sandbox/index.js";
import { Contract } from "../contract.js";
import { upscaler } from "../only.js";
import { faultsFor } from "../proof/faults.js";
import { playFault, proveFaults } from "../proof/provider-faults.js";
import { startProvider } from "../provider/provider.js";
import { type Result, runCases } from "../run/run.js";
import { ProviderTarget } from "./provider.js";

const { vendored, overlays } = upscaler();
const contract = new Contract(vendored, overlays);
const vendoredOnly = new Contract(vendored, []);
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function targetAt(
  url: string,
  key: string,
  options: Partial<ConstructorParameters<typeof ProviderTarget>[0]> = {},
): ProviderTarget {
  const target = new ProviderTarget({ url, key, ...options });
  closers.push(() => target.close());
  return target;
}

const violating = (results: readonly Result[]): string[] =>
  results
    .filter((each) => each.outcome === "violates")
    .map((each) => `${each.case.id}: ${each.violations[0]?.message}`);
const played = (results: readonly Result[]): number => results.filter((each) => each.outcome !== "untestable").length;

describe("the sandbox, held against the same cases as a provider", () => {
  it.each([
    ["the whole contract", contract, true],
    ["the provider's own word alone", vendoredOnly, false],
  ] as const)("conforms in full: %s", async (_, own, wholeDocument) => {
    const sandbox = await startSandbox({ upscaler: "echo" });
    closers.push(() => sandbox.close());
    const target = targetAt(sandbox.url, sandbox.key, { allowPaid: 1000, wholeDocument });
    const results = await runCases(own, own.cases, target);
    expect(violating(results)).toEqual([]);
    // Whatever is not for the mock alone was played.
    const mine = own.cases.filter((one) => one.mockOnly === undefined && (wholeDocument || one.kind !== "routing"));
    expect(played(results)).toBe(mine.length);
    expect(target.budget.spent).toBe(sandbox.counts.paid);
  });
});

describe("the budget", () => {
  it.each([0, 1, 3])("is never exceeded: %d", async (allowPaid) => {
    const provider = await startProvider(contract.document);
    closers.push(() => provider.close());
    const target = targetAt(provider.url, provider.key, { allowPaid });
    const results = await runCases(contract, contract.cases, target);
    expect(violating(results)).toEqual([]);
    expect(provider.counts.get("postAiImageUpscalerPrecision 200") ?? 0).toBe(allowPaid);
    expect(target.budget.spent).toBe(allowPaid);
    expect(target.notes.join()).toContain(`${allowPaid} of ${allowPaid} allowed`);
  });

  it("sends nothing that a careless provider could take for a valid submit when it is 0", async () => {
    let submits = 0;
    // Takes whatever carries the key and an image; counts it as paid.
    const url = await serverOn((request, body) => {
      if (request.method === "POST" && request.headers["x-magnific-api-key"] && /"image":"[^"]/.test(body)) submits++;
      return { status: 200, body: "{}" };
    });
    const results = await runCases(contract, contract.cases, targetAt(url, "key", { allowPaid: 0 }));
    expect(submits).toBe(0);
    expect(played(results)).toBeGreaterThan(20);
    const target = targetAt(url, "key", { allowPaid: 2 });
    await runCases(contract, contract.cases, target);
    // It takes invalid ones as well, and those count like valid ones.
    expect(submits).toBeLessThanOrEqual(2);
    expect(target.budget.spent).toBe(2);
  });
});

describe("a provider with one fault", () => {
  it("is clean without one, to the suite", async () => {
    const results = await playFault(contract, contract.document, undefined);
    expect(violating(results)).toEqual([]);
  });

  const faults = faultsFor({ id: "task_id", status: "status", list: "generated" });
  it("comes in more than forty ways, each with a name of its own", () => {
    expect(new Set(faults.map((fault) => fault.id)).size).toBe(faults.length);
    expect(faults.length).toBeGreaterThanOrEqual(40);
  });
  for (const fault of faults) {
    it(`is found out: ${fault.what}`, async () => {
      const [result] = await proveFaults(contract, [fault]);
      expect(result?.found, fault.id).toBe(true);
      expect(result?.by).toBeDefined();
    });
  }
});

describe("a hostile provider", () => {
  it("is given up after silence, case by case with a verdict, within the deadline", async () => {
    const url = await serverOn(() => undefined);
    const started = performance.now();
    const results = await runCases(
      contract,
      contract.cases,
      targetAt(url, "key", { allowPaid: 1000, limits: { deadline: 50 } }),
    );
    expect(performance.now() - started).toBeLessThan(3_000);
    expect(violating(results)).toHaveLength(5);
    expect(results.filter((each) => each.reason?.startsWith("the provider stopped answering")).length).toBeGreaterThan(
      50,
    );
  });

  it("does not lead the key elsewhere by a redirect", async () => {
    let elsewhere = 0;
    const other = await serverOn(() => {
      elsewhere++;
      return { status: 200, body: "{}" };
    });
    const url = await serverOn(() => ({ status: 307, body: "", headers: { location: other } }));
    const results = await runCases(contract, contract.cases, targetAt(url, "key", { allowPaid: 1000 }));
    expect(elsewhere).toBe(0);
    expect(violating(results).some((each) => each.includes("expected a success"))).toBe(true);
  });

  it("may limit its rate: what it says of the wait is kept to", async () => {
    let asked = 0;
    const url = await serverOn(() => {
      asked++;
      const limited = asked % 2 === 1;
      return {
        status: limited ? 429 : 200,
        body: limited ? '{"message":"slow down"}' : '{"data":[]}',
        headers: { "retry-after": "0" },
      };
    });
    const [first] = contract.cases;
    const target = targetAt(url, "key");
    const [result] = await runCases(contract, first ? [first] : [], target);
    expect(result?.outcome).toBe("conforms");
    expect(asked).toBe(2);
  });
});

interface Reply {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function serverOn(
  reply: (request: { method: string | undefined; headers: Record<string, unknown> }, body: string) => Reply | undefined,
): Promise<string> {
  const server: Server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk;
    });
    request.on("end", () => {
      const own = reply({ method: request.method, headers: request.headers }, body);
      if (!own) return;
      response.writeHead(own.status, { "content-type": "application/json", ...own.headers });
      response.end(own.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
