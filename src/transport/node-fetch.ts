/**
 * `fetch` over node:http: the same calls for a fraction of the CPU, and errors that tell whether anything was sent.
 *
 * What differs from the platform's: it never follows a redirect, asks for no compression, and gives every failure a
 * `code` and a `connected`. A request is never sent again by itself, whatever becomes of its connection.
 */
import type { ClientRequest, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { TAKE, type TextBody } from "../image/text-body.js";
import { type AgentOptions, Agents, type Route } from "./agents.js";
import { decoded } from "./decoded.js";
import { announcedLength, hasNoBody, headersOf, REDIRECTS } from "./head.js";
import { type LightFetch, lightFetch, type Reject, type Resolve } from "./light-fetch.js";
import type { LightRequest } from "./light-request.js";
import { type BodyHooks, LightResponse, rawField } from "./light-response.js";
import { type RequestBody, requestBody } from "./request-body.js";
import { checkLength, PIECE, type Sending, sendBody, sourceOf } from "./send-body.js";
import { asTransportError, TransportError } from "./transport-error.js";

/** Options of `nodeFetch`. */
export interface NodeFetchOptions extends AgentOptions {}

/** What `nodeFetch` makes. */
export interface NodeFetch extends LightFetch {
  /** Closes the connections: idle ones at once, those of calls under way when the call is over. A later call opens new ones. */
  close(): void;
}

/**
 * Makes a `fetch` over node:http.
 *
 * @throws {TypeError} An option that cannot work.
 *
 * @example
 * const magnific = new Magnific({ fetch: nodeFetch() });
 */
export function nodeFetch(options: NodeFetchOptions = {}): NodeFetch {
  const agents = new Agents(options);
  const fetch = lightFetch((request, resolve, reject) => void new Exchange(agents, request, resolve, reject));
  return Object.assign(fetch, { close: () => agents.close() });
}

/**
 * One request and its answer.
 *
 * Functions get a name before they go into a field: V8 puts one that is written right into a property among its old
 * objects, and there, dead, it holds all that its call left until the next full collection: much work for the collector.
 */
class Exchange implements BodyHooks {
  readonly #request: LightRequest;
  readonly #resolve: Resolve;
  readonly #reject: Reject;
  readonly #message: ClientRequest;
  readonly #secure: boolean;
  #sending: Sending | undefined;
  #connected = false;
  #connectTimer: NodeJS.Timeout | undefined;
  #onReady: (() => void) | undefined;
  #answered = false;
  #aborted: { readonly reason: unknown } | undefined;
  #onAbort: (() => void) | undefined;

  constructor(agents: Agents, request: LightRequest, resolve: Resolve, reject: Reject) {
    this.#request = request;
    this.#resolve = resolve;
    this.#reject = reject;
    const route = agents.route(request.url);
    this.#secure = route.secure;
    const body = requestBody(request.body);
    const length = announcedLength(request, body);
    this.#message = route.open(request.method, allHeaders(request, route, body, length));
    this.#listen(agents.connectTimeout);
    this.#send(body, length);
  }

  #listen(connectTimeout: number): void {
    const message = this.#message;
    message.on("socket", (socket) => {
      if (!isPending(socket)) {
        this.#connectionStands();
        return;
      }
      socket.once(this.#secure ? "secureConnect" : "connect", () => this.#connectionStands());
      // Libraries that intercept http "connect" once they have read the request: a socket of theirs has no handle.
      if ((socket as { _handle?: unknown })._handle == null) this.#sendNow();
      this.#connectTimer = setTimeout(() => {
        message.destroy(new TransportError("ETIMEDOUT", false, `No connection within ${connectTimeout} ms.`));
      }, connectTimeout);
    });
    message.on("response", (answer) => this.#answer(answer));
    message.on("error", (error) => this.#fail(error));
    message.on("close", () => {
      if (!this.#answered) this.#fail(new TransportError("ECONNRESET", this.#connected, "The connection closed."));
    });
    const { given: signal } = this.#request;
    if (signal !== undefined) {
      const onAbort = (): void => {
        this.#aborted = { reason: signal.reason };
        this.#fail(signal.reason);
        message.destroy();
      };
      signal.addEventListener("abort", onAbort);
      this.#onAbort = onAbort;
    }
  }

  #connectionStands(): void {
    this.#connected = true;
    clearTimeout(this.#connectTimer);
    this.#sendNow();
  }

  #sendNow(): void {
    // Once: an interceptor's socket can stand more than once.
    const onReady = this.#onReady;
    this.#onReady = undefined;
    onReady?.();
  }

  #send(body: RequestBody, length: number | undefined): void {
    if (body.kind === "none") {
      this.#message.end();
      return;
    }
    if (body.kind === "whole" && body.bytes.length <= PIECE) {
      this.#message.end(body.bytes);
      return;
    }
    if (body.kind === "text") {
      const onReady = (): void => this.#sendText(body.text, length);
      this.#onReady = onReady;
      return;
    }
    this.#sending = sendBody(this.#message, sourceOf(body), length, (whenReady) => {
      this.#onReady = whenReady;
    });
    this.#sending.done.catch((error: unknown) => this.#failBody(error));
  }

  /** All at once, as one piece with the head. @param length As announced. */
  #sendText(body: TextBody, length: number | undefined): void {
    try {
      const text = body[TAKE]();
      const bytes = Buffer.byteLength(text);
      if (length !== undefined) checkLength(length, bytes);
      // As many letters as bytes: each is one byte already.
      this.#message.end(text, text.length === bytes ? "latin1" : "utf8");
    } catch (error) {
      this.#failBody(error);
    }
  }

  #failBody(error: unknown): void {
    const known = error instanceof TransportError;
    this.#fail(
      known ? error : new TransportError("ERR_REQUEST_BODY", this.#connected, "The request's body failed.", error),
    );
    this.#message.destroy();
  }

  #answer(answer: IncomingMessage): void {
    this.#answered = true;
    this.#onReady = undefined;
    clearTimeout(this.#connectTimer);
    const { redirect, url, method } = this.#request;
    const status = answer.statusCode ?? 0;
    if (redirect !== "manual" && REDIRECTS.has(status)) {
      this.#reject(new TransportError("ERR_REDIRECT", true, `An unexpected redirect (${status}); none is followed.`));
      this.#settle();
      this.#message.destroy();
      return;
    }
    // The answer is there: what is left of the body is of no use any more.
    if (!this.#message.writableEnded)
      this.#sending?.stop(new Error("The server answered before it had read the request."));
    const empty = hasNoBody(method, status);
    if (empty) {
      answer.resume();
      answer.once("end", () => this.settled());
    }
    const body = empty ? undefined : decoded(answer, rawField(answer, "content-encoding"));
    this.#resolve(new LightResponse(url, answer, body, this) as unknown as Response);
  }

  settled(): void {
    this.#settle();
    // What is not over: a request still on its way, an answer that nobody wants. Of a call that is, node:http has taken
    // the connection back before, and nothing is left to destroy.
    this.#message.destroy();
  }

  reason(): unknown {
    return this.#aborted?.reason;
  }

  /** After the answer's head rejecting does nothing: the body's reader is told by the stream itself. */
  #fail(error: unknown): void {
    this.#sending?.stop(error);
    this.#onReady = undefined;
    this.#settle();
    this.#reject(this.#aborted === undefined ? asTransportError(error, this.#connected) : this.#aborted.reason);
  }

  #settle(): void {
    clearTimeout(this.#connectTimer);
    if (this.#onAbort === undefined) return;
    this.#request.given?.removeEventListener("abort", this.#onAbort);
    this.#onAbort = undefined;
  }
}

/**
 * Asked of the socket, since node:http's `reusedSocket` says too little: nothing of a call that waited for the connection
 * of another, as under a limit of connections, and nothing of a connection that an aborted call left half set up.
 */
function isPending(socket: Socket): boolean {
  return socket.connecting || (socket as { secureConnecting?: boolean }).secureConnecting === true;
}

function allHeaders(request: LightRequest, route: Route, body: RequestBody, length: number | undefined): string[] {
  const { method } = request;
  const flat = ["host", route.host, ...route.headers, ...headersOf(request, body)];
  if (body.kind === "none") {
    if (method !== "GET" && method !== "HEAD") flat.push("content-length", "0");
  } else if (length !== undefined) flat.push("content-length", String(length));
  else flat.push("transfer-encoding", "chunked");
  return flat;
}
