/** Every way a call can go wrong × every call × every moment the caller can give up: requests, error, and nothing left. */
import { Agent } from "undici";
import { afterAll, describe, expect, it } from "vitest";
import { dispatcherFetch } from "../api/dispatcher-fetch.js";
import { Magnific } from "../client.js";
import type { MagnificError, Submission } from "../errors/magnific-error.js";
import type { ImageSource } from "../image/source.js";
import type { MagnificOptions } from "../options.js";
import { TASK_ID } from "../test-support/client-context.js";
import { countedSignal, freePort, until } from "../test-support/loopback.js";
import { pngOf } from "../test-support/png.js";
import { SteppingTime } from "../test-support/stepping-time.js";
import { type Connection, tcpServer } from "../test-support/tcp-server.js";

type Operation = "submit" | "get" | "list";

/** @param held Where the caller may give up; goes on otherwise. @param expire Lets the attempt's deadline pass. */
type Play = (connection: Connection, held: () => Promise<void>, expire: () => void) => Promise<void>;

interface Fault {
  readonly name: string;
  /** What the server does with a connection. `"nobody"`: there is no server. */
  readonly play: Play | "nobody";
  readonly submit: Expected;
  readonly read: Expected;
  /** Bytes of image, where it matters. */
  readonly imageBytes?: number;
  readonly only?: readonly Operation[];
  /** So early that a client may still know that nothing was sent: then it may try again. */
  readonly early?: boolean;
}

interface Expected {
  /** Requests that the server saw. */
  readonly requests: number;
  readonly name?: string;
  readonly code?: string;
  readonly submission?: Submission;
  readonly status?: number;
  readonly retryAfter?: number;
}

/** The clock's start, and the milliseconds that no pause has, so that the clock knows the deadline. */
const START = Date.UTC(2026, 0, 1);
const TIMEOUT = 59_999;

/** The first request and, by default, two repetitions. */
const ALL = 3;

/** Sends an answer and closes: connections that stay open would hide those that should not. */
function answer(status: number, body: string | Uint8Array = "", headers: Record<string, string> = {}): Play {
  return async (connection, held) => {
    await wholeRequest(connection);
    await held();
    const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
    const all = {
      "content-type": "application/json",
      "content-length": String(bytes.byteLength),
      connection: "close",
      ...headers,
    };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    connection.socket.write(`HTTP/1.1 ${status} X\r\n${lines.join("")}\r\n`);
    connection.socket.end(bytes);
  };
}

async function wholeRequest(connection: Connection): Promise<void> {
  await connection.until((all) => {
    const end = all.indexOf("\r\n\r\n");
    if (end < 0) return false;
    const length = /content-length: (\d+)/i.exec(all.slice(0, end))?.[1] ?? "0";
    return all.length >= end + 4 + Number(length);
  });
}

const head = (connection: Connection): Promise<void> => connection.until((all) => all.includes("\r\n\r\n"));
const never = new Promise<void>(() => {});

/** A fault after which nobody knows: a read is repeated, a submit never. */
function lost(name: string, play: Fault["play"]): Fault {
  const error = { name: "ConnectionError", code: "connection_lost" };
  return { name, play, submit: { requests: 1, ...error, submission: "unknown" }, read: { requests: ALL, ...error } };
}

function stalled(name: string, play: Play): Fault {
  const error = { name: "TimeoutError", code: "timeout" };
  return {
    name,
    play,
    submit: { requests: 1, ...error, submission: "unknown" },
    read: { requests: ALL, ...error },
  };
}

function refused(
  status: number,
  name: string,
  code: string,
  body = '{"message":"no"}',
  headers?: Record<string, string>,
): Fault {
  const error = { requests: 1, name, code, status };
  return {
    name: `${status} ${code} ${body.slice(0, 40)}`,
    play: answer(status, body, headers),
    submit: { ...error, submission: "rejected" },
    read: error,
  };
}

function failing(status: number, name: string, code: string, body = '{"message":"no"}'): Fault {
  const error = { name, code, status };
  return {
    name: String(status),
    play: answer(status, body),
    submit: { ...error, requests: 1, submission: "unknown" },
    read: { ...error, requests: ALL },
  };
}

