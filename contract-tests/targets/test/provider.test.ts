import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { CONFORMING } from "../../proof/faults/conforming.js";
import { startProvider } from "../../proof/provider/provider.js";
import { type Result, runCases } from "../../run/run.js";
import { things, violationsOf } from "../../test/shapes.js";
import { ProviderTarget } from "../provider.js";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

type Options = Partial<ConstructorParameters<typeof ProviderTarget>[0]>;

function targetAt(url: string, options: Options = {}): ProviderTarget {
  const target = new ProviderTarget({ url, key: "contract-key", ...options });
  closers.push(() => target.close());
  return target;
}

const play = (target: ProviderTarget): Promise<Result[]> => runCases(things, things.cases, target);
const played = (results: readonly Result[]): number => results.filter((each) => each.outcome !== "untestable").length;

interface Reply {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

async function serverOn(reply: (request: Seen) => Reply | undefined): Promise<string> {
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const own = reply({ method: request.method, url: request.url, headers: request.headers, body });
    response.setHeader("content-type", "application/json");
    if (own) response.writeHead(own.status, own.headers).end(own.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("The budget of a run", () => {
  it.each([0, 1, 3])("is used up and never exceeded where %d requests may cost something", async (allowPaid) => {
    const provider = await startProvider(things.document);
    closers.push(() => provider.close());
    const target = targetAt(provider.url, { allowPaid });
    const results = await play(target);
    expect(violationsOf(results)).toEqual([]);
    const unsent = results.filter((each) => each.reason?.startsWith("not sent: "));
    expect(unsent.length).toBeGreaterThan(0);
    const made = [...provider.counts].filter(([label]) => /^(?:create|replace|change|delete)\w+ 2/.test(label));
    expect(made.reduce((sum, [, count]) => sum + count, 0)).toBe(allowPaid);
    expect(target.budget.spent).toBe(allowPaid);
    expect(target.notes.join()).toContain(`${allowPaid} of ${allowPaid} allowed`);
  });

  it("lets no request out that a careless provider could take for a complete one", async () => {
    let started = 0;
    // Takes everything that carries the key, wherever it is, and a name, and counts it as paid.
    const url = await serverOn(({ method, url, headers, body }) => {
      const keyed = `${url} ${JSON.stringify(headers)}`.includes("contract-key");
      if (method === "POST" && keyed && /"name":"[^"]/.test(body)) started++;
      return { status: 200, body: "{}" };
    });
    expect(played(await play(targetAt(url, { allowPaid: 0 })))).toBeGreaterThan(20);
    expect(started).toBe(0);
    const target = targetAt(url, { allowPaid: 2 });
    await play(target);
    // It takes invalid requests as well, and those count like valid ones.
    expect(started).toBeLessThanOrEqual(2);
    expect(target.budget.spent).toBe(2);
  });
});

it("A key is sent outside its place on loopback only", async () => {
  const cases = things.cases.filter((one) => one.rule === "misplaced");
  // Nothing is sent, so the name need not resolve.
  const results = await runCases(things, cases, targetAt("https://gateway.invalid", { allowPaid: 1000 }));
  expect(cases.length).toBeGreaterThan(0);
  expect(new Set(results.map(({ reason }) => reason))).toEqual(
    new Set(["would send the key outside its place, which is done on loopback only"]),
  );
});

describe("A hostile provider", () => {
  it("is abandoned after silence, and every case has a verdict", async () => {
    const url = await serverOn(() => undefined);
    const started = performance.now();
    const results = await play(targetAt(url, { allowPaid: 1000, limits: { deadline: 50 } }));
    expect(performance.now() - started).toBeLessThan(3_000);
    expect(results).toHaveLength(things.cases.length);
    expect(violationsOf(results)).toHaveLength(5);
    const others = results.filter((each) => each.reason?.startsWith("the provider stopped responding"));
    expect(others.length).toBeGreaterThan(20);
  });

  it("cannot lead the key elsewhere by a redirect", async () => {
    let elsewhere = 0;
    const location = await serverOn(() => {
      elsewhere++;
      return { status: 200, body: "{}" };
    });
    const url = await serverOn(() => ({ status: 307, body: "", headers: { location } }));
    const found = violationsOf(await play(targetAt(url, { allowPaid: 1000 })));
    expect(elsewhere).toBe(0);
    expect(found.join("\n")).toContain(`expected a success; it points to ${location} and was not followed`);
  });

  it("may close each connection without announcing it, which is a note and no violation", async () => {
    const closing = CONFORMING.find(({ id }) => id === "connections once");
    const provider = await startProvider(things.document, { fault: closing });
    closers.push(() => provider.close());
    const target = targetAt(provider.url, { allowPaid: 1000 });
    expect(violationsOf(await play(target))).toEqual([]);
    expect(target.notes.filter((note) => note.includes("Connection: close"))).toHaveLength(1);
  });

  it("may limit its rate: the suite waits as long as it says", async () => {
    let asked = 0;
    const url = await serverOn(() => {
      asked++;
      return { status: asked === 1 ? 429 : 200, body: "[]", headers: { "retry-after": "0", "x-total": "0" } };
    });
    const cases = things.cases.filter((one) => one.request.method === "GET").slice(0, 1);
    const [result] = await runCases(things, cases, targetAt(url));
    expect(result?.outcome).toBe("conforms");
    expect(asked).toBe(2);
  });
});
