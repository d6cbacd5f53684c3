// @tests RetryOptions, PollOptions, ResultOptions, CallOptions, SubmitOptions, UpscaleOptions
import { describe, expect, it, vi } from "vitest";
import { KEY_HEADER } from "../../generated/default.js";
import { Magnific } from "../client.js";
import type { MagnificOptions } from "../options.js";
import { memoryTaskStore } from "../store/task-store.js";
import { TASK_ID } from "../test-support/client-context.js";
import { type Loopback, loopback, type Serve } from "../test-support/loopback.js";
import { pngOf } from "../test-support/png.js";
import { clientOf, DEADLINES, json, script, task } from "../test-support/provider.js";
import { SteppingTime } from "../test-support/stepping-time.js";

const image = pngOf(200);

describe("an option of retrying", () => {
  const busy = (headers?: Record<string, string>): Serve => json({}, 503, headers);

  it("minDelay and maxDelay: bound the pauses", async () => {
    const server = await loopback(busy());
    const { magnific, time } = clientOf(server, { retry: { limit: 4, minDelay: 100, maxDelay: 300 } });
    await magnific.tasks().catch(() => undefined);
    expect(time.pauses).toEqual([50, 100, 150, 150]);
  });

  it("maxRetryAfter: is the longest pause that the provider may ask for", async () => {
    const server = await loopback(busy({ "retry-after": "100" }));
    await expect(clientOf(server).magnific.tasks()).rejects.toMatchObject({ attempts: 1, retryAfter: 100 });
    await expect(clientOf(server, { retry: { maxRetryAfter: 100_000 } }).magnific.tasks()).rejects.toMatchObject({
      attempts: 3,
    });
  });

  it("total: ends the retries", async () => {
    const server = await loopback(busy({ "retry-after": "10" }));
    const { magnific } = clientOf(server, { retry: { limit: 9, total: 25_000 } }, [25_000, 15_000, 5_000]);
    await expect(magnific.tasks()).rejects.toMatchObject({ attempts: 3 });
  });
});

describe("an option of polling", () => {
  async function pausesOf(poll: MagnificOptions["poll"], count: number): Promise<readonly number[]> {
    const server = await loopback(task("CREATED"));
    const { magnific, time } = clientOf(server, { poll, rate: false });
    const waiting = (await magnific.submit({ image })).wait().catch(() => undefined);
    await vi.waitFor(() => expect(time.pauses.length).toBeGreaterThanOrEqual(count));
    time.expire();
    await waiting;
    return time.pauses.slice(0, count);
  }

  it("first: is the pause before the first poll", async () => expect(await pausesOf({ first: 700 }, 1)).toEqual([700]));
  it("factor: lengthens each pause", async () =>
    expect(await pausesOf({ first: 100, factor: 3 }, 3)).toEqual([100, 300, 900]));
  it("max: bounds the pauses", async () =>
    expect(await pausesOf({ first: 100, factor: 3, max: 200 }, 3)).toEqual([100, 200, 200]));

  it("jitter: varies the pauses by its share", async () => {
    const server = await loopback(task("CREATED"));
    const time = new SteppingTime(DEADLINES);
    time.random = () => 1;
    const { magnific } = clientOf(server, { poll: { first: 100, jitter: 0.5 }, time });
    const waiting = (await magnific.submit({ image })).wait().catch(() => undefined);
    await vi.waitFor(() => expect(time.pauses.length).toBeGreaterThan(0));
    time.expire();
    await waiting;
    expect(time.pauses[0]).toBe(150);
  });

  it("timeout: ends the wait", async () => {
    const server = await loopback(task("CREATED"));
    const time = new SteppingTime([...DEADLINES, 777]);
    const { magnific } = clientOf(server, { poll: { timeout: 777 }, time, rate: false });
    const waiting = magnific.task(TASK_ID).wait();
    await vi.waitFor(() => expect(server.requests.length).toBeGreaterThan(0));
    time.expire();
    await expect(waiting).rejects.toMatchObject({ code: "wait_timeout", message: expect.stringMatching(/777 ms/) });
  });
});

describe("an option of results", () => {
  const png = pngOf(5_000);
  const serve =
    (origin: () => string): Serve =>
    (response, _n, request) => {
      if (request.url === "/result.png") response.end(png);
      else
        json({ data: { task_id: TASK_ID, status: "COMPLETED", generated: [`${origin()}/result.png`] } })(
          response,
          0,
          request,
        );
    };

  it("hosts: are fetched from, besides the base URL's own", async () => {
    const elsewhere = await loopback((response) => response.end(png));
    const server = await loopback(serve(() => elsewhere.origin));
    const refused = await clientOf(server).magnific.task(TASK_ID).wait();
    await expect(refused.images[0].bytes()).rejects.toMatchObject({ code: "result_refused" });
    const allowed = await clientOf(server, { results: { hosts: [new URL(elsewhere.origin).host] } })
      .magnific.task(TASK_ID)
      .wait();
    expect((await allowed.images[0].bytes()).byteLength).toBe(5_000);
    expect(elsewhere.requests[0]?.headers).not.toHaveProperty(KEY_HEADER);
  });

  it("maxBytes: bounds a result", async () => {
    const server: Loopback = await loopback(serve(() => server.origin));
    const done = await clientOf(server, { results: { maxBytes: 4_999 } })
      .magnific.task(TASK_ID)
      .wait();
    await expect(done.images[0].bytes()).rejects.toMatchObject({ code: "download_failed" });
  });
});

