/** A marked key and a marked image go through every error and every path; neither may be seen anywhere but on the wire. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Magnific } from "../client.js";
import { MagnificError } from "../errors/magnific-error.js";
import { imageFile } from "../files/image-file.js";
import * as entry from "../index.js";
import type { MagnificOptions } from "../options.js";
import { memoryTaskStore, type TaskStore } from "../store/task-store.js";
import { TASK_ID } from "../test-support/client-context.js";
import { freePort, loopback } from "../test-support/loopback.js";
import { pngOf } from "../test-support/png.js";
import { SteppingTime } from "../test-support/stepping-time.js";
import { VirtualTime } from "../test-support/virtual-time.js";

const KEY = "MARKED-key-0123456789";
const MARK = "MARKED-image";
const image = pngOf(3_000, 64, 48, MARK.repeat(40));
const MARKS = [KEY, encodeURIComponent(KEY), "MARKED", ...encodings(MARK)];

/** The mark as it looks inside base64, wherever it begins. */
function encodings(mark: string): string[] {
  return ["", "x", "xx"].map((before) =>
    Buffer.from(before + mark)
      .toString("base64")
      .slice(4, -4),
  );
}

/** Everything that a program could print of a value. */
function printed(value: unknown): string {
  return `${inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxStringLength: null, maxArrayLength: null })}\n${JSON.stringify(value) ?? ""}\n${String(value)}`;
}

function expectClean(value: unknown, what: string): void {
  const text = printed(value);
  for (const mark of MARKS) expect(text.includes(mark), `${what} shows ${mark}`).toBe(false);
}

const console_: string[] = [];
beforeEach(() => {
  for (const name of ["log", "info", "warn", "error", "debug"] as const)
    vi.spyOn(console, name).mockImplementation((...all) => void console_.push(inspect(all, { depth: null })));
});
afterEach(() => {
  vi.restoreAllMocks();
  expectClean(console_, "the console");
});

/** Answers with what was sent: key, image and all, as the most careless server would. */
function parrot(status: number, headers: Record<string, string> = {}) {
  return (response: ServerResponse, _n: number, request: IncomingMessage): void => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const message = `The key ${request.headers["x-magnific-api-key"]} sent ${Buffer.concat(chunks).toString("latin1")}`;
      const body = { message, problem: { message, invalid_params: [{ name: message, reason: message }] } };
      response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
    });
  };
}

