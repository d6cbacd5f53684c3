/** What one GET for a result says, and which redirects it follows. */
import { expect, it, onTestFinished, vi } from "vitest";
import { TASK_ID } from "../../test-support/client-context.js";
import { pngOf } from "../../test-support/png.js";
import { resultBy } from "./result-of.js";

const FIRST = "https://cdn.freepik.com/a/b.png";
const IMAGE = pngOf(1000);

/** Downloads from a fetch that gives one response after the other, then the image; notes what it is called with. */
async function request(...responses: readonly Response[]) {
  const asked: { url: string; init: RequestInit }[] = [];
  const image = await resultBy(
    async (url, init) => {
      asked.push({ url, init });
      return responses[asked.length - 1] ?? new Response(IMAGE);
    },
    {},
    FIRST,
  );
  const outcome = await image.bytes({ retry: 0 }).catch((error: unknown) => error);
  return { outcome, asked, urls: asked.map(({ url }) => url) };
}
const to = (location: string, status = 302): Response => new Response("moved", { status, headers: { location } });
const INIT = {
  credentials: "omit",
  referrerPolicy: "no-referrer",
  cache: "no-store",
  headers: { accept: "*/*", "accept-encoding": "identity" },
  signal: expect.any(AbortSignal),
  redirect: "manual",
};

it("says nothing of the caller, and has no redirect followed behind its back", async () => {
  const { outcome, asked } = await request();
  expect(outcome).toEqual(IMAGE);
  expect(asked).toEqual([{ url: FIRST, init: INIT }]);
});

it("leaves out the fields that a runtime refuses", async () => {
  const Actual = Request;
  class Picky extends Actual {
    constructor(input: string | Request, init: RequestInit = {}) {
      if (init.cache !== undefined || init.credentials !== undefined) throw new TypeError("not implemented");
      super(input, init);
    }
  }
  vi.stubGlobal("Request", Picky);
  onTestFinished(() => void vi.unstubAllGlobals());
  const { cache, credentials, ...left } = INIT;
  expect((await request()).asked[0]?.init).toEqual(left);
});

it.each([301, 302, 303, 307, 308])(
  "follows a %i, read against the URL it comes from, and discards its body",
  async (status) => {
    const first = to("../c.png", status);
    const { urls, asked } = await request(first, to("https://other.freepik.com/d.png", status));
    expect(urls).toEqual([FIRST, "https://cdn.freepik.com/c.png", "https://other.freepik.com/d.png"]);
    for (const { init } of asked) expect(init).toEqual(INIT);
    expect(await first.text().catch(() => "gone")).not.toBe("moved");
  },
);

it.each([300, 304, 305, 306, 309])("does not follow a %i", async (status) => {
  const headers = { location: "https://evil.example/" };
  const { urls, outcome } = await request(new Response(null, { status, headers }));
  expect(outcome).toMatchObject({ code: "download_failed", status });
  expect(urls).toEqual([FIRST]);
});

it("follows three redirects and no more", async () => {
  const hops = () => [to("/1"), to("/2"), to("/3")];
  expect((await request(...hops())).urls.at(-1)).toBe("https://cdn.freepik.com/3");
  const { outcome, urls } = await request(...hops(), to("/4"));
  expect(outcome).toMatchObject({ code: "download_failed", summary: "The result redirects more than 3 times." });
  expect(urls).toHaveLength(4);
});

it("does not request what a redirect names and is not allowed", async () => {
  const { outcome, urls } = await request(to("/1"), to("https://evil.example/x.png", 307));
  expect(outcome).toMatchObject({
    code: "result_refused",
    taskId: TASK_ID,
    status: 307,
    summary: expect.stringMatching(/^The result redirects to a URL that is not fetched: its host evil.example .+\.$/),
  });
  expect(urls).toHaveLength(2);
});

it("refuses a redirect whose target is not stated", async () => {
  const opaque = Object.defineProperty(new Response(null), "type", { value: "opaqueredirect" });
  for (const [response, status] of [
    [new Response(null, { status: 301 }), 301],
    [opaque, 200],
  ] as const)
    expect((await request(response)).outcome).toMatchObject({
      code: "result_refused",
      status,
      summary: "The result redirects, but the response does not say where.",
    });
});

it("discards a body, whatever that ends in", async () => {
  let cancelled = 0;
  const redirecting = (cancel: () => void): Response =>
    new Response(new ReadableStream({ cancel }), { status: 302, headers: { location: "/1" } });
  const fail = (): never => {
    throw new Error("cannot");
  };
  expect(
    (
      await request(
        redirecting(() => void cancelled++),
        redirecting(fail),
      )
    ).outcome,
  ).toEqual(IMAGE);
  expect(cancelled).toBe(1);
});
