/** `dispatcherFetch()` step by step, over a dispatcher that the test plays; undici's own are in `undici.test.ts`. */
import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import type { DispatchOptions, Handler } from "../dispatcher.js";
import { dispatcherFetch } from "../dispatcher-fetch.js";
import type { LightFetch } from "../light-fetch.js";

/** A dispatcher whose every step the test takes itself. */
class Stage {
  readonly asked: DispatchOptions[] = [];
  readonly aborts: unknown[] = [];
  resumed = 0;
  readonly fetch: LightFetch = dispatcherFetch({
    dispatch: (options: object, handler: object) => {
      this.asked.push(options as DispatchOptions);
      this.#handler = handler as Handler;
      return true;
    },
  });
  #handler: Handler | undefined;

  get handler(): Handler {
    if (this.#handler === undefined) throw new Error("Nothing was dispatched.");
    return this.#handler;
  }

  connect(): void {
    this.handler.onConnect((reason) => this.aborts.push(reason));
  }

  head(status: number, ...headers: string[]): void {
    const raw = headers.map((field) => Buffer.from(field));
    this.handler.onHeaders(status, raw, () => void this.resumed++, "Said");
  }
}

const posted = (init: object): RequestInit => ({ method: "POST", duplex: "half", ...init }) as RequestInit;
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A body that says what became of it. */
function watched(): { readonly body: ReadableStream<Uint8Array>; readonly cancelled: unknown[] } {
  const cancelled: unknown[] = [];
  const body = new ReadableStream<Uint8Array>(
    { pull: (to) => to.enqueue(bytesOf("piece")), cancel: (reason) => void cancelled.push(reason) },
    { highWaterMark: 0 },
  );
  return { body, cancelled };
}

describe("what is no dispatcher", () => {
  it("is refused when the transport is made", () => {
    expect(() => dispatcherFetch({} as never)).toThrow(/undici/);
    expect(() => dispatcherFetch(undefined as never)).toThrow(/undici/);
  });

  it("or throws, leaves no listener and no open body behind", async () => {
    const broken = dispatcherFetch({
      dispatch: () => {
        throw Object.assign(new Error("closed"), { code: "UND_ERR_CLOSED" });
      },
    });
    const { signal } = new AbortController();
    let cancelled = false;
    const body = new ReadableStream({
      cancel: () => {
        cancelled = true;
      },
    });
    const call = broken("http://127.0.0.1:9/", { method: "POST", body, signal, duplex: "half" } as RequestInit);
    await expect(call).rejects.toMatchObject({ name: "TransportError", code: "UND_ERR_CLOSED", connected: false });
    expect([getEventListeners(signal, "abort").length, cancelled]).toEqual([0, true]);
  });
});

describe("what the dispatcher is asked for", () => {
  it("is the URL's parts, the head and no deadline of undici's own", async () => {
    const stage = new Stage();
    void stage.fetch("https://a.test:8443/x/y?q=1#f", { method: "PATCH", headers: { "x-key": "k" }, body: "{}" });
    expect(stage.asked).toEqual([
      {
        origin: "https://a.test:8443",
        path: "/x/y?q=1",
        method: "PATCH",
        headers: ["x-key", "k", "accept", "*/*", "accept-encoding", "identity", "content-type", expect.any(String)],
        body: "{}",
        maxRedirections: 0,
        retryOptions: { maxRetries: 0, methods: [], statusCodes: [] },
        headersTimeout: 0,
        bodyTimeout: 0,
      },
    ]);
    void stage.fetch("http://b.test/");
    expect(stage.asked[1]).toMatchObject({ origin: "http://b.test", path: "/", method: "GET", body: null });
  });

  it.each<[name: string, init: object, length: string | undefined]>([
    ["a text: undici counts it", { body: "{}" }, undefined],
    ["bytes: undici counts them", { body: new Uint8Array(3), headers: { "content-length": "3" } }, undefined],
    ["a stream of a known length", { body: watched().body, headers: { "content-length": "5" } }, "5"],
    ["a stream of no known length", { body: watched().body }, undefined],
    ["no body", {}, undefined],
  ])("announces the length of %s", (_name, init, length) => {
    const stage = new Stage();
    void stage.fetch("http://a.test/", posted(init));
    const headers = stage.asked[0]?.headers ?? [];
    const at = headers.indexOf("content-length");
    expect(at < 0 ? undefined : headers[at + 1]).toBe(length);
    expect(headers.length % 2).toBe(0);
  });

  it("is refused for another protocol, and nothing is dispatched", async () => {
    const stage = new Stage();
    await expect(stage.fetch("ftp://a.test/")).rejects.toThrow("ftp: URLs are not fetched.");
    expect(stage.asked).toEqual([]);
  });
});

describe("an answer over a dispatcher", () => {
  it("that is small is whole at its end, whether anyone reads or not", async () => {
    const stage = new Stage();
    const { signal } = new AbortController();
    const call = stage.fetch("http://a.test/", { signal });
    stage.connect();
    stage.head(201, "content-length", "5", "x-one", "1");
    const response = await call;
    expect([response.status, response.statusText, response.headers.get("x-one")]).toEqual([201, "Said", "1"]);
    expect([stage.handler.onData(bytesOf("he")), stage.handler.onData(bytesOf("llo"))]).toEqual([true, true]);
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
    stage.handler.onComplete();
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
    expect([await response.text(), stage.aborts, stage.resumed]).toEqual(["hello", [], 0]);
  });

  it("without a body takes nothing in and bears whatever else comes", async () => {
    const stage = new Stage();
    const call = stage.fetch("http://a.test/");
    stage.connect();
    stage.head(204);
    const response = await call;
    expect([response.body, stage.handler.onData(bytesOf("x"))]).toEqual([null, true]);
    stage.handler.onError(new Error("late"));
    stage.handler.onComplete();
    expect([await response.text(), stage.aborts]).toEqual(["", []]);
  });

  it("frees a request's body that is not all sent", async () => {
    const stage = new Stage();
    const { body, cancelled } = watched();
    const call = stage.fetch("http://a.test/", posted({ body }));
    stage.connect();
    expect(cancelled).toEqual([]);
    stage.head(413, "content-length", "0");
    expect(cancelled).toMatchObject([{ message: "The server answered before it had read the request." }]);
    expect((await call).status).toBe(413);
  });

  it("that redirects is refused, and its connection given up", async () => {
    const stage = new Stage();
    const { body, cancelled } = watched();
    const call = stage.fetch("http://a.test/", posted({ body }));
    stage.connect();
    stage.head(307, "location", "http://b.test/");
    const refused = { name: "TransportError", code: "ERR_REDIRECT", connected: true };
    await expect(call).rejects.toMatchObject({ ...refused, message: expect.stringContaining("307") as string });
    expect([stage.aborts, cancelled]).toMatchObject([[refused], [refused]]);
    const manual = stage.fetch("http://a.test/", { redirect: "manual" });
    stage.connect();
    stage.head(307, "content-length", "0");
    expect([(await manual).status, stage.aborts.length]).toEqual([307, 1]);
  });

  it.each([
    ["small", "5"],
    ["large", "999999"],
  ])("that is %s and fails tells its reader", async (_name, length) => {
    const stage = new Stage();
    const call = stage.fetch("http://a.test/");
    stage.connect();
    stage.head(200, "content-length", length);
    const response = await call;
    stage.handler.onData(bytesOf("he"));
    stage.handler.onError(Object.assign(new Error("cut"), { code: "UND_ERR_SOCKET" }));
    await expect(response.text()).rejects.toMatchObject({
      name: "TransportError",
      code: "UND_ERR_SOCKET",
      connected: true,
      message: "cut",
    });
  });

  it("that nobody wants any more is given up while it comes, and left alone once it is here", async () => {
    for (const complete of [false, true]) {
      const stage = new Stage();
      const call = stage.fetch("http://a.test/");
      stage.connect();
      stage.head(200);
      const response = await call;
      stage.handler.onData(bytesOf("he"));
      if (complete) stage.handler.onComplete();
      await response.body?.cancel();
      expect(stage.aborts).toMatchObject(complete ? [] : [{ message: "The answer is not wanted any more." }]);
    }
  });

  it("that is read to its end is not given up", async () => {
    const stage = new Stage();
    const call = stage.fetch("http://a.test/");
    stage.connect();
    stage.head(200);
    const text = (await call).text();
    await new Promise((resolve) => setImmediate(resolve));
    stage.handler.onData(bytesOf("he"));
    stage.handler.onComplete();
    expect([await text, stage.aborts]).toEqual(["he", []]);
    expect(stage.resumed).toBeGreaterThan(0);
  });
});

describe("a failure over a dispatcher", () => {
  it.each([false, true])("before the answer says whether a connection stood: %s", async (connected) => {
    const stage = new Stage();
    const { body, cancelled } = watched();
    const call = stage.fetch("http://a.test/", posted({ body }));
    if (connected) stage.connect();
    const cause = new Error("gone");
    stage.handler.onError(cause);
    await expect(call).rejects.toMatchObject({ code: "ERR_TRANSPORT", connected, message: "gone", cause });
    expect(cancelled).toEqual([cause]);
  });
});

describe("an abort over a dispatcher", () => {
  it("before a connection rejects at once, and ends the request when one stands", async () => {
    const stage = new Stage();
    const controller = new AbortController();
    const { body, cancelled } = watched();
    const call = stage.fetch("http://a.test/", posted({ body, signal: controller.signal }));
    const enough = new Error("enough");
    controller.abort(enough);
    await expect(call).rejects.toBe(enough);
    expect([stage.aborts, cancelled]).toEqual([[], [enough]]);
    stage.connect();
    expect(stage.aborts).toEqual([enough]);
  });

  it.each([
    ["small", "5"],
    ["large", "999999"],
  ])("while a %s answer comes ends it with the caller's reason", async (_name, length) => {
    const stage = new Stage();
    const controller = new AbortController();
    const call = stage.fetch("http://a.test/", { signal: controller.signal });
    stage.connect();
    stage.head(200, "content-length", length);
    const response = await call;
    const enough = new Error("enough");
    controller.abort(enough);
    // As undici does for a request that was ended.
    stage.handler.onError(new Error("aborted"));
    await expect(response.text()).rejects.toBe(enough);
    expect(stage.aborts).toEqual([enough]);
  });
});
