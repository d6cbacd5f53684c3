import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  ManualTime,
  type Sandbox,
  type SandboxFault,
  type SandboxFaultKind,
  type SandboxOptions,
  startSandbox,
} from "../index.js";
import { call, entries, finished, look, PROBLEM, submit, TASKS, temporaryFolder, until } from "./requests.js";

const QUICK = { upscaler: "echo", lifeCycle: "immediate" } satisfies SandboxOptions;

/** Both ways to reach a sandbox: the faults look the same. */
const WAYS = [
  ["over HTTP", {}],
  ["with sandbox.fetch", { port: false }],
] as const;

const get = (sandbox: Sandbox, init: RequestInit = {}): Promise<Response> =>
  (sandbox.url.endsWith("localhost") ? sandbox.fetch : fetch)(sandbox.url + TASKS, {
    headers: { "x-magnific-api-key": sandbox.key },
    ...init,
  });

/** What a body shows until it ends, and how that is. */
async function read(response: Response): Promise<[text: string, end: string]> {
  let text = "";
  try {
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk as Uint8Array).toString();
    return [text, "complete"];
  } catch (error) {
    return [text, (error as Error).name];
  }
}

describe.each(WAYS)("A fault %s", (_, way) => {
  const start = (...faults: SandboxFault[]): Promise<Sandbox> => startSandbox({ ...QUICK, ...way, faults });

  it("of kind reset cuts the connection, before the submit counts or after it", async () => {
    await using sandbox = await start({ kind: "reset" }, { kind: "reset", handled: true });
    await expect(submit(sandbox)).rejects.toMatchObject({ cause: { code: "ECONNRESET" } });
    expect(sandbox.counts).toMatchObject({ submits: 1, paid: 0 });
    await expect(submit(sandbox)).rejects.toMatchObject({ cause: { code: "ECONNRESET" } });
    expect(sandbox.counts).toMatchObject({ submits: 2, paid: 1, faults: 2 });
    expect(entries(sandbox, "request").at(-1)).toMatchObject({ status: 0, fault: "reset" });
    expect((await submit(sandbox)).status).toBe(200);
  });

  it.each([0, 5, 9999])("of kind reset cuts the response after %i bytes", async (afterBytes) => {
    await using sandbox = await start({ kind: "reset", afterBytes });
    const response = await get(sandbox);
    expect([response.status, response.headers.get("content-length")]).toEqual([200, "11"]);
    expect((await read(response))[0]).toBe('{"data":[]}'.slice(0, afterBytes));
  });

  it("of kind stall sends nothing, or stops within the response, until the client gives up", async () => {
    await using sandbox = await start({ kind: "stall" }, { kind: "stall", afterBytes: 3 });
    const patience = new AbortController();
    const unanswered = get(sandbox, { signal: patience.signal });
    await until(() => sandbox.log.length === 1);
    expect(sandbox.log[0]).toMatchObject({ status: 0, fault: "stall" });
    patience.abort(new Error("waited long enough"));
    await expect(unanswered).rejects.toThrow("waited long enough");
    const reader = (await get(sandbox)).body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('{"d');
    const more = reader?.read().then(
      () => "more",
      () => "ended",
    );
    const pause = new Promise((resolve) => setTimeout(() => resolve("silence"), 30));
    expect(await Promise.race([more, pause])).toBe("silence");
    await sandbox.close();
    expect(await more).toBe("ended");
  });

  it("of kind truncated sends the first half of the JSON, correctly framed", async () => {
    await using sandbox = await start({ kind: "truncated" });
    const response = await get(sandbox);
    expect([response.status, await read(response)]).toEqual([200, ['{"dat', "complete"]]);
  });

  it.each<[SandboxFaultKind, number, string | object, Record<string, string | null>?]>([
    [
      { kind: "html" },
      502,
      expect.stringMatching(/^<html>.*Bad Gateway.*<\/html>\n$/),
      { "content-type": "text/html" },
    ],
    [{ kind: "html", status: 200 }, 200, expect.stringContaining("<html>")],
    [{ kind: "error" }, 503, { message: "Service Unavailable. Please try again later." }],
    [{ kind: "error", status: 500 }, 500, { message: "Internal Server Error" }],
    [{ kind: "error", status: 418 }, 418, { message: "Status 418, as scripted" }],
    [{ kind: "error", status: 402, message: "no credits" }, 402, { message: "no credits" }],
    [{ kind: "error", status: 204 }, 204, ""],
    [
      { kind: "rate_limited" },
      429,
      { message: "Too many requests. Please slow down." },
      { "retry-after": "1", "x-ratelimit-limit": "50", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1" },
    ],
    [
      { kind: "rate_limited", retryAfter: "", reset: 30, message: "trial over" },
      429,
      { message: "trial over" },
      { "retry-after": null, "x-ratelimit-reset": "30" },
    ],
    [{ kind: "redirect" }, 302, "Moved\n", { location: "/moved", "content-type": "text/plain" }],
    [
      { kind: "redirect", status: 307, location: "https://example.com/" },
      307,
      "Moved\n",
      { location: "https://example.com/" },
    ],
  ])("%j is answered instead, and the submit did not happen", async (fault, status, body, headers = {}) => {
    await using sandbox = await start(fault);
    const reply = await submit(sandbox);
    expect([reply.status, reply.body || ""]).toEqual([status, body]);
    for (const [name, value] of Object.entries(headers)) expect([name, reply.headers.get(name)]).toEqual([name, value]);
    expect(sandbox.counts).toMatchObject({ paid: 0, faults: 1 });
  });
});

// @tests sandbox/SandboxOptions.faults
it("A fault of kind delay holds the response back, not the work", async () => {
  const time = new ManualTime();
  await using sandbox = await startSandbox({ ...QUICK, time, faults: [{ kind: "delay", ms: 5000 }] });
  const reply = submit(sandbox);
  await until(() => sandbox.tasks()[0]?.status === "COMPLETED" && time.pending === 2);
  time.advance(5000);
  expect((await reply).status).toBe(200);
});

it("A redirect rejects in sandbox.fetch where the client refuses redirects, as in fetch", async () => {
  await using sandbox = await startSandbox({ ...QUICK, port: false, faults: [{ kind: "redirect" }] });
  await expect(get(sandbox, { redirect: "error" })).rejects.toMatchObject({
    cause: { message: "unexpected redirect" },
  });
});

describe("A planned fault", () => {
  it("applies to the kind of request that it names, after and for as many as it says", async () => {
    await using sandbox = await startSandbox(QUICK);
    sandbox.fault({ kind: "error", on: "submit", skip: 1, times: 2 });
    sandbox.fault({ kind: "error", on: "list", status: 500 });
    sandbox.fault({ kind: "error", on: "result", status: 504 });
    sandbox.fault({ kind: "error", on: "read", status: 502 });
    const lists = [(await call(sandbox, TASKS)).status, (await call(sandbox, TASKS)).status];
    const submits: number[] = [];
    for (let count = 0; count < 4; count++) submits.push((await submit(sandbox)).status);
    expect([lists, submits]).toEqual([
      [500, 200],
      [200, 503, 503, 200],
    ]);
    const { id = "", generated = [] } = sandbox.tasks()[0] ?? {};
    expect((await call(sandbox, `${TASKS}/${id}`)).status).toBe(502);
    expect((await look(sandbox, id)).status).toBe("COMPLETED");
    expect((await fetch(generated[0] ?? "")).status).toBe(504);
    expect((await (await fetch(generated[0] ?? "")).arrayBuffer()).byteLength).toBe(98);
  });

  it("for any request spares the page and unknown paths, and several apply in their order", async () => {
    await using sandbox = await startSandbox({ ...QUICK, port: false });
    sandbox.fault({ kind: "error", status: 501, times: 2 });
    sandbox.fault({ kind: "error", status: 502, on: "submit" });
    sandbox.fault({ kind: "error", status: 503 });
    const paths = ["/", "/unknown", TASKS, TASKS, TASKS, TASKS];
    const seen: number[] = [];
    for (const path of paths) seen.push((await call(sandbox, path)).status);
    expect(seen).toEqual([200, 404, 501, 501, 503, 200]);
    expect((await submit(sandbox)).status).toBe(502);
  });
});

describe("A fault in the header of a request", () => {
  it("is a name or JSON, applies to this request, and is handled first where it says so or must be", async () => {
    await using sandbox = await startSandbox({ ...QUICK, port: false });
    const send = (value: string) => submit(sandbox, undefined, { "x-sandbox-fault": value });
    const paid: number[] = [];
    for (const value of [
      " html ",
      "redirect",
      "rate_limited",
      '{"kind":"error","handled":false}',
      '{"kind":"error","handled":true}',
      ' {"kind":"delay","ms":0}',
      "truncated",
      '{"kind":"reset","afterBytes":1}',
      "reset",
    ]) {
      await send(value).catch(() => undefined);
      paid.push(sandbox.counts.paid);
    }
    expect([paid, sandbox.counts.faults]).toEqual([[0, 0, 0, 0, 1, 2, 3, 4, 4], 9]);
    expect((await finished(sandbox)).status).toBe("COMPLETED");
  });
});

it.each<[unknown, string]>([
  ["earthquake", 'A fault needs a "kind": reset, stall, truncated, html, error, rate_limited, redirect, delay.'],
  ["toString", 'needs a "kind"'],
  ["delay", 'A fault of kind "delay" needs "ms".'],
  ["{", "JSON"],
  [{}, 'needs a "kind"'],
  [
    { kind: "error", statuss: 500 },
    'A fault of kind "error" has no field "statuss". It has: kind, status, message, on',
  ],
  [{ kind: "error", reset: 1 }, 'has no field "reset"'],
  [{ kind: "error", on: "page" }, '"on" of a fault must be one of submit, read, list, result, any.'],
  [{ kind: "error", status: 199 }, '"status" of a fault must be a number from 200 to 599.'],
  [{ kind: "html", status: 600 }, '"status" of a fault must be a number from 200 to 599.'],
  ...[-1, "1", null].flatMap((value): [unknown, string][] =>
    [{ times: value }, { skip: value }, { afterBytes: value }].map((field) => [
      { kind: "stall", ...field },
      `"${Object.keys(field)[0]}" of a fault must be a number of at least 0.`,
    ]),
  ),
])("%j is refused as a fault, in a header by its name and in the code by a RangeError", async (value, message) => {
  await using sandbox = await startSandbox({ ...QUICK, port: false });
  const header = typeof value === "string" ? value : JSON.stringify(value);
  const { status, body } = await submit(sandbox, undefined, { ...PROBLEM, "x-sandbox-fault": header });
  const params = [{ name: "x-sandbox-fault", reason: expect.stringContaining(message) }];
  expect([status, body]).toMatchObject([400, { problem: { invalid_params: params } }]);
  expect(sandbox.counts).toMatchObject({ paid: 0, faults: 0 });
  if (typeof value !== "object") return;
  expect(() => sandbox.fault(value as SandboxFault)).toThrow(RangeError);
  await expect(startSandbox({ ...QUICK, faults: [value as SandboxFault] })).rejects.toMatchObject({
    code: "invalid_option",
    message: expect.stringContaining(message),
  });
});

it("An image that cannot be read is answered with 500, and only the log says why", async () => {
  const folder = await temporaryFolder();
  await using sandbox = await startSandbox({ ...QUICK, folder });
  const url = (await finished(sandbox)).generated[0] ?? "";
  const images = join(folder, "images");
  const name = (await readdir(images)).find((each) => each.endsWith(".result")) ?? "";
  await rm(join(images, name));
  await mkdir(join(images, name));
  expect(await (await fetch(url)).json()).toEqual({ message: "Internal Server Error" });
  expect(entries(sandbox, "request").at(-1)).toMatchObject({ status: 500, reason: expect.stringContaining("EISDIR") });
});
