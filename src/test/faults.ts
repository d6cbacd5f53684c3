/** The ways a call can go wrong, as a server plays them, and what the client must make of each. */
import type { Submission } from "../errors/magnific-error.js";
import { TASK_ID } from "../test-support/client-context.js";
import type { Connection } from "../test-support/tcp-server.js";

export type Operation = "submit" | "get" | "list";

/** @param held Where the caller may give up; continues otherwise. @param expire Lets the attempt's deadline pass. */
type Play = (connection: Connection, held: () => Promise<void>, expire: () => void) => Promise<void>;

/** What belongs to the client rather than to the server. */
export interface Around {
  /** The part of a store that never settles. */
  readonly hangs?: "begin" | "finish";
  /** Milliseconds by which the wall clock is set while the server answers. */
  readonly jump?: number;
  /** One request a minute, and so no turn for a retry before `retry.total` is over. */
  readonly slowBudget?: boolean;
}

export interface Fault extends Around {
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
  readonly taskId?: string;
}

/** The clock's start, and the milliseconds that no pause has, so that the clock knows the deadline. */
export const START = Date.UTC(2026, 0, 1);
export const TIMEOUT = 59_999;

/** The first attempt and, by default, two retries. */
export const ALL = 3;

/** Sends a response and closes: connections that stay open would hide those that should not. */
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
/** A submit and a read that end in the same error; a submit also says what is known of it, and may be sent less often. */
function fault(
  name: string,
  play: Fault["play"],
  error: Expected,
  submission: Submission,
  { submits = error.requests, ...more }: Partial<Fault> & { readonly submits?: number } = {},
): Fault {
  return { name, play, submit: { ...error, requests: submits, submission }, read: error, ...more };
}

/** It is unknown what became of the request: a read is retried, a submit never. */
const lost = (name: string, play: Play, early = false): Fault =>
  fault(name, play, { requests: ALL, name: "ConnectionError", code: "connection_lost" }, "unknown", {
    submits: 1,
    early,
  });

const stalled = (name: string, play: Play): Fault =>
  fault(name, play, { requests: ALL, name: "TimeoutError", code: "timeout" }, "unknown", { submits: 1 });

const NO = '{"message":"no"}';

function refused(status: number, name: string, code: string, body = NO, type = "application/json"): Fault {
  const play = answer(status, body, { "content-type": type });
  return fault(`${status} ${code} ${body.slice(0, 40)}`, play, { requests: 1, name, code, status }, "rejected");
}

/** Whatever the status, the task may be paid for: its id is known, and the submit is not retried. */
const refusedWithTask = (status: number, name: string, code: string): Fault => ({
  name: `${status} with a task in it`,
  play: answer(status, TASK, { "retry-after": "1" }),
  only: ["submit"],
  submit: { requests: 1, name, code, status, submission: "unknown", taskId: TASK_ID },
  read: { requests: 0 },
});

const hanging = (hangs: "begin" | "finish", submit: Expected): Fault => ({
  name: `a store whose ${hangs} hangs`,
  play: answer(200, TASK),
  hangs,
  only: ["submit"],
  submit: { name: "StoreError", code: "store_failed", ...submit },
  read: { requests: 0 },
});

const failing = (status: number, name: string, code: string): Fault =>
  fault(String(status), answer(status, NO), { requests: ALL, name, code, status }, "unknown", { submits: 1 });

function limited(name: string, requests: number, headers: Record<string, string>, retryAfter?: number): Fault {
  const error = { requests, name: "RateLimitError", code: "rate_limited", status: 429 };
  const play = answer(429, '{"message":"slow down"}', headers);
  const asked = retryAfter === undefined ? {} : { retryAfter };
  return fault(`429 with Retry-After ${name}`, play, { ...error, ...asked }, "rejected");
}

function redirect(name: string, status: number, location: string): Fault {
  const error = { requests: 1, name: "RedirectError", code: "redirect_refused" };
  return fault(`${status} to ${name}`, answer(status, "", { location }), error, "unknown");
}

function unusable(name: string, play: Play, more: Partial<Fault> = {}): Fault {
  const error = { requests: 1, name: "UnexpectedResponseError", code: "unexpected_response", status: 200 };
  return fault(name, play, error, "unknown", more);
}

/** Reads the request, writes the beginning of a response, and holds. */
const beginning =
  (text: string, then: (connection: Connection, expire: () => void) => void): Play =>
  async (connection, held, expire) => {
    await wholeRequest(connection);
    connection.socket.write(text);
    await held();
    then(connection, expire);
  };

/** Waits for a part of the request, holds, and drops the connection. */
const reset =
  (part: (connection: Connection) => Promise<void>, how: "resetAndDestroy" | "destroy" = "resetAndDestroy"): Play =>
  async (connection, held) => {
    await part(connection);
    await held();
    connection.socket[how]();
  };
const nothing = async (): Promise<void> => {};

const TASK = `{"data":{"task_id":"${TASK_ID}","status":"CREATED","generated":[]}}`;
const LIST = `{"data":[{"task_id":"${TASK_ID}","status":"CREATED"}]}`;

