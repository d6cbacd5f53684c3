import { writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { tempFolder } from "../../../src/test-support/temp-folder.js";
import { CONFORMING } from "../../proof/faults/conforming.js";
import { faultsFor } from "../../proof/faults/faults.js";
import type { ProviderFault } from "../../proof/provider/provider.js";
import { playFault } from "../../proof/provider-faults.js";
import { harReport } from "../../report/har.js";
import type { Result } from "../../run/run.js";
import type { SuiteReport } from "../../run/suite.js";
import { judgeTraffic } from "../../traffic/traffic.js";
import { contract as command } from "../command.js";
import { FIELDS } from "../fields.js";
import { contract } from "./page.js";

const folder = tempFolder("traffic-");

function written(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** The cases on a provider, recorded by the suite's own report. */
async function recording(fault?: ProviderFault): Promise<string> {
  const results: Result[] = [];
  for await (const result of playFault(contract, fault)) results.push(result);
  return written("exchanges.har", harReport({ results } as unknown as SuiteReport));
}

async function judged(...args: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
  let output = "";
  const writer = { write: (text: string | Uint8Array) => (output += text) };
  const code = await command(["--only", "upscaler-precision", "--traffic", ...args], {
    ...{ env: {}, stdout: writer, stderr: writer },
  });
  return { code, output };
}

const LONG = process.env.LONG_TESTS === "1";
/** One exchange does not show these: the key's value is not recorded, or it takes another exchange to know. */
const UNSEEN: readonly string[] = [
  "takes any key",
  "takes a key cut short",
  "ignores the key's case",
  "refuses the key",
  "accepts other paths",
  "404 for its own ids",
];

describe("Recorded traffic", () => {
  for (const provider of [undefined, ...(LONG ? CONFORMING : [])])
    it(`is clean from a provider that ${provider?.what ?? "has no fault"}, but for what the requests do wrong`, async () => {
      const { causes, judged: count } = await judgeTraffic(contract, await recording(provider));
      expect(count).toBeGreaterThan(100);
      expect(causes.some(({ check }) => check === "request")).toBe(true);
      expect(
        causes.filter(({ check, message }) => check !== "request" && !message.startsWith("of the request")),
      ).toEqual([]);
    });

  const faults = faultsFor(FIELDS).filter(({ id, shows }) => !UNSEEN.includes(id) && !shows.includes("flow"));
  for (const fault of faults.filter((_, index) => LONG || index % 20 === 0))
    it(`shows that a provider ${fault.what}`, async () => {
      const { causes } = await judgeTraffic(contract, await recording(fault));
      expect(causes.map(({ check }) => check).filter((check) => fault.shows.includes(check))).not.toEqual([]);
    });
});

const TASK = "/v1/ai/image-upscaler-precision/046b6c7f-0b8a-43b9-b35d-6489e6daee91";
const KEY = "a-key-that-nobody-may-see";
const body = (id: unknown): object => ({ data: { task_id: id, status: "COMPLETED", generated: [] } });
const exchange = (path: string, answer: object, status = 200): string =>
  JSON.stringify({
    request: { method: "GET", url: `https://gateway.test${path}`, headers: { "x-magnific-api-key": KEY } },
    response: { status, headers: { "content-type": "application/json" }, body: answer },
  });
const good = exchange(TASK, body("046b6c7f-0b8a-43b9-b35d-6489e6daee91"));

describe("The command on a file of lines", () => {
  it("passes what conforms, and tells of unknown paths once", async () => {
    const other = exchange("/of/another/service", {});
    const { code, output } = await judged(written("good.ndjson", [good, other, other, good].join("\n")));
    expect(output).toMatch(/2 exchanges were judged.*2 exchanges are of paths.*another\/service, line 2\)/s);
    expect(code).toBe(0);
  });

  it("groups what does not by its cause, with count and places, and tells no key and nothing of a body", async () => {
    const bad = exchange(TASK, body("private-7"));
    const { code, output } = await judged(written("bad.ndjson", [good, bad, bad].join("\n")));
    expect(code).toBe(1);
    expect(output).toMatch(/✗ schema · .*task_id must match format "uuid"\n {4}2 times; first: line 2, line 3\n/);
    expect(output).not.toMatch(/private-7|a-key-that/);
  });

  it("takes fields that the document does not know as --undeclared says", async () => {
    const file = written("more.ndjson", exchange(TASK, { ...body("046b6c7f-0b8a-43b9-b35d-6489e6daee91"), extra: 1 }));
    expect(await judged(file)).toMatchObject({ code: 0, output: expect.stringContaining("• undeclared field") });
    expect((await judged(file, "--undeclared", "fail")).code).toBe(1);
  });

  it.each([
    ["a broken line", "broken.ndjson", `${good}\n{"request": `, /line 2 is not valid JSON/],
    ["an archive that ends early", "cut.har", `{"log":{"entries":[${good},${good.slice(0, 40)}`, /inside entry 2/],
    ["another file", "other.har", '{"entries":[]}', /no list at log\.entries/],
    ["no exchange at all", "none.har", '{"log":{"entries":[]}}', /0 exchanges were judged/],
  ])("says with exit code 2 where it met %s", async (_, name, text, told) => {
    const { code, output } = await judged(written(name, text));
    expect(output).toMatch(told);
    expect(code).toBe(2);
  });

  it.runIf(LONG)("judges 100,000 exchanges at flat memory, and prints how long that takes", async () => {
    const file = join(folder, "large.har");
    const handle = await open(file, "w");
    await handle.write('{"log":{"entries":[');
    for (let index = 0; index < 100; index++) await handle.write(`${`${good},`.repeat(1_000)}`);
    await handle.write(`${good}]}}`);
    await handle.close();
    await judgeTraffic(contract, written("warm.ndjson", good));
    const [before, begun] = [process.memoryUsage().rss, performance.now()];
    expect((await judgeTraffic(contract, file)).judged).toBe(100_001);
    console.log(`100,001 exchanges in ${Math.round((performance.now() - begun) / 100) / 10} s`);
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
  });
});
