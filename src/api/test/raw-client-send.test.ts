/** One request of the raw door, by the platform's Request and by a light one: where it goes, how it ends, what comes back. */
import { describe, expect, it } from "vitest";
import { ConfigurationError } from "../../errors/configuration-error.js";
import type { MagnificOptions } from "../../options.js";
import { rejection } from "../../test-support/rejection.js";
import { settle, VirtualTime } from "../../test-support/virtual-time.js";
import { LightRequest } from "../../transport/light-request.js";
import { createApi } from "../raw-client.js";

const PATH = "/v1/ai/image-upscaler-precision";
const ORIGIN = "http://127.0.0.1:9";
const TIMEOUT = 700;
type Answer = () => Response | Promise<Response>;
const ok: Answer = () => Response.json({ data: [] });
const never: Answer = () => new Promise(() => {});
/** Its body begins and does not end. */
const endless: Answer = () => new Response(new ReadableStream(), { status: 200 });

interface Sent {
  readonly request: Request;
  readonly init: RequestInit;
}

function door(light: boolean, answer: Answer, options: MagnificOptions = {}) {
  const sent: Sent[] = [];
  const time = new VirtualTime();
  const plain = async (request: Request, init: RequestInit): Promise<Response> => {
    sent.push({ request, init });
    return answer();
  };
  const fetch = (light ? Object.assign(plain, { LightRequest }) : plain) as typeof globalThis.fetch;
  const api = createApi({ apiKey: "key-1", baseUrl: ORIGIN, timeout: TIMEOUT, fetch, time, ...options });
  return { api, sent, time };
}

