/** What a client tells about its work. Redacted facts only: neither the key nor image data nor a URL's query. */
import type { ErrorCode, Submission } from "../errors/magnific-error.js";
import type { RateFacts } from "../util/headers.js";

interface AttemptFacts {
  /** Method and path template, e.g. `POST /v1/ai/image-upscaler-precision`. */
  readonly operation: string;
  readonly taskId?: string | undefined;
  /** 1 for the first. */
  readonly attempt: number;
}

/** An attempt is about to be sent. */
export interface RequestEvent extends AttemptFacts {
  /** The body as type and length in bytes, where there is one and its length is known. */
  readonly body?: { readonly type: string; readonly length?: number | undefined } | undefined;
  /** Names of the fields of `extraBody`: nobody has checked them. */
  readonly unchecked?: readonly string[] | undefined;
}

/** An attempt has ended, with a response or without one. */
export interface ResponseEvent extends AttemptFacts {
  /** Absent where no response came. */
  readonly status?: number | undefined;
  readonly requestId?: string | undefined;
  readonly rate?: RateFacts | undefined;
  /** Bytes of the response's body, where one was read. */
  readonly length?: number | undefined;
  /** Why the attempt did not succeed, where it did not. */
  readonly code?: ErrorCode | undefined;
  /** Milliseconds of this attempt, its body included. */
  readonly duration: number;
  /** Milliseconds since the call began: earlier attempts, pauses and the wait for the rate limit included. */
  readonly total: number;
}

/** An attempt failed and is going to be retried. */
export interface RetryEvent extends AttemptFacts, Pick<ResponseEvent, "status"> {
  readonly code: ErrorCode;
  readonly submission?: Submission | undefined;
  /** Milliseconds until the next attempt. */
  readonly after: number;
}

/** The client pauses before a request. Pauses before a retry are reported by `onRetry`. */
export interface WaitEvent extends Pick<AttemptFacts, "operation" | "taskId"> {
  /** `rate_limit`: no request may be sent yet, by `rate` or by what the provider said. `poll`: the next look at a task is not due yet. */
  readonly reason: "rate_limit" | "poll";
  /** Milliseconds until the request may be sent; at least so many where others are queued before it. */
  readonly after: number;
}

/** A place where a response does not keep to the contract. Holds no values, so nothing secret. */
export interface ContractViolation extends Pick<ResponseEvent, "operation" | "status" | "requestId" | "taskId"> {
  /** JSON pointer into the response's body, or `header:<name>`. */
  readonly place: string;
  /** What is wrong there. */
  readonly message: string;
}

/** Called with facts; what they return is not waited for, and an error in them does not touch the call. */
export interface Hooks {
  /** Before each attempt. */
  readonly onRequest?: ((event: RequestEvent) => void) | undefined;
  /** After each attempt, with a response or without. */
  readonly onResponse?: ((event: ResponseEvent) => void) | undefined;
  /** Before the pause after which an attempt is retried. */
  readonly onRetry?: ((event: RetryEvent) => void) | undefined;
  /** Before each pause that is not one of a retry: for the rate limit, and between two polls. */
  readonly onWait?: ((event: WaitEvent) => void) | undefined;
  /** For each place where a response does not keep to the contract, but the call can continue. */
  readonly onContractViolation?: ((violation: ContractViolation) => void) | undefined;
}

/** What takes the lines: `console`, pino, winston, or anything else with these methods. */
export interface Logger {
  debug(line: string): void;
  info(line: string): void;
  warn(line: string): void;
}

/** Runs a hook. A hook that throws must not lose a task that is paid for, so it is only said on the console. */
export function tell<Event>(
  name: keyof Hooks | "logger",
  hook: ((event: Event) => unknown) | undefined,
  event: Event,
): void {
  const complain = (error: unknown): void => {
    const what = error instanceof Error ? error.name : typeof error;
    console.error(`magnific-client: ${name} threw (${what}). The call continues.`);
  };
  try {
    const returned = hook?.(event);
    if (returned instanceof Promise) returned.catch(complain);
  } catch (error) {
    complain(error);
  }
}
