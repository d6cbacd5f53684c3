import { describe, expect, it } from "vitest";
import { type Fault, ManualTime, type Sandbox, type SandboxOptions, startSandbox } from "../index.js";
import { finished, submit, TASKS, talk, until } from "./talk.js";

const QUICK = { upscaler: "echo", lifeCycle: "immediate" } satisfies SandboxOptions;

async function start(...faults: Fault[]): Promise<Sandbox> {
  return await startSandbox({ ...QUICK, faults });
}

/** The code of the network error that a request ended in. */
async function failure(request: Promise<unknown>): Promise<string> {
  const error = await request.then(
    () => undefined,
    (reason: unknown) => reason as Error,
  );
  const cause = error?.cause as { code?: string } | undefined;
  return cause?.code ?? error?.message ?? "no failure";
}

describe("a fault", () => {
  it("reset: cuts the connection, before the submit counts or after", async () => {
    await using sandbox = await start({ kind: "reset" }, { kind: "reset", handled: true });
    expect(await failure(submit(sandbox))).toBe("ECONNRESET");
    expect(sandbox.counts).toMatchObject({ submits: 1, paid: 0 });
    expect(await failure(submit(sandbox))).toBe("ECONNRESET");
    expect(sandbox.counts).toMatchObject({ submits: 2, paid: 1, faults: 2 });
    expect(sandbox.log.findLast((entry) => entry.event === "request")).toMatchObject({ status: 0, fault: "reset" });
    expect((await submit(sandbox)).status).toBe(200);
  });

  it("reset with afterBytes: cuts within the answer", async () => {
    await using sandbox = await start({ kind: "reset", afterBytes: 5 });
    const response = await fetch(sandbox.url + TASKS, { headers: { "x-magnific-api-key": sandbox.key } });
    expect(response.status).toBe(200);
    const reader = response.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('{"dat');
    await expect(reader?.read()).rejects.toThrow();
  });

  it("stall: answers nothing, or stops within, for as long as the client waits", async () => {
    await using sandbox = await start({ kind: "stall" }, { kind: "stall", afterBytes: 3 });
    const enough = new AbortController();
    const unanswered = failure(talk(sandbox, TASKS, { signal: enough.signal }));
    await until(() => sandbox.counts.faults === 1);
    setTimeout(() => enough.abort(new Error("waited long enough")), 40);
    expect(await unanswered).toMatch(/long enough/);
    const response = await fetch(sandbox.url + TASKS, { headers: { "x-magnific-api-key": sandbox.key } });
    const reader = response.body?.getReader();
    expect((await reader?.read())?.value).toHaveLength(3);
    const more = reader?.read().catch(() => "ended");
    const pause = new Promise((resolve) => setTimeout(() => resolve("silence"), 40));
    expect(await Promise.race([more, pause])).toBe("silence");
  });

  it("truncated: sends the first half of the JSON, well framed", async () => {
    await using sandbox = await start({ kind: "truncated" });
    const response = await fetch(sandbox.url + TASKS, { headers: { "x-magnific-api-key": sandbox.key } });
    expect([response.status, await response.text()]).toEqual([200, '{"dat']);
  });

  it("html: answers as an edge does", async () => {
    await using sandbox = await start({ kind: "html" }, { kind: "html", status: 200 });
    const replies = [await talk(sandbox, TASKS), await talk(sandbox, TASKS)];
    expect(replies.map((reply) => reply.status)).toEqual([502, 200]);
    expect(replies[0]?.headers.get("content-type")).toBe("text/html");
    expect(replies[0]?.body).toContain("Bad Gateway");
  });

  it("error: answers with a status and a message", async () => {
    await using sandbox = await start(
      { kind: "error" },
      { kind: "error", status: 500 },
      { kind: "error", status: 402, message: "no credits" },
    );
    const replies = [await submit(sandbox), await submit(sandbox), await submit(sandbox)];
    expect(replies.map(({ status, body }) => [status, body])).toEqual([
      [503, { message: "Service Unavailable. Please try again later." }],
      [500, { message: "Internal Server Error" }],
      [402, { message: "no credits" }],
    ]);
    expect(sandbox.counts.paid).toBe(0);
  });

  it("rate_limited: answers 429 with the headers wanted", async () => {
    await using sandbox = await start(
      { kind: "rate_limited" },
      { kind: "rate_limited", retryAfter: "", reset: 30, message: "trial over" },
    );
    const [first, second] = [await talk(sandbox, TASKS), await talk(sandbox, TASKS)];
    expect([first.status, first.headers.get("retry-after"), first.headers.get("x-ratelimit-reset")]).toEqual([
      429,
      "1",
      "1",
    ]);
    expect([second.headers.get("retry-after"), second.headers.get("x-ratelimit-reset")]).toEqual([null, "30"]);
    expect(second.body).toEqual({ message: "trial over" });
  });

  it("redirect: sends elsewhere", async () => {
    await using sandbox = await start(
      { kind: "redirect" },
      { kind: "redirect", status: 307, location: "https://example.com/" },
    );
    const [first, second] = [await submit(sandbox), await submit(sandbox)];
    expect([first.status, first.headers.get("location")]).toEqual([302, "/moved"]);
    expect([second.status, second.headers.get("location")]).toEqual([307, "https://example.com/"]);
  });

  // @tests sandbox/SandboxOptions.faults
  it("delay: holds the answer back, not the work", async () => {
    const time = new ManualTime();
    await using sandbox = await startSandbox({ ...QUICK, time, faults: [{ kind: "delay", ms: 5000 }] });
    const reply = submit(sandbox);
    await until(() => sandbox.tasks()[0]?.status === "COMPLETED" && time.pending === 2);
    time.advance(5000);
    expect((await reply).status).toBe(200);
  });

  it("meets the kind of request it names, so often, and after so many", async () => {
    await using sandbox = await start();
    sandbox.fault({ kind: "error", on: "submit", skip: 1, times: 2 });
    sandbox.fault({ kind: "error", on: "list", status: 500 });
    sandbox.fault({ kind: "error", on: "result", status: 504 });
    sandbox.fault({ kind: "error", on: "read", status: 502 });
    expect((await talk(sandbox, TASKS)).status).toBe(500);
    expect((await talk(sandbox, TASKS)).status).toBe(200);
    const submits: number[] = [];
    for (let count = 0; count < 4; count++) submits.push((await submit(sandbox)).status);
    expect(submits).toEqual([200, 503, 503, 200]);
    const task = sandbox.tasks()[0];
    expect((await talk(sandbox, `${TASKS}/${task?.id}`)).status).toBe(502);
    expect((await fetch(task?.generated[0] ?? "")).status).toBe(504);
    const result = await fetch(task?.generated[0] ?? "");
    expect([result.status, (await result.arrayBuffer()).byteLength]).toEqual([200, 98]);
  });

  it("can be asked for by the request itself", async () => {
    await using sandbox = await start();
    const header = (value: string): RequestInit => ({ headers: { "x-sandbox-fault": value } });
    expect((await talk(sandbox, TASKS, header("html"))).status).toBe(502);
    expect((await talk(sandbox, TASKS, header('{"kind":"error","status":507}'))).status).toBe(507);
    const misspelt = ['{"kind":"error","statuss":500}', '{"kind":"error","on":"submits"}'];
    for (const wrong of ["earthquake", "delay", "{", '{"kind":"error","status":"x"}', ...misspelt]) {
      expect((await talk(sandbox, TASKS, header(wrong))).status).toBe(400);
    }
    expect((await finished(sandbox)).status).toBe("COMPLETED");
  });
});
