/** A `Response` over node:http that makes a stream of its body only where one is asked for. */
import type { Readable } from "node:stream";
import type { HeaderReader } from "../util/headers.js";
import { asTransportError } from "./transport-error.js";

/** Bodies up to this size, by their announced length, are taken in as they come. */
const SMALL = 256 * 1024;

const UTF8 = new TextDecoder();

/** The head of an answer, as node:http gives it. */
export interface AnswerHead {
  readonly statusCode?: number | undefined;
  readonly statusMessage?: string | undefined;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
}

/** Whether a body is taken in as it comes. */
export function isSmallBody(head: AnswerHead): boolean {
  const length = rawField(head, "content-length");
  return length !== null && Number(length) <= SMALL;
}

/** What the transport and the response tell each other. */
export interface BodyHooks {
  /** The body came to its end, failed, or is not wanted any more. Called once. */
  settled(complete: boolean): void;
  /** What ended the exchange from the outside: an abort. */
  reason(): unknown;
}

/**
 * It passes `instanceof Response`, but was never constructed as one: of all that a call costs, the platform's
 * `Response` with a stream inside is the dearest.
 */
export class LightResponse {
  readonly status: number;
  readonly statusText: string;
  readonly url: string;
  readonly type = "default";
  readonly redirected = false;
  readonly #message: AnswerHead;
  readonly #body: Readable | undefined;
  readonly #empty: boolean;
  readonly #hooks: BodyHooks;
  #headers: Headers | undefined;
  #stream: ReadableStream<Uint8Array> | undefined;
  #used = false;
  /** The body's pieces, where it is small: gathered from the start, so that the connection is free at once. */
  #gathered: Promise<Uint8Array> | undefined;