function limited(
  name: string,
  requests: number,
  retryAfter: number | undefined,
  headers: Parameters<typeof answer>[2],
): Fault {
  const error = {
    requests,
    name: "RateLimitError",
    code: "rate_limited",
    status: 429,
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
  return {
    name: `429 with Retry-After ${name}`,
    play: answer(429, '{"message":"slow down"}', headers),
    submit: { ...error, submission: "rejected" },
    read: error,
  };
}

function redirect(name: string, status: number, location: string): Fault {
  const error = { requests: 1, name: "RedirectError", code: "redirect_refused" };
  return {
    name: `${status} to ${name}`,
    play: answer(status, "", { location }),
    submit: { ...error, submission: "unknown" },
    read: error,
  };
}

function unusable(name: string, play: Fault["play"], only?: readonly Operation[]): Fault {
  const error = { requests: 1, name: "UnexpectedResponseError", code: "unexpected_response", status: 200 };
  return {
    name,
    play,
    submit: { ...error, submission: "unknown" },
    read: error,
    ...(only === undefined ? {} : { only }),
  };
}

const TASK = `{"data":{"task_id":"${TASK_ID}","status":"CREATED","generated":[]}}`;
const LIST = `{"data":[{"task_id":"${TASK_ID}","status":"CREATED"}]}`;

const FAULTS: readonly Fault[] = [
  {
    name: "refused connection",
    play: "nobody",
    submit: { requests: 0, name: "ConnectionError", code: "connection_failed", submission: "not_sent" },
    read: { requests: 0, name: "ConnectionError", code: "connection_failed" },
  },
  {
    ...lost("reset before the request is read", async ({ socket }, held) => {
      await held();
      socket.resetAndDestroy();
    }),
    early: true,
  },
  {
    ...lost("closed before the request is read", async ({ socket }, held) => {
      await held();
      socket.destroy();
    }),
    early: true,
  },
  lost("reset in the request", async (connection, held) => {
    await head(connection);
    await held();
    connection.socket.resetAndDestroy();
  }),
  lost("reset after the request", async (connection, held) => {
    await wholeRequest(connection);
    await held();
    connection.socket.resetAndDestroy();
  }),
  lost("reset in the answer's head", async (connection, held) => {
    await wholeRequest(connection);
    connection.socket.write("HTTP/1.1 200 OK\r\ncontent-le");
    await held();
    connection.socket.destroy();
  }),
  lost("reset in the answer's body", async (connection, held) => {
    await wholeRequest(connection);
    connection.socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{"data":');
    await held();
    connection.socket.end();
  }),
  stalled("stall before the answer's head", async (connection, held, expire) => {
    await wholeRequest(connection);
    await held();
    expire();
  }),
  stalled("stall in the answer's head", async (connection, held, expire) => {
    await wholeRequest(connection);
    connection.socket.write("HTTP/1.1 200 OK\r\ncontent-le");
    await held();
    expire();
  }),
  stalled("stall in the answer's body", async (connection, held, expire) => {
    await wholeRequest(connection);
    connection.socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{"data":');
    await held();
    expire();
  }),
  stalled("slow drip", async (connection, held, expire) => {
    await wholeRequest(connection);
    connection.socket.write("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n");
    await held();
    const timer = setInterval(() => connection.socket.write(" "), 2);
    setTimeout(expire, 10);
    connection.socket.on("close", () => clearInterval(timer));
  }),
  redirect("the same origin", 307, "/elsewhere"),
  redirect("another origin", 308, "https://example.com/"),
  redirect("the same origin, after which a GET would follow", 303, "/elsewhere"),
  redirect("nowhere", 302, ""),
  refused(400, "BadRequestError", "bad_request", '{"message":"Parameter \'page\' is not valid"}'),
  refused(
    400,
    "BadRequestError",
    "bad_request",
    '{"problem":{"message":"no","invalid_params":[{"name":"page","reason":"must be greater"}]}}',
    { "content-type": "application/problem+json" },
  ),
  refused(
    400,
    "BadRequestError",
    "bad_request",
    '{"message":"flat","invalid_params":[{"name":"page","reason":"must be greater"}]}',
    { "content-type": "application/problem+json" },
  ),
  refused(400, "BadRequestError", "bad_request", "", { "content-type": "text/plain" }),
  refused(401, "AuthenticationError", "authentication_failed"),
  refused(402, "CreditsExhaustedError", "credits_exhausted"),
  refused(403, "ForbiddenError", "forbidden"),
  refused(403, "ForbiddenError", "forbidden", "<html><title>Blocked</title></html>", { "content-type": "text/html" }),
  refused(404, "NotFoundError", "not_found", '{"message":"AI resource not found"}'),
  refused(418, "ApiError", "unexpected_status"),
  failing(408, "ApiError", "unexpected_status"),
  {
    name: "413 before the body is read",
    imageBytes: 6_000_000,
    only: ["submit"],
    play: async (connection, held) => {
      await head(connection);
      await held();
      connection.socket.write(
        "HTTP/1.1 413 X\r\ncontent-type: text/plain\r\ncontent-length: 9\r\nconnection: close\r\n\r\ntoo large",
      );
    },
    submit: {
      requests: 1,
      name: "PayloadTooLargeError",
      code: "payload_too_large",
      submission: "rejected",
      status: 413,
    },
    read: { requests: 0 },
  },
  limited("in seconds", ALL, 2, { "retry-after": "2" }),
  limited("as a date", ALL, 0, { "retry-after": new Date(START + 10_000).toUTCString() }),
  limited("that is absurdly long", 1, 99_999_999, { "retry-after": "99999999" }),
  limited("that is nonsense", ALL, undefined, { "retry-after": "soon" }),
  limited("absent", ALL, undefined, {}),
  limited("absent and a window that ends soon", ALL, undefined, {
    "x-ratelimit-limit": "50",
    "x-ratelimit-remaining": "0",
    "x-ratelimit-reset": "3",
  }),
  limited("absent and a window that ends late", 1, undefined, {
    "x-ratelimit-limit": "50",
    "x-ratelimit-remaining": "0",
    "x-ratelimit-reset": "3600",
  }),
  refused(
    429,
    "RateLimitError",
    "usage_limit_reached",
    '{"message":"You have reached the usage limit of your free trial"}',
  ),
  ...[500, 502, 503, 504].map((status) => failing(status, "ServerError", "server_error")),
  unusable("empty body", answer(200)),
  unusable("HTML", answer(200, "<!doctype html><title>Sorry</title>", { "content-type": "text/html" })),
  unusable("truncated JSON", answer(200, TASK.slice(0, 40))),
  unusable("JSON of a wrong type", answer(200, '{"data":7}')),
  unusable("null", answer(200, "null")),
  unusable("a task without an id", answer(200, '{"data":{"status":"CREATED","generated":[]}}'), ["submit"]),
  unusable(
    "a task whose id is a path",
    answer(200, '{"data":{"task_id":"../../x","status":"CREATED","generated":[]}}'),
    ["submit"],
  ),
  {
    name: "a task without a status",
    play: answer(200, `{"data":{"task_id":"${TASK_ID}"}}`),
    only: ["get"],
    submit: { requests: 0 },
    read: { requests: 1, name: "UnexpectedResponseError", code: "unexpected_response" },
  },
  unusable("a huge body", async (connection, held) => {
    await wholeRequest(connection);
    await held();
    connection.socket.write("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n");
    const more = (): void => {
      while (!connection.socket.destroyed && connection.socket.write(Buffer.alloc(1024 * 1024, 32)));
    };
    connection.socket.on("drain", more);
    more();
  }),
  {
    name: "a charset other than UTF-8, which the body is in",
    play: async (connection, held, expire) => {
      await head(connection);
      const list = connection.received().startsWith("GET /v1/ai/image-upscaler-precision HTTP");
      const body = Buffer.from(list ? LIST : TASK, "utf16le");
      await answer(200, body, { "content-type": "application/json; charset=UTF-16LE" })(connection, held, expire);
    },
    submit: { requests: 1 },
    read: { requests: 1 },
  },
];

/** When the caller gives up: not at all, before anything, when the fault is about to play, in the pause after it. */
type Abort = "no abort" | "aborted before" | "aborted in the exchange" | "aborted in the pause";

const transports: readonly (readonly [string, MagnificOptions["fetch"]])[] = [
  ["the platform's fetch", undefined],
  ["dispatcherFetch", dispatcherFetch(new Agent())],
];

const sockets = (): number => process.getActiveResourcesInfo().filter((one) => one === "TCPSocketWrap").length;
const before = sockets();

for (const [transport, fetch] of transports) {
  describe.concurrent(`faults over ${transport}`, () => {
    for (const fault of FAULTS) {
      for (const operation of ["submit", "get", "list"] as const) {
        if (fault.only !== undefined && !fault.only.includes(operation)) continue;
        const expected = operation === "submit" ? fault.submit : fault.read;
        const aborts: Abort[] = ["no abort", "aborted before"];
        if (fault.play !== "nobody") aborts.push("aborted in the exchange");
        if (expected.requests === ALL || fault.play === "nobody") aborts.push("aborted in the pause");
        for (const abort of aborts)
          it(`${operation}: ${fault.name}, ${abort}`, () => cell(fault, operation, abort, fetch));
      }
    }
  });
}

afterAll(() =>
  until(
    () => sockets() <= before,
    () => `${sockets() - before} sockets are still open`,
  ),
);

async function cell(fault: Fault, operation: Operation, abort: Abort, fetch: MagnificOptions["fetch"]): Promise<void> {
  const { controller, listeners } = countedSignal();
  const time = new SteppingTime(TIMEOUT, START);
  const held = async (): Promise<void> => {
    if (abort !== "aborted in the exchange") return;
    controller.abort(new Error("enough"));
    await never;
  };
  const { play } = fault;
  const server =
    play === "nobody"
      ? undefined
      : await tcpServer((connection) => play(connection, held, () => setTimeout(() => time.expire(), 2)));
  const baseUrl = server?.url ?? `http://127.0.0.1:${await freePort()}`;
  const image = countedSource(fault.imageBytes ?? 200_000);
  let pauses = 0;
  const magnific = new Magnific({
    apiKey: "key",
    baseUrl,
    time,
    timeout: TIMEOUT,
    fetch,
    onRetry: () => {
      pauses += 1;
      if (abort === "aborted in the pause") queueMicrotask(() => controller.abort(new Error("enough")));
    },
  });
  if (abort === "aborted before") controller.abort(new Error("enough"));

  const { signal } = controller;
  const call = {
    submit: () => magnific.submit({ image: image.source }, { signal }),
    get: () => magnific.task(TASK_ID).get({ signal }),
    list: () => magnific.tasks({ signal }),
  }[operation];
  const started = performance.now();
  const outcome = await call().then(
    () => undefined,
    (error: MagnificError) => error,
  );
  const took = performance.now() - started;

  try {
    // The platform's fetch opens a connection anew after an abort and sends nothing over it.
    const used = server?.connections.filter((one) => fault.early || one.received() !== "") ?? [];
    const wanted = operation === "submit" ? fault.submit : fault.read;
    const unsent =
      fault.early === true && (outcome?.code === "connection_failed" || outcome?.submission === "not_sent");
    if (abort === "no abort" && !unsent) {
      const { requests, ...facts } = wanted;
      expect(outcome ?? {}).toMatchObject(facts);
      if (wanted.code === undefined) expect(outcome).toBeUndefined();
      expect(used.length).toBe(requests);
      if (outcome !== undefined) expect(outcome.attempts ?? 1).toBe(fault.play === "nobody" ? ALL : requests);
    } else if (abort === "no abort") {
      expect(outcome).toMatchObject({
        code: "connection_failed",
        ...(operation === "submit" ? { submission: "not_sent" } : {}),
      });
    } else {
      expect(outcome).toMatchObject({ name: "AbortError", code: "aborted", cause: { message: "enough" } });
      if (!unsent) expect(used.length).toBe(abort === "aborted before" || fault.play === "nobody" ? 0 : 1);
      if (abort === "aborted in the pause") expect(pauses).toBe(1);
      const known = {
        "aborted before": "not_sent",
        "aborted in the exchange": "unknown",
        "aborted in the pause": wanted.submission,
      }[abort];
      if (operation === "submit" && !unsent) expect(outcome?.submission).toBe(known);
    }
    if (operation === "get") expect(outcome?.taskId ?? TASK_ID).toBe(TASK_ID);
    if (operation !== "submit") expect(outcome?.submission).toBeUndefined();
    expect(took, "settled in time").toBeLessThan(10_000);

    // Nothing left: timers, listeners, the image's source, connections.
    expect(time.pending).toBe(0);
    expect(listeners()).toBe(0);
    expect(image.open()).toBe(0);
    await until(
      () => used.every(({ socket }) => socket.destroyed || socket.readableEnded),
      () => "a connection is still open",
    );
  } finally {
    await server?.close();
  }
}

/** An image that counts how often it is open. */
function countedSource(bytes: number): { source: ImageSource; open: () => number } {
  const image = pngOf(bytes);
  let open = 0;
  const source: ImageSource = {
    size: image.byteLength,
    replayable: true,
    async *open() {
      open += 1;
      try {
        for (let at = 0; at < image.byteLength; at += 50_000) yield image.subarray(at, at + 50_000);
      } finally {
        open -= 1;
      }
    },
  };
  return { source, open: () => open };
}
