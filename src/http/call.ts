/** What a call is, and what it is made with. */
import type { TaskContract } from "../contract/contract.js";
import type { ErrorFacts } from "../errors/magnific-error.js";
import type { Body } from "../image/body.js";
import type { Settings } from "../options.js";
import type { CallOptions } from "./call-options.js";
import type { RateLimiter } from "./rate-limiter.js";

export type Payload = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | Blob;

export type OwnRequest = {
  /** Used by openapi-fetch instead of the platform's, which costs more than the rest of a small call. */
  readonly Request?: typeof Request;
};

/** What an attempt adds to the options of openapi-fetch. */
export type SendInit = OwnRequest & {
  readonly parseAs: "text";
  readonly headers: Record<string, string>;
  readonly bodySerializer: () => Payload | undefined;
  readonly duplex: "half";
  readonly fetch: (request: Request) => Promise<Response>;
};

export interface Call extends Pick<ErrorFacts, "taskId" | "digest"> {
  /** Method and path template. */
  readonly operation: string;
  /** A submit costs money and has no idempotency key; a read can be retried freely. */
  readonly kind: "submit" | "read";
  readonly options: CallOptions;
  /** Ends the call before it is sent or between retries. Default: the signal of the options, which ends it anywhere. */
  readonly idle?: AbortSignal | undefined;
  readonly body?: Body;
  /** Waited for before each attempt, while nothing has been sent. */
  readonly beforeSend?: ((attempt: number) => void | Promise<void>) | undefined;
  /** Fields of the body that nobody has checked, and their text, which must not hold the key. */
  readonly unchecked?: { readonly names: readonly string[]; readonly text: string } | undefined;
  send(api: Sender, init: SendInit): Sent;
}

type Sent = Promise<{ data?: unknown; error?: unknown; response: Response }>;

/** What is used of the raw client, for paths that are known at run time only. */
export interface Sender {
  POST(path: string, init: Record<string, unknown>): Sent;
  GET(path: string, init: Record<string, unknown>): Sent;
}

export interface CallEnvironment {
  readonly settings: Settings;
  readonly limiter: RateLimiter;
  /** Made when it is first used. */
  readonly api: () => Sender;
  readonly contract: TaskContract;
}
