/** What a client tells about its work. Redacted facts only: neither the key nor image data nor a URL's query. */
import type { ErrorCode, Submission } from "../errors/magnific-error.js";
import type { RateFacts } from "../util/headers.js";

/** An attempt is about to be sent. */
export interface RequestEvent {
  /** Method and path template, e.g. `POST /v1/ai/image-upscaler-precision`. */
  readonly operation: string;
  readonly taskId?: string | undefined;
  /** 1 for the first. */
  readonly attempt: number;
  /** The body as type and length in bytes, where there is one and its length is known. */
  readonly body?: { readonly type: string; readonly length?: number | undefined } | undefined;
}

/** An attempt has ended: with an answer, or without one. */
export interface ResponseEvent {
  readonly operation: string;
  readonly taskId?: string | undefined;
  readonly attempt: number;
  /** Absent where no answer came. */
  readonly status?: number | undefined;
  readonly requestId?: string | undefined;
  readonly rate?: RateFacts | undefined;
  /** Bytes of the answer's body, where one was read. */
  readonly length?: number | undefined;
  /** Why the attempt did not succeed, where it did not. */
  readonly code?: ErrorCode | undefined;
  /** Milliseconds of this attempt, its body included. */
  readonly duration: number;
  /** Milliseconds since the call began: earlier attempts, pauses and the wait for the rate budget included. */
  readonly total: number;
}

/** An attempt failed and is going to be repeated. */
export interface RetryEvent {
  readonly operation: string;
  readonly taskId?: string | undefined;
  /** The attempt that failed; 1 for the first. */
  readonly attempt: number;
  readonly status?: number | undefined;
  readonly code: ErrorCode;
  readonly submission?: Submission | undefined;
  /** Milliseconds until the next attempt. */
  readonly after: number;
}

/** A place where a response does not keep to the contract. Holds no values, so nothing secret. */
export interface ContractViolation {
  readonly operation: string;
  readonly status?: number | undefined;
  readonly requestId?: string | undefined;
  readonly taskId?: string | undefined;
  /** JSON pointer into the response's body, or `header:<name>`. */
  readonly place: string;
  /** What is wrong there. */
  readonly message: string;
}

/** Called with facts; what they return is not waited for, and an error in them does not touch the call. */
export interface Hooks {
  /** Before each attempt. */
  readonly onRequest?: ((event: RequestEvent) => void) | undefined;
  /** After each attempt, with an answer or without. */
  readonly onResponse?: ((event: ResponseEvent) => void) | undefined;
  /** Before the pause that an attempt is repeated after. */
  readonly onRetry?: ((event: RetryEvent) => void) | undefined;
  /** For each place where an answer does not keep to the contract, but the call can go on. */
  readonly onContractViolation?: ((violation: ContractViolation) => void) | undefined;
}

/** Runs a hook. A hook that throws must not lose a task that is paid for, so it is only said on the console. */
export function tell<Event>(name: keyof Hooks, hook: ((event: Event) => unknown) | undefined, event: Event): void {
  const complain = (error: unknown): void => {
    const what = error instanceof Error ? error.name : typeof error;
    console.error(`magnific-client: the hook ${name} threw (${what}). The call goes on.`);
  };
  try {
    const returned = hook?.(event);
    if (returned instanceof Promise) returned.catch(complain);
  } catch (error) {
    complain(error);
  }
}