describe.each([
  ["the platform's", false],
  ["a light", true],
] as const)("%s request", (_, light) => {
  it("is of that kind, carries the key, and follows no redirect whatever the call asked for", async () => {
    const { api, sent } = door(light, ok, { keyHeader: "x-other" });
    await api.GET(PATH, { redirect: "follow" });
    await api.GET(PATH, { headers: { "x-other": "theirs" } });
    for (const { request, init } of sent) {
      expect(request instanceof LightRequest).toBe(light);
      expect([request.url, request.method]).toEqual([`${ORIGIN}${PATH}`, "GET"]);
      expect(request.headers.get("x-other")).toBe("key-1");
      expect(init.redirect).toBe("error");
      // A light one hears whatever has a signal's events, which costs less than a signal.
      expect(init.signal instanceof AbortSignal).toBe(!light);
    }
    expect(sent.length).toBe(2);
  });

  it("takes its key of a function, each time, and ends with the error of one that fails", async () => {
    let asked = 0;
    const { api, sent } = door(light, ok, { apiKey: async () => `key-${++asked}` });
    await api.GET(PATH);
    await api.GET(PATH);
    expect(sent.map(({ request }) => request.headers.get("x-magnific-api-key"))).toEqual(["key-1", "key-2"]);
    const own = door(light, ok, { apiKey: () => " " });
    expect(await rejection(own.api.GET(PATH), Error)).toBeInstanceOf(ConfigurationError);
    expect([own.sent, own.time.pending]).toEqual([[], 0]);
  });

  it("goes to no other origin, and says which operation would have", async () => {
    for (const baseUrl of [
      "http://127.0.0.1:99",
      "http://127.0.0.1",
      "https://127.0.0.1:9",
      "http://127.0.0.1.example:9",
      "http://127.0.0.2:9",
    ]) {
      const { api, sent, time } = door(light, ok);
      const error = await rejection(api.GET(PATH, { baseUrl, params: { query: { secret: 1 } as never } }), Error);
      expect(error).toBeInstanceOf(ConfigurationError);
      expect((error as Error).message).toBe(
        `GET ${PATH} goes to another origin than \`baseUrl\`: the key and the image do not.`,
      );
      expect([sent, time.delays]).toEqual([[], []]);
    }
  });

  it("goes to its own origin however that is written", async () => {
    for (const baseUrl of [ORIGIN, "HTTP://127.0.0.1:9", "http://127.0.0.1:09", "http://127.1:9", `${ORIGIN}/below`]) {
      const { api, sent } = door(light, ok);
      expect((await api.GET(PATH, { baseUrl })).data).toEqual({ data: [] });
      expect(sent.length).toBe(1);
    }
  });

  it("that is answered with a redirect fails, with the status where there is one", async () => {
    for (const status of [300, 301, 302, 303, 307, 308, 399]) {
      const { api, time } = door(light, () => new Response(null, { status, headers: { location: "/x" } }));
      const error = await rejection(api.GET(PATH), Error);
      expect(error).toMatchObject({ code: "redirect_refused", status, operation: `GET ${PATH}` });
      expect((error as Error).message).toBe(
        `GET ${PATH} was answered with a redirect, which is never followed: the key goes to \`baseUrl\` only.`,
      );
      expect(time.pending).toBe(0);
    }
    const opaque = await rejection(door(light, () => Response.error()).api.GET(PATH), Error);
    expect(opaque).toMatchObject({ code: "redirect_refused", operation: `GET ${PATH}` });
    expect(opaque).not.toHaveProperty("status");
  });

  it("gives up the body of a redirect, and does not mind how that ends", async () => {
    let cancelled = 0;
    const body = new ReadableStream({
      cancel: () => {
        cancelled += 1;
        throw new Error("cannot");
      },
    });
    const error = await rejection(door(light, () => new Response(body, { status: 302 })).api.GET(PATH), Error);
    expect(error).toMatchObject({ code: "redirect_refused", status: 302 });
    await settle();
    expect(cancelled).toBe(1);
  });

  it("that a fetch refuses to redirect fails alike, and every other error is passed on as it is", async () => {
    const refused = new TypeError("fetch failed", { cause: new Error("unexpected redirect") });
    const error = await rejection(door(light, () => Promise.reject(refused)).api.GET(PATH), Error);
    expect(error).toMatchObject({ code: "redirect_refused", operation: `GET ${PATH}` });
    expect(error).not.toHaveProperty("status");
    const lost = new TypeError("fetch failed", { cause: new Error("other side closed") });
    const own = new ConfigurationError("no redirect here");
    for (const one of [lost, own]) {
      const { api, time } = door(light, () => Promise.reject(one));
      expect(await rejection(api.GET(PATH), Error)).toBe(one);
      expect(time.pending).toBe(0);
    }
  });

  it("ends at the deadline, wherever it hangs", async () => {
    for (const [answer, options, begun] of [
      [never, {}, 1],
      [endless, {}, 1],
      [ok, { apiKey: (): Promise<string> => new Promise(() => {}) }, 0],
    ] as const) {
      const { api, sent, time } = door(light, answer, options);
      const working = rejection(api.POST(PATH, { body: { image: "AAAA" } }), Error);
      await time.advance(TIMEOUT - 1);
      expect(sent[0]?.init.signal?.aborted ?? false).toBe(false);
      await time.advance(1);
      const error = await working;
      expect(error).toMatchObject({ code: "timeout", operation: `POST ${PATH}` });
      expect((error as Error).message).toBe(`POST ${PATH} took longer than ${TIMEOUT} ms.`);
      expect([time.delays, time.pending, sent.length]).toEqual([[TIMEOUT], 0, begun]);
      for (const { init } of sent) expect(init.signal?.aborted).toBe(true);
    }
  });

  it("ends with its caller's signal and reason, and is not sent where that came first", async () => {
    for (const [answer, early, begun] of [
      [never, false, 1],
      [endless, false, 1],
      [ok, true, 0],
    ] as const) {
      const controller = new AbortController();
      const enough = new Error("enough");
      const { api, sent, time } = door(light, answer);
      if (early) controller.abort(enough);
      const working = rejection(api.GET(PATH, { signal: controller.signal }), Error);
      await settle();
      controller.abort(enough);
      expect(await working).toBe(enough);
      expect([sent.length, time.pending]).toEqual([begun, 0]);
    }
  });

  it("gives the answer with all that it says, its body in it", async () => {
    const headers = { "x-request-id": "r-1", "content-type": "application/json" };
    const said = new Response('{"message":"no"}', { status: 404, statusText: "Nothing", headers });
    const { api, time } = door(light, () => said);
    const { error, response } = await api.GET(PATH);
    expect(error).toEqual({ message: "no" });
    expect([response.status, response.statusText, response.headers.get("x-request-id")]).toEqual([
      404,
      "Nothing",
      "r-1",
    ]);
    expect([said.bodyUsed, time.pending]).toEqual([true, 0]);
  });

  it("gives an answer without a body, 304 included, as it is", async () => {
    for (const status of [204, 304]) {
      const said = new Response(null, { status });
      expect((await door(light, () => said).api.GET(PATH)).response).toBe(said);
    }
  });

  it("gives an answer that gathers its own body as it is, once it has it, within the deadline", async () => {
    let done = (): void => {};
    const gathered = new Promise<void>((resolve) => {
      done = resolve;
    });
    const said = Object.assign(Response.json({ data: [] }), { gathered });
    const { api } = door(light, () => said);
    let given: Response | undefined;
    const working = api.GET(PATH).then(({ response }) => {
      given = response;
    });
    await settle();
    expect(given).toBeUndefined();
    done();
    await working;
    expect(given).toBe(said);
    const stuck = door(light, () => Object.assign(Response.json({}), { gathered: new Promise(() => {}) }));
    const failing = rejection(stuck.api.GET(PATH), Error);
    await stuck.time.advance(TIMEOUT);
    expect(await failing).toMatchObject({ code: "timeout" });
  });
});
