/** What one GET for a result says, and which redirects it follows. */
import { expect, it, onTestFinished, vi } from "vitest";
import type { ResultSettings } from "../context.js";
import { discard, requestResult } from "../request.js";

const SETTINGS: ResultSettings = { hosts: ["freepik.com"], origin: "https://api.magnific.com", maxBytes: 1 };
const FIRST = new URL("https://cdn.freepik.com/a/b.png");
const FACTS = { taskId: "t" };

interface Asked {
  readonly url: string;
  readonly init: RequestInit;
}

/** A fetch that gives one answer after the other, and notes what it was asked for. */
function answering(...answers: readonly Response[]): { fetch: typeof globalThis.fetch; asked: Asked[] } {
  const asked: Asked[] = [];
  const fetch = (url: string, init: RequestInit): Promise<Response> => {
    asked.push({ url, init });
    return Promise.resolve(answers[asked.length - 1] ?? new Response("image"));
  };
  return { fetch: fetch as typeof globalThis.fetch, asked };
}

const { signal } = new AbortController();
const request = (fetch: typeof globalThis.fetch) =>
  requestResult(fetch, SETTINGS, FIRST, { accept: "image/*" }, signal, FACTS);
const to = (location: string, status = 302): Response => new Response("moved", { status, headers: { location } });

it("says nothing of the caller, and has no redirect followed behind its back", async () => {
  const { fetch, asked } = answering();
  const { response, url } = await request(fetch);
  expect([await response.text(), url]).toEqual(["image", FIRST]);
  expect(asked).toEqual([
    {
      url: FIRST.href,
      init: {
        credentials: "omit",
        referrerPolicy: "no-referrer",
        cache: "no-store",
        headers: { accept: "image/*" },
        signal,
        redirect: "manual",
      },
    },
  ]);
});

it("leaves out the fields that a runtime refuses", async () => {
  vi.stubGlobal(
    "Request",
    class {
      constructor(_url: string, { cache, credentials }: RequestInit) {
        if (cache !== undefined || credentials !== undefined) throw new TypeError("not implemented");
      }
    },
  );
  onTestFinished(() => void vi.unstubAllGlobals());
  const { fetch, asked } = answering();
  await request(fetch);
  expect(asked[0]?.init).toEqual({
    referrerPolicy: "no-referrer",
    headers: { accept: "image/*" },
    signal,
    redirect: "manual",
  });
});

it.each([301, 302, 303, 307, 308])(
  "follows a %i, read against the URL it comes from, and lets go of its body",
  async (status) => {
    const first = to("../c.png", status);
    const { fetch, asked } = answering(first, to("https://other.freepik.com/d.png", status));
    const { url } = await request(fetch);
    expect(url.href).toBe("https://other.freepik.com/d.png");
    expect(asked.map((each) => each.url)).toEqual([FIRST.href, "https://cdn.freepik.com/c.png", url.href]);
    for (const { init } of asked) expect(init).toEqual(asked[0]?.init);
    expect(await first.text().catch(() => "gone")).not.toBe("moved");
  },
);

it.each([300, 304, 305, 306, 309])("takes a %i for an answer", async (status) => {
  const headers = { location: "https://evil.example/" };
  const { fetch, asked } = answering(new Response(null, { status, headers }));
  expect((await request(fetch)).response.status).toBe(status);
  expect(asked).toHaveLength(1);
});

it("follows three redirects and no more", async () => {
  const hops = [to("/1"), to("/2"), to("/3")];
  expect((await request(answering(...hops).fetch)).url.pathname).toBe("/3");
  const { fetch, asked } = answering(...hops, to("/4"));
  await expect(request(fetch)).rejects.toMatchObject({
    code: "download_failed",
    taskId: "t",
    message: "The result redirects more than 3 times.",
  });
  expect(asked).toHaveLength(4);
});

it("asks nobody whom a redirect names who is not allowed", async () => {
  const { fetch, asked } = answering(to("/1"), to("https://evil.example/x.png", 307));
  await expect(request(fetch)).rejects.toMatchObject({
    code: "result_refused",
    taskId: "t",
    status: 307,
    message: expect.stringMatching(/^The result redirects to a URL that is not fetched: its host evil.example .+\.$/),
  });
  expect(asked).toHaveLength(2);
});

it("refuses a redirect whose place is not told", async () => {
  const opaque = Object.defineProperty(new Response(null), "type", { value: "opaqueredirect" });
  for (const [answer, status] of [
    [new Response(null, { status: 301 }), 301],
    [opaque, 200],
  ] as const)
    await expect(request(answering(answer).fetch)).rejects.toMatchObject({
      code: "result_refused",
      taskId: "t",
      status,
      message: "The result redirects, and where to cannot be seen.",
    });
});

it("passes on what fetch rejects with", async () => {
  const reason = new TypeError("fetch failed");
  await expect(request((() => Promise.reject(reason)) as typeof globalThis.fetch)).rejects.toBe(reason);
});

it("an answer is let go of, whatever its body says to that", async () => {
  let cancelled = 0;
  const bodyOf = (cancel: () => void): Response => new Response(new ReadableStream({ cancel }));
  await discard(bodyOf(() => void cancelled++));
  expect(cancelled).toBe(1);
  const fail = (): never => {
    throw new Error("cannot");
  };
  await expect(discard(bodyOf(fail))).resolves.toBeUndefined();
  await expect(discard(new Response(null))).resolves.toBeUndefined();
});