const answers =
  (body: unknown) =>
  (response: ServerResponse, _n: number, request: IncomingMessage): void => {
    request.resume();
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
const task = (status: string, generated: unknown = []) => answers({ data: { task_id: TASK_ID, status, generated } });
const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

type Serve = Parameters<typeof loopback>[0];
const events: unknown[] = [];
async function client(serve: Serve | "nobody", options: MagnificOptions = {}): Promise<Magnific> {
  const baseUrl = serve === "nobody" ? `http://127.0.0.1:${await freePort()}` : (await loopback(serve)).origin;
  const note = (event: unknown): void => void events.push(event);
  return new Magnific({
    apiKey: KEY,
    baseUrl,
    retry: 0,
    time: new SteppingTime([60_000, 1_800_000, 600_000, 30_000]),
    onRequest: note,
    onResponse: note,
    onRetry: note,
    onContractViolation: note,
    ...options,
  });
}
const submit = async (serve: Serve | "nobody", options?: MagnificOptions, signal?: AbortSignal): Promise<unknown> =>
  failure((await client(serve, options)).submit({ image }, { signal }));
const broken = (part: keyof TaskStore): TaskStore => ({
  ...memoryTaskStore(),
  [part]: () => Promise.reject(Object.assign(new Error(`no room for ${KEY}`), { body: image })),
});
const expired = (): AbortSignal => AbortSignal.abort(new Error("enough"));

/** How each error is brought about, by its class. */
const PROVOKED: Readonly<Record<string, () => Promise<unknown>>> = {
  AbortedError: () => submit(task("CREATED"), {}, expired()),
  ApiError: () => submit(parrot(418)),
  AuthenticationError: () => submit(parrot(401)),
  BadRequestError: () => submit(parrot(400)),
  ConfigurationError: () => submit(task("CREATED"), { apiKey: () => `${KEY}\n` }),
  ConnectionError: () => submit("nobody"),
  CreditsExhaustedError: () => submit(parrot(402)),
  EmptyResultError: async () => failure((await client(task("COMPLETED"))).task(TASK_ID).get()),
  FileError: () => failure(imageFile("/there/is/no/such.png")),
  ForbiddenError: () => submit(parrot(403)),
  ImageReadError: async () => {
    const source = {
      replayable: false,
      async *open() {
        yield image;
        throw Object.assign(new Error(`${KEY} ${Buffer.from(image).toString("base64")}`), { image, key: KEY });
      },
    };
    return failure((await client(task("CREATED"))).submit({ image: source }));
  },
  InvalidRequestError: async () => {
    const request = { image: Buffer.from(image).toString("base64url"), sharpen: KEY, webhook_url: KEY } as never;
    return failure((await client(task("CREATED"))).submit(request));
  },
  NotFoundError: async () => failure((await client(parrot(404))).task(TASK_ID).get()),
  PayloadTooLargeError: () => submit(parrot(413)),
  RateLimitError: () => submit(parrot(429)),
  RedirectError: () => submit(parrot(307, { location: "https://example.com/" })),
  ResultError: async () => {
    const done = await (await client(task("COMPLETED", ["https://example.com/x.png"]))).task(TASK_ID).wait();
    return failure(done.images[0].bytes());
  },
  ServerError: () => submit(parrot(500)),
  StoreError: () => submit(task("CREATED"), { store: broken("begin") }),
  SubmissionUnknownError: async () => {
    const magnific = await client(parrot(500), { store: memoryTaskStore() });
    await failure(magnific.submit({ image }));
    return failure(magnific.submit({ image }));
  },
  SubmitLimitError: async () => {
    const reserve = async () => ({ used: 1, where: KEY });
    return submit(task("CREATED"), { maxSubmits: 1, store: { ...memoryTaskStore(), reserve } });
  },
  TaskFailedError: async () => failure((await client(task("FAILED"))).task(TASK_ID).wait()),
  TimeoutError: async () => {
    const time = new SteppingTime([60_000]);
    return submit(() => setTimeout(() => time.expire(), 5), { time });
  },
  UnexpectedResponseError: () => submit(parrot(200)),
  WaitTimeoutError: async () => {
    const time = new SteppingTime([60_000, 1_800_000]);
    const magnific = await client(
      (...all) => {
        task("CREATED")(...all);
        setTimeout(() => time.expire(), 5);
      },
      { time },
    );
    return failure(magnific.task(TASK_ID).wait());
  },
  WebhookError: async () => {
    const magnific = await client(task("CREATED"), { webhooks: { secret: KEY } });
    return failure(magnific.webhooks.unwrap({ headers: {}, body: image }));
  },
};

const classes = Object.entries(entry)
  .filter(([, value]) => typeof value === "function" && value.prototype instanceof MagnificError)
  .map(([name]) => name);

describe("an error shows neither key nor image", () => {
  it.each(classes)("%s", async (name) => {
    const provoke = PROVOKED[name];
    if (provoke === undefined) throw new Error(`no way to bring about a ${name} is known here`);
    const error = await provoke();
    expect((error as Error).constructor.name).toBe(name);
    expect(error).toBeInstanceOf(MagnificError);
    expectClean(error, name);
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({
      code: (error as MagnificError).code,
      message: (error as Error).message,
    });
  });
});

it("an error does not show a key that came back as the exchange's id", async () => {
  events.length = 0;
  const error = await submit(parrot(400, { "x-request-id": `id-${KEY}` }));
  expect(error).toMatchObject({ code: "bad_request" });
  expect((error as MagnificError).requestId).toBeUndefined();
  expectClean([error, events], "the error, or a hook");
});

describe.each([
  ["as it is", KEY],
  ["as base64", btoa(KEY)],
  ["as base64 without padding", btoa(KEY).replace(/=+$/, "")],
  ["in a URL", encodeURIComponent(KEY)],
])("a key that is echoed %s", (_name, form) => {
  const url = `https://results.magnific.com/${form}.png`;
  const data = { task_id: TASK_ID, status: "CREATED", generated: [] };
  it.each<[string, unknown, number?]>([
    ["a status", { data: { ...data, status: form } }],
    ["a task id", { data: { ...data, task_id: form } }],
    ["a task id of a refusal", { data: { ...data, task_id: form }, message: form }, 500],
    ["a result's URL", { data: { ...data, status: "COMPLETED", generated: [url] } }],
    ["a result's URL of another host", { data: { ...data, status: "COMPLETED", generated: [`https://${form}.test`] } }],
    ["a field's name and value", { data: { ...data, task_id: 7, [form]: form } }],
    ["a message", { message: form, invalid_params: [{ name: form, reason: form }] }, 400],
  ])("in %s is not shown, nor told to a hook", async (_place, body, status = 200) => {
    const time = new VirtualTime();
    const told: unknown[] = [];
    const note = (event: unknown): void => void told.push(event);
    const fetch = async (address: unknown): Promise<Response> =>
      String(address).includes("results") ? new Response("no", { status: 404 }) : Response.json(body, { status });
    const hooks = { onRequest: note, onResponse: note, onRetry: note, onContractViolation: note };
    const magnific = new Magnific({ apiKey: KEY, fetch, time, ...hooks });
    const upscaled = magnific.upscale({ image }, { timeout: 20_000 }).then(({ images: [first] }) => first.bytes());
    const error = await time.until(failure(upscaled));
    expect(error).toBeInstanceOf(MagnificError);
    for (const text of [printed(error), printed(told)]) expect(text).not.toContain(form);
  });
});

it.each(["text/plain", "text/html"])(
  "an error shows no part of a key that stands where a page is cut (%s)",
  async (type) => {
    for (let before = 150; before < 200; before++) {
      const page = `${"a ".repeat(100).slice(0, before - 1)} ${KEY} and more`;
      const error = await submit((response) => response.writeHead(502, { "content-type": type }).end(page));
      expect(error).toMatchObject({ code: "server_error" });
      expectClean(error, `the error with ${before} letters before the key`);
    }
  },
);

describe("a failing fetch that tells everything it knows", () => {
  it("tells it to nobody", async () => {
    const fetch = async (_url: unknown, init: RequestInit = {}): Promise<Response> => {
      await new Response(init.body).arrayBuffer();
      const cause = Object.assign(new Error(`invalid header value: ${KEY}`), {
        code: "UND_ERR_INVALID_ARG",
        config: init,
      });
      throw Object.assign(
        new TypeError(`fetch failed with ${JSON.stringify(Object.fromEntries(new Headers(init.headers)))}`, { cause }),
        { init },
      );
    };
    const magnific = await client("nobody", { fetch });
    for (const work of [magnific.submit({ image }), magnific.tasks(), magnific.task(TASK_ID).get()].map(failure)) {
      const error = await work;
      expect(error).toMatchObject({ code: "connection_lost" });
      expectClean(error, "the error");
    }
  });
});

it("hooks, the client, its handles and its answers show neither", async () => {
  events.length = 0;
  const magnific = await client(
    (response, n, request) => (n === 0 ? parrot(429) : task("CREATED"))(response, n, request),
    { retry: 2 },
  );
  const handle = await magnific.submit({ image });
  expect(events.length).toBeGreaterThanOrEqual(5);
  for (const value of [events, magnific, magnific.api, magnific.webhooks, handle, await handle.get()])
    expectClean(value, "a value");
});

it("the key goes with no redirect and to no result, and the image to neither", async () => {
  const elsewhere = await loopback((response) => response.end(pngOf(100)));
  const target = elsewhere.origin;
  for (const status of [301, 302, 303, 307, 308]) {
    const magnific = await client(parrot(status, { location: `${target}/stolen` }));
    const works = [
      magnific.submit({ image }),
      magnific.tasks(),
      magnific.task(TASK_ID).get(),
      magnific.api.GET("/v1/ai/image-upscaler-precision"),
    ].map(failure);
    for (const error of await Promise.all(works))
      expect(error, String(status)).toMatchObject({ code: "redirect_refused" });
  }
  expect(elsewhere.requests).toEqual([]);
  const done = await (
    await client(task("COMPLETED", [`${target}/x.png`]), { results: { hosts: [new URL(target).host] } })
  )
    .task(TASK_ID)
    .wait();
  await done.images[0].bytes();
  expect(elsewhere.requests.length).toBe(1);
  expectClean(elsewhere.requests, "the request for a result");
});
