/** Follows a task until it ends: polls by schedule, listens for webhooks, and survives single failures. */
import { fetchTask } from "../api/operations.js";
import { readOf } from "../contract/contract.js";
import type { DefaultPending } from "../contract/default.js";
import { NotFoundError } from "../errors/api-error.js";
import { type ErrorCode, MagnificError } from "../errors/magnific-error.js";
import { AbortedError } from "../errors/network-errors.js";
import { EmptyResultError, WaitTimeoutError } from "../errors/task-errors.js";
import type { CallEnvironment } from "../http/call.js";
import { withFacts } from "../http/failure.js";
import { tell } from "../http/hooks.js";
import type { Settings } from "../options.js";
import { type AbortScope, abortScope, onAbort, orAborted } from "../util/abort-scope.js";
import { A_FUNCTION, A_SIGNAL, about, atLeast, checkOptions, having, type Kinds } from "../util/check-options.js";
import type { WebhookSource } from "../webhook/event.js";
import { parseTask, reportUnknownStatus, type Task } from "./task.js";
import { statusOf, wireStatusOf } from "./task-status.js";
import { WebhookListener } from "./webhook-listener.js";

export interface StatusesOptions {
  /** Ends the wait early with an `AbortedError`. The task continues: the provider has no cancel. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the wait gives up, a poll in flight included. Default: the client's `poll.timeout` (30 minutes). `Infinity` for never. */
  readonly timeout?: number | undefined;
  /** Where webhooks about the task arrive: the first of webhook and poll wins. Default: none, polls only. */
  readonly webhook?: WebhookSource | undefined;
}

export interface WaitOptions<Pending extends string = DefaultPending> extends StatusesOptions {
  /**
   * Called with the task when it is first seen and on each change of its status, the last one included; a promise that it
   * returns is awaited. An error in it ends the wait as an `AbortedError` with that cause.
   */
  readonly onStatus?: ((task: Task<Pending>) => void | Promise<void>) | undefined;
}

const KINDS: Kinds = {
  signal: A_SIGNAL,
  timeout: atLeast(0),
  webhook: having("a WebhookSource", ["subscribe"]),
  onStatus: A_FUNCTION,
};

/** @throws {ConfigurationError} */
export function checkWait(options: WaitOptions, more: Kinds = {}): void {
  checkOptions(options, { ...KINDS, ...more });
}

/** The response to a submit: the task's status in it, and its moment by the client's monotonic clock. */
export interface SubmitFacts {
  readonly status?: string | undefined;
  readonly at: number;
}

/** Images can follow a little after COMPLETED, although the document promises them with it: so many more polls are made. */
const EMPTY_POLLS = 3;

/** Milliseconds after the submit in which a 404 may only mean that the task is too new to be read. */
const NOT_FOUND_GRACE = 15_000;

/** Milliseconds: a wait pauses no longer than this, whatever `Retry-After` asks for. */
const LONGEST_PAUSE = 300_000;

/** Nothing was sent, or a later poll cannot change it. */
const FINAL: readonly ErrorCode[] = [
  "configuration",
  "invalid_request",
  "aborted",
  "redirect_refused",
  "usage_limit_reached",
];

/** Behind `statuses()` and `wait()`. Every error carries the task's id. */
export async function* watch(
  environment: CallEnvironment,
  id: string,
  submission: SubmitFacts | undefined,
  options: StatusesOptions,
  onStatus?: WaitOptions["onStatus"],
): AsyncGenerator<Task, void, void> {
  about({ taskId: id }, () => checkWait(options));
  const { settings } = environment;
  const timeout = options.timeout ?? settings.poll.timeout;
  const scope = abortScope(settings.time, timeout, options.signal);
  const state: State = { environment, id, submission, scope, lastStatus: submission?.status, seen: [], empty: 0 };
  let webhooks: WebhookListener | undefined;
  try {
    webhooks = new WebhookListener(environment, id, options.webhook);
    let delay = firstDelay(environment, submission);
    for (let polls = submission === undefined ? 0 : 1; ; polls++) {
      await pause(state, webhooks, delay);
      const task = webhooks.completed ?? (await poll(state, webhooks));
      if (task !== undefined && isNews(state, task)) {
        await orAborted(scope.signal, onStatus?.(task));
        yield task;
      }
      if (task !== undefined && isEnded(task.status)) return;
      const asked = (state.lastError?.retryAfter ?? 0) * 1000;
      delay = Math.max(pollDelay(settings, polls), Math.min(asked, LONGEST_PAUSE));
    }
  } catch (error) {
    throw waitError(error, state, timeout);
  } finally {
    scope.close();
    webhooks?.close();
  }
}

