/** What the parts of one client share. `client.ts` makes it; tasks, results and webhooks are given it. */

import type { WireTask, WireTaskDetail } from "./api/wire.js";
import type { Time } from "./util/time.js";

/** How one call is sent. Every method that talks to the provider takes these. */
export interface CallOptions {
  /** Ends the call early; the promise rejects with an `AbortedError`. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for one attempt, its body included. Default: the client's `timeout` (60,000). */
  readonly timeout?: number | undefined;
  /** How often a failed attempt may be repeated. Default: the client's `retry` (2). A submit is repeated only when it provably did not run. */
  readonly retry?: number | undefined;
}

/** An answer of the provider that kept to the contract, with the facts around it. */
export interface Answer<T> {
  readonly data: T;
  readonly status: number;
  /** `x-request-id`, where the provider sent one. */
  readonly requestId?: string | undefined;
  /** `x-ratelimit-*`, where the provider sent them. */
  readonly rate?: RateFacts | undefined;
}

/** The provider's `x-ratelimit-*` headers. */
export interface RateFacts {
  /** Requests allowed in the window. */
  readonly limit?: number | undefined;
  /** Requests left in the window. */
  readonly remaining?: number | undefined;
  /** Seconds until the window ends. */
  readonly reset?: number | undefined;
}

/** Where results may come from and how they are read. */
export interface ResultSettings {
  /**
   * Hosts whose URLs are fetched; a name allows its subdomains too. Default: `magnific.com`, `freepik.com`, and the base
   * URL's own host. `https` only, loopback excepted.
   */
  readonly hosts: readonly string[];
  /** The base URL's origin, always allowed. */
  readonly origin: string;
  /** Largest result in bytes. Default: 1 GiB. */
  readonly maxBytes: number;
}

/** How a wait polls. */
export interface PollSettings {
  /** Milliseconds before the first poll. Default 2,000. */
  readonly first: number;
  /** Each further delay is the last one times this. Default 1.5. */
  readonly factor: number;
  /** Longest delay in milliseconds. Default 10,000. */
  readonly max: number;
  /** Share by which a delay is varied up and down, from 0 to 1. Default 0.2. */
  readonly jitter: number;
  /** Milliseconds until a wait gives up. Default 1,800,000 (30 minutes). */
  readonly timeout: number;
}

export interface ClientContext {
  readonly time: Time;
  readonly poll: PollSettings;
  readonly results: ResultSettings;
  /** The `fetch` in use, looked up at each call so that a replaced global counts. */
  readonly fetch: () => typeof globalThis.fetch;
  /** `"error"`, or `"manual"` in runtimes that refuse `"error"` when a Request is made. */
  readonly redirect: () => "error" | "manual";
  /** `GET /v1/ai/image-upscaler-precision/{task-id}`: rate budget, retries and typed errors included. */
  readonly readTask: (id: string, options: CallOptions) => Promise<Answer<WireTaskDetail>>;
  /** `GET /v1/ai/image-upscaler-precision`. */
  readonly listTasks: (options: CallOptions) => Promise<Answer<readonly WireTask[]>>;
  /** Reports an answer that breaks the contract but lets the call go on. */
  readonly reportViolation: (violation: ContractViolation) => void;
}

/** A place where an answer does not keep to the contract. Holds no values, so nothing secret. */
export interface ContractViolation {
  readonly operation: string;
  readonly status?: number | undefined;
  readonly requestId?: string | undefined;
  readonly taskId?: string | undefined;
  /** JSON pointer into the answer's body, or `header:<name>`. */
  readonly place: string;
  /** What is wrong there. */
  readonly message: string;
}