describe("an option of a call", () => {
  it("timeout: is that of its attempts", async () => {
    const server = await loopback(() => undefined);
    const magnific = new Magnific({ apiKey: "key", baseUrl: server.origin });
    await expect(magnific.tasks({ timeout: 30, retry: 0 })).rejects.toMatchObject({
      code: "timeout",
      message: expect.stringMatching(/30 ms/),
    });
    await expect(magnific.tasks({ timeout: -1 })).rejects.toMatchObject({ code: "configuration" });
  });

  it("retry: is how often it is retried", async () => {
    const server = await loopback(json({}, 500));
    await expect(clientOf(server).magnific.tasks({ retry: 1 })).rejects.toMatchObject({ attempts: 2 });
  });

  it("store: false sends whatever the client's store knows, and another one knows something else", async () => {
    const server = await loopback(task("CREATED"));
    const { magnific } = clientOf(server, { store: memoryTaskStore() });
    await magnific.submit({ image });
    await magnific.submit({ image }, { store: false });
    await magnific.submit({ image }, { store: memoryTaskStore() });
    expect(server.requests.length).toBe(3);
  });

  it("submit: is how an upscale is sent, while the other options are of its wait", async () => {
    const server = await loopback(json({}, 429));
    await expect(clientOf(server).magnific.upscale({ image }, { submit: { retry: 0 } })).rejects.toMatchObject({
      attempts: 1,
    });
    const quick = await loopback(script(task("CREATED"), task("COMPLETED", ["https://magnific.com/x.png"])));
    const seen: string[] = [];
    const done = await clientOf(quick).magnific.upscale(
      { image },
      { onStatus: ({ status }) => void seen.push(status) },
    );
    expect([done.status, seen]).toEqual(["COMPLETED", ["COMPLETED"]]);
  });
});

describe("an option that cannot work", () => {
  const call = { signal: 5, timeout: 0, retry: -1 };
  const wait = { signal: {}, timeout: "60", webhook: 5, onStatus: 5 };
  const each = (options: object): never[] =>
    [...Object.entries(options).map(([name, value]) => ({ [name]: value })), 5, null] as never[];
  const rejected = async (work: () => Promise<unknown>): Promise<object> => {
    try {
      await work();
    } catch (error) {
      return error as object;
    }
    return {};
  };

  it("of a submit ends it before anything is sent, as its error says", async () => {
    const server = await loopback(task("CREATED"));
    const { magnific } = clientOf(server);
    const error = { code: "configuration", submission: "not_sent" };
    const submit = { ...call, beforeSend: 5, store: 5 };
    for (const options of each(submit))
      expect(await rejected(() => magnific.submit({ image }, options)), JSON.stringify(options)).toMatchObject(error);
    // Within `submit` there is no signal: it is that of the whole.
    const sending = each({ ...submit, signal: undefined }).filter((one) => one === 5 || (one && !("signal" in one)));
    for (const options of [...each(wait), ...sending.map((one) => ({ submit: one }))])
      expect(
        await rejected(() => magnific.upscale({ image }, options as never)),
        JSON.stringify(options),
      ).toMatchObject(error);
    expect(server.requests).toEqual([]);
  });

  it("of what reads ends it too, with the task where there is one", async () => {
    const server = await loopback(task("COMPLETED", ["https://magnific.com/x.png"]));
    const { magnific } = clientOf(server);
    const handle = magnific.task(TASK_ID);
    for (const options of each(call)) {
      expect(await rejected(() => magnific.tasks(options))).toMatchObject({ code: "configuration" });
      expect(await rejected(() => magnific.digest({ image }, options))).toMatchObject({ code: "configuration" });
      expect(await rejected(() => handle.get(options))).toMatchObject({ code: "configuration", taskId: TASK_ID });
    }
    const statuses = async (options: never): Promise<void> => {
      for await (const _ of handle.statuses(options)) return;
    };
    const error = { code: "configuration", taskId: TASK_ID };
    for (const options of each(wait)) {
      expect(await rejected(() => handle.wait(options)), JSON.stringify(options)).toMatchObject(error);
      expect(await rejected(() => statuses(options)), JSON.stringify(options)).toMatchObject(error);
    }
    expect(server.requests).toEqual([]);
  });
});