interface State {
  readonly environment: CallEnvironment;
  readonly id: string;
  readonly submission: SubmitFacts | undefined;
  readonly scope: AbortScope;
  lastStatus: string | undefined;
  /** The statuses that were news. */
  readonly seen: string[];
  /** Why the latest poll failed, where it did. */
  lastError?: MagnificError | undefined;
  /** How many responses said COMPLETED without an image. */
  empty: number;
  reported?: boolean;
}

/** Milliseconds to the next poll after so many; spread, so that many waits do not poll in step. */
function pollDelay({ poll, time }: Settings, polls: number): number {
  const delay = Math.min(poll.max, poll.first * poll.factor ** polls);
  return delay * (1 + poll.jitter * (2 * time.random() - 1));
}

/** A task that was just submitted is not done yet; one that is resumed may be. */
function firstDelay({ contract, settings }: CallEnvironment, submission: SubmitFacts | undefined): number {
  if (submission === undefined || isEnded(statusOf(contract, submission.status ?? ""))) return 0;
  const passed = settings.time.monotonic() - submission.at;
  return Math.max(0, pollDelay(settings, 0) - passed);
}

/** Waits for the next poll's turn or for news by webhook. */
async function pause({ environment, id, scope }: State, webhooks: WebhookListener, delay: number): Promise<void> {
  if (delay > 0) {
    const { time, hooks } = environment.settings;
    const event = { operation: readOf(environment.contract), taskId: id, reason: "poll", after: delay } as const;
    tell("onWait", hooks.onWait, event);
    const turn = abortScope(time, delay, scope.signal, webhooks.news.signal);
    await new Promise<void>((resolve) => void onAbort(turn.signal, resolve));
  }
  scope.signal.throwIfAborted();
  if (webhooks.news.signal.aborted) webhooks.news = new AbortController();
}

/** Reads the task once; `undefined` when that failed in a way that may pass. Rejects when the wait cannot continue. */
async function poll(state: State, webhooks: WebhookListener): Promise<Task | undefined> {
  const { environment, id, submission } = state;
  const { time } = environment.settings;
  const scope = abortScope(time, Number.POSITIVE_INFINITY, state.scope.signal, webhooks.done.signal);
  try {
    const response = await orAborted(scope.signal, fetchTask(environment, id, { signal: scope.signal }));
    state.lastError = undefined;
    const task = parseTask(environment, id, response.data, response.requestId);
    state.lastStatus = wireStatusOf(task);
    if (task.status === "UNKNOWN" && !state.reported) {
      state.reported = true;
      reportUnknownStatus(environment, task, response);
    }
    return task;
  } catch (error) {
    if (webhooks.completed !== undefined) return webhooks.completed;
    if (error instanceof EmptyResultError) {
      state.lastStatus = "COMPLETED";
      if (++state.empty > EMPTY_POLLS) throw error;
      return undefined;
    }
    const early = submission !== undefined && time.monotonic() - submission.at < NOT_FOUND_GRACE;
    if (!(early && error instanceof NotFoundError) && !mayPass(error)) throw error;
    state.lastError = error;
    return undefined;
  } finally {
    scope.close();
  }
}

/** Whether the wait continues after this error. Anything that is not this client's error is a mistake in code. */
function mayPass(error: unknown): error is MagnificError {
  if (!(error instanceof MagnificError) || FINAL.includes(error.code)) return false;
  const { status = 0 } = error;
  return status < 400 || status >= 500 || [408, 425, 429].includes(status);
}

function isEnded(status: Task["status"]): boolean {
  return status === "COMPLETED" || status === "FAILED";
}

/** A status that comes again after another one is of a server that lags behind. */
function isNews({ environment, seen, submission }: State, task: Task): boolean {
  const status = wireStatusOf(task);
  // The task left the status of the submit when it was seen in another one that the document knows.
  const before = status === submission?.status && environment.contract.statuses.includes(seen.at(-1) ?? "");
  if (before || seen.includes(status)) return false;
  seen.push(status);
  return true;
}

function waitError(
  error: unknown,
  { environment, id, scope, lastStatus, lastError }: State,
  timeout: number,
): MagnificError {
  const facts = { operation: readOf(environment.contract), taskId: id };
  if (scope.endedBy === "deadline") {
    const seen = lastStatus === undefined ? "" : ` (last status ${lastStatus})`;
    const message = `Task ${id} did not end within ${timeout} ms${seen}. It continues: resume it with its id, do not submit it again.`;
    return new WaitTimeoutError(message, { ...facts, lastStatus, requestId: lastError?.requestId, cause: lastError });
  }
  if (scope.endedBy === undefined && error instanceof MagnificError) return withFacts(error, { taskId: id });
  const aborted = scope.endedBy !== undefined;
  const reason = aborted ? "aborted" : "ended by an error in code that it called";
  const cause = aborted ? scope.signal.reason : error;
  return new AbortedError(`The wait for task ${id} was ${reason}. The task continues.`, { ...facts, cause });
}