const CUT_HEAD = "HTTP/1.1 200 OK\r\ncontent-le";
const CUT_BODY = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{"data":';
const INVALID = '"invalid_params":[{"name":"page","reason":"must be greater"}]';
const WINDOW = { "x-ratelimit-limit": "50", "x-ratelimit-remaining": "0" };

export const FAULTS: readonly Fault[] = [
  fault(
    "refused connection",
    "nobody",
    { requests: 0, name: "ConnectionError", code: "connection_failed" },
    "not_sent",
  ),
  lost("reset before the request is read", reset(nothing), true),
  lost("closed before the request is read", reset(nothing, "destroy"), true),
  lost("reset in the request", reset(head)),
  lost("reset after the request", reset(wholeRequest)),
  lost(
    "reset in the response's head",
    beginning(CUT_HEAD, ({ socket }) => socket.destroy()),
  ),
  lost(
    "reset in the response's body",
    beginning(CUT_BODY, ({ socket }) => socket.end()),
  ),
  stalled(
    "stall before the response's head",
    beginning("", (_, expire) => expire()),
  ),
  stalled(
    "stall in the response's head",
    beginning(CUT_HEAD, (_, expire) => expire()),
  ),
  stalled(
    "stall in the response's body",
    beginning(CUT_BODY, (_, expire) => expire()),
  ),
  stalled(
    "slow drip",
    beginning(CUT_BODY, ({ socket }, expire) => {
      const timer = setInterval(() => socket.write(" "), 2);
      setTimeout(expire, 10);
      socket.on("close", () => clearInterval(timer));
    }),
  ),
  redirect("the same origin", 307, "/elsewhere"),
  redirect("another origin", 308, "https://example.com/"),
  redirect("the same origin, after which a GET would follow", 303, "/elsewhere"),
  redirect("nowhere", 302, ""),
  refused(400, "BadRequestError", "bad_request", '{"message":"Parameter \'page\' is not valid"}'),
  refused(400, "BadRequestError", "bad_request", `{"problem":{"message":"no",${INVALID}}}`, "application/problem+json"),
  refused(400, "BadRequestError", "bad_request", `{"message":"flat",${INVALID}}`, "application/problem+json"),
  refused(400, "BadRequestError", "bad_request", "", "text/plain"),
  refused(401, "AuthenticationError", "authentication_failed"),
  refused(402, "CreditsExhaustedError", "credits_exhausted"),
  refused(403, "ForbiddenError", "forbidden"),
  refused(403, "ForbiddenError", "forbidden", "<html><title>Blocked</title></html>", "text/html"),
  refused(404, "NotFoundError", "not_found", '{"message":"AI resource not found"}'),
  refused(418, "ApiError", "unexpected_status"),
  failing(408, "ApiError", "unexpected_status"),
  fault(
    "413 before the body is read",
    async (connection, held) => {
      await head(connection);
      await held();
      const fields = "content-type: text/plain\r\ncontent-length: 9\r\nconnection: close";
      connection.socket.write(`HTTP/1.1 413 X\r\n${fields}\r\n\r\ntoo large`);
    },
    { requests: 1, name: "PayloadTooLargeError", code: "payload_too_large", status: 413 },
    "rejected",
    { imageBytes: 6_000_000, only: ["submit"] },
  ),
  limited("in seconds", ALL, { "retry-after": "2" }, 2),
  limited("as a date", ALL, { "retry-after": new Date(START + 10_000).toUTCString() }, 0),
  ...[-3_600_000, 3_600_000].map((jump) => ({
    ...limited(`in seconds, and the wall clock set by ${jump} ms`, ALL, { "retry-after": "2" }, 2),
    jump,
  })),
  { ...limited("and a rate budget that is used up", 1, { "retry-after": "2" }, 2), slowBudget: true },
  refusedWithTask(400, "BadRequestError", "bad_request"),
  refusedWithTask(403, "ForbiddenError", "forbidden"),
  refusedWithTask(429, "RateLimitError", "rate_limited"),
  refusedWithTask(500, "ServerError", "server_error"),
  hanging("begin", { requests: 0, submission: "not_sent" }),
  hanging("finish", { requests: 1, submission: "unknown", taskId: TASK_ID }),
  limited("that is absurdly long", 1, { "retry-after": "99999999" }, 99_999_999),
  limited("that is nonsense", ALL, { "retry-after": "soon" }),
  limited("absent", ALL, {}),
  limited("absent and a window that ends soon", ALL, { ...WINDOW, "x-ratelimit-reset": "3" }),
  limited("absent and a window that ends late", 1, { ...WINDOW, "x-ratelimit-reset": "3600" }),
  refused(429, "RateLimitError", "usage_limit_reached", '{"message":"The usage limit of your free trial is reached"}'),
  ...[500, 502, 503, 504].map((status) => failing(status, "ServerError", "server_error")),
  unusable("empty body", answer(200)),
  unusable("HTML", answer(200, "<!doctype html><title>Sorry</title>", { "content-type": "text/html" })),
  unusable("truncated JSON", answer(200, TASK.slice(0, 40))),
  unusable("JSON of a wrong type", answer(200, '{"data":7}')),
  unusable("null", answer(200, "null")),
  unusable("a task without an id", answer(200, '{"data":{"status":"CREATED","generated":[]}}'), { only: ["submit"] }),
  unusable("a task whose id is a path", answer(200, TASK.replace(TASK_ID, "../../x")), { only: ["submit"] }),
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