  /** @param body The decoded bytes, or what they are going to be; `undefined` where the answer has no body. */
  constructor(url: string, message: AnswerHead, body: Readable | Promise<Uint8Array> | undefined, hooks: BodyHooks) {
    relate();
    this.url = url;
    this.#message = message;
    this.status = message.statusCode ?? 0;
    this.statusText = message.statusMessage ?? "";
    this.#hooks = hooks;
    this.#empty = body === undefined;
    if (body instanceof Promise) this.#gathered = body;
    else {
      this.#body = body;
      // One that is decoded has another length than its head says.
      if (body !== undefined && (body as unknown) === message && isSmallBody(message))
        this.#gathered = this.#gather(body);
    }
    this.#gathered?.catch(() => {});
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  get headers(): Headers {
    if (this.#headers === undefined) {
      this.#headers = new Headers();
      const raw = this.#message.rawHeaders;
      for (let i = 0; i + 1 < raw.length; i += 2) this.#headers.append(raw[i] ?? "", raw[i + 1] ?? "");
    }
    return this.#headers;
  }

  /** The headers by name, without making `Headers` of them. */
  get fields(): HeaderReader {
    return this.#headers ?? { get: (name) => rawField(this.#message, name) };
  }

  /** Where the body is small: settles when all of it is here, without using it up. */
  get gathered(): Promise<unknown> | undefined {
    return this.#gathered;
  }

  get bodyUsed(): boolean {
    return this.#used;
  }

  get body(): ReadableStream<Uint8Array> | null {
    if (this.#empty) return null;
    this.#stream ??=
      this.#gathered === undefined
        ? streamOf(this.#body as Readable, this.#hooks)
        : streamOfBytes(this.#gathered, () => {
            this.#used = true;
          });
    return this.#stream;
  }

  bytes(): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#used || this.#stream?.locked === true)
      return Promise.reject(new TypeError("The answer's body was read already."));
    this.#used = true;
    if (this.#stream !== undefined)
      return new Response(this.#stream).arrayBuffer().then((bytes) => new Uint8Array(bytes));
    if (this.#empty) return Promise.resolve(new Uint8Array());
    return (this.#gathered ?? this.#gather(this.#body as Readable)) as Promise<Uint8Array<ArrayBuffer>>;
  }

  async text(): Promise<string> {
    return UTF8.decode(await this.bytes());
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    const bytes = await this.bytes();
    // Mostly a view into the connection's own buffer, which goes on being used.
    return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  }

  async blob(): Promise<Blob> {
    return new Blob([await this.bytes()], { type: this.headers.get("content-type") ?? "" });
  }

  async formData(): Promise<FormData> {
    return await new Response(await this.bytes(), { headers: this.headers }).formData();
  }

  clone(): Response {
    if (this.#used || this.#stream?.locked === true) throw new TypeError("The answer's body was read already.");
    if (this.body === null) return new Response(null, { status: this.status, headers: this.headers });
    // A stream of its own: to read the copy must not count as reading this one.
    if (this.#gathered !== undefined) return this.#copyOf(streamOfBytes(this.#gathered, () => {}));
    const [mine, theirs] = this.body.tee();
    this.#stream = mine as ReadableStream<Uint8Array>;
    return this.#copyOf(theirs);
  }

  #copyOf(body: ReadableStream<Uint8Array>): Response {
    return new Response(body, { status: this.status, statusText: this.statusText, headers: this.headers });
  }

  #gather(body: Readable): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      let first: Buffer | undefined;
      let more: Buffer[] | undefined;
      body.on("data", (chunk: Buffer) => {
        if (first === undefined) first = chunk;
        else more = [...(more ?? [first]), chunk];
      });
      body.on("end", () => {
        this.#hooks.settled(true);
        resolve(more === undefined ? (first ?? new Uint8Array()) : Buffer.concat(more));
      });
      onFailure(body, (error) => {
        this.#hooks.settled(false);
        reject(this.#hooks.reason() ?? asTransportError(error, true));
      });
    });
  }
}

let related = false;

/** At the first answer: the runtime loads its whole `fetch` once anyone asks for `Response`, which a mere import should not pay for. */
function relate(): void {
  if (related) return;
  related = true;
  Object.setPrototypeOf(LightResponse.prototype, Response.prototype);
}

/** A header as `Headers` would give it: fields of one name are one. @param name In lower case. */
export function rawField({ rawHeaders }: Pick<AnswerHead, "rawHeaders">, name: string): string | null {
  let value: string | null = null;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const field = rawHeaders[i] ?? "";
    if (field.length !== name.length || field.toLowerCase() !== name) continue;
    const one = (rawHeaders[i + 1] ?? "").trim();
    value = value === null ? one : `${value}, ${one}`;
  }
  return value;
}

/** `close` without an end is a failure too: a decoder that is destroyed says no more than that. */
function onFailure(body: Readable, fail: (error: unknown) => void): void {
  let failed = false;
  const once = (error: unknown): void => {
    if (failed) return;
    failed = true;
    fail(error);
  };
  body.on("error", once);
  body.on("close", () => {
    if (!body.readableEnded) once(Object.assign(new Error("The answer broke off."), { code: "ECONNRESET" }));
  });
}

function streamOfBytes(bytes: Promise<Uint8Array>, used: () => void): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        used();
        const all = await bytes;
        if (all.byteLength > 0) controller.enqueue(all);
        controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

function streamOf(body: Readable, hooks: BodyHooks): ReadableStream<Uint8Array> {
  let open = true;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        body.on("data", (chunk: Buffer) => {
          if (!open) return;
          controller.enqueue(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
          body.pause();
        });
        body.once("end", () => {
          if (!open) return;
          open = false;
          hooks.settled(true);
          controller.close();
        });
        onFailure(body, (error) => {
          if (!open) return;
          open = false;
          hooks.settled(false);
          controller.error(hooks.reason() ?? asTransportError(error, true));
        });
        body.pause();
      },
      pull() {
        body.resume();
      },
      cancel() {
        open = false;
        hooks.settled(false);
        body.destroy();
      },
    },
    { highWaterMark: 0 },
  );
}
