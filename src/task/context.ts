import type { CheckedResponse } from "../api/checked-response.js";
import type { TaskContract, UncheckedTask } from "../contract/contract.js";
import type { CallOptions } from "../http/call-options.js";
import type { ContractViolation, WaitEvent } from "../http/hooks.js";
import type { ResultContext } from "../result/context.js";

/** How a wait polls. */
export interface PollOptions {
  /** Milliseconds before the first poll. Default 2,000. */
  readonly first?: number | undefined;
  /** Each further delay is the last one times this. Default 1.5. */
  readonly factor?: number | undefined;
  /** Longest delay in milliseconds. Default 10,000. */
  readonly max?: number | undefined;
  /** Share by which a delay is varied up and down, from 0 to 1. Default 0.2. */
  readonly jitter?: number | undefined;
  /** Milliseconds until a wait gives up. Default 1,800,000 (30 minutes). */
  readonly timeout?: number | undefined;
}

/** The same with the defaults filled in. */
export type PollSettings = { readonly [Name in keyof PollOptions]-?: number };

/** What a task needs of its client and its operation. */
export interface ClientContext extends ResultContext {
  readonly poll: PollSettings;
  readonly contract: TaskContract;
  /** Reads a task: rate limit, retries and typed errors included. */
  readonly fetchTask: (id: string, options: CallOptions) => Promise<CheckedResponse<UncheckedTask>>;
  readonly listTasks: (options: CallOptions) => Promise<CheckedResponse<readonly unknown[]>>;
  /** Reports a response that breaks the contract but lets the call continue. */
  readonly reportViolation: (violation: ContractViolation) => void;
  /** Reports a pause between two polls. */
  readonly reportWait: (event: WaitEvent) => void;
}
