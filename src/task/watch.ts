/** Follows a task until it ends: polls by schedule, hears webhooks, and outlives single failures. */

import { AbortedError } from "../errors/aborted-error.js";
import { EmptyResultError } from "../errors/empty-result-error.js";
import { MagnificError } from "../errors/magnific-error.js";
import { NotFoundError } from "../errors/not-found-error.js";
import { WaitTimeoutError } from "../errors/wait-timeout-error.js";
import { type AbortScope, abortScope, orAborted } from "../util/abort-scope.js";
import { A_FUNCTION, A_SIGNAL, about, atLeast, checkOptions, having, type Kinds } from "../util/check-options.js";
import type { WebhookSource } from "../webhook/event.js";
import type { ClientContext } from "./context.js";
import { mayPass, withTask } from "./failure.js";
import { pollDelay } from "./schedule.js";
import { parseTask, type Task, wireStatusOf } from "./task.js";
import { READ_TASK } from "./task-id.js";
import { reportUnknownStatus } from "./violation.js";
import { openPost, type Post } from "./webhook-listener.js";

export interface StatusesOptions {
  /** Ends the wait early with an `AbortedError`. The task goes on: the provider knows no cancel. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the wait gives up, a poll in flight included. Default: the client's `poll.timeout` (30 minutes). `Infinity` for never. */
  readonly timeout?: number | undefined;
  /** Where webhooks about the task arrive: the first of webhook and poll wins. Default: none, polls only. */
  readonly webhook?: WebhookSource | undefined;
}

export interface WaitOptions extends StatusesOptions {
  /**
   * Called with the task when it is first seen and on each change of its status, the last one included. The wait goes on
   * when a promise that it returns is fulfilled. An error in it ends the wait as an `AbortedError` with that cause.
   */
  readonly onStatus?: ((task: Task) => void | Promise<void>) | undefined;
}

const KINDS: Kinds = {
  signal: A_SIGNAL,
  timeout: atLeast(0),
  webhook: having("a WebhookSource", ["subscribe"]),
  onStatus: A_FUNCTION,
};

/** @throws {ConfigurationError} for what no wait can begin with. */
export function checkWait(options: WaitOptions, more: Kinds = {}): void {
  checkOptions(options, { ...KINDS, ...more });
}

/** What the answer to a submit said of the task. */
export interface SubmitFacts {
  readonly status?: string | undefined;
  /** Moment of the response, by the client's monotonic clock. */
  readonly at: number;
}

/** The document promises images with COMPLETED; reports say they can come a little later. So many more polls are made. */
const EMPTY_POLLS = 3;

/** Milliseconds after the submit in which a 404 may only mean that the reading side does not know the new task yet. */
const NOT_FOUND_GRACE = 15_000;

/** Milliseconds: longer than this a wait does not keep still, whatever `Retry-After` asks for. */
const LONGEST_PAUSE = 300_000;

const RANK: Readonly<Record<string, number>> = { CREATED: 0, IN_PROGRESS: 1, COMPLETED: 2, FAILED: 2 };

/**
 * The task when it is first seen and on each change of its status, up to COMPLETED or FAILED.
 * Every error carries the task's id.
 */
export async function* watch(
  context: ClientContext,
  id: string,
  submission: SubmitFacts | undefined,
  options: StatusesOptions,
  onStatus?: WaitOptions["onStatus"],
): AsyncGenerator<Task, void, void> {
  about({ taskId: id }, () => checkWait(options));
  const timeout = options.timeout ?? context.poll.timeout;
  const { time } = context;
  const state: State = { lastStatus: submission?.status, empty: 0 };
  const scope = abortScope(time, timeout, options.signal);
  let post: Post | undefined;
  let last: Task | undefined;
  try {
    const news = openPost(context, id, options.webhook);
    post = news;
    let delay = firstDelay(context, submission);
    for (let polls = submission === undefined ? 0 : 1; ; polls++) {
      await pause(context, scope, news, delay);
      const task = news.completed ?? (await poll(context, id, submission, scope, news, state));
      if (task !== undefined && isNews(task, last)) {
        last = task;
        await orAborted(scope.signal, Promise.resolve(onStatus?.(task)));
        yield task;
      }
      if (task?.status === "COMPLETED" || task?.status === "FAILED") return;
      const asked = (state.lastError?.retryAfter ?? 0) * 1000;
      delay = Math.max(pollDelay(context.poll, polls, time.random()), Math.min(asked, LONGEST_PAUSE));
    }
  } catch (error) {
    throw ending(error, id, scope, state, timeout);
  } finally {
    scope.close();
    post?.close();
  }
}

interface State {
  lastStatus: string | undefined;
  /** Why the latest poll told nothing, where it failed. */
  lastError?: MagnificError | undefined;
  /** How many answers said COMPLETED without an image. */
  empty: number;
  reported?: boolean;
}

/** A task that was just submitted is not done yet; one that is taken up again may be. */
function firstDelay(context: ClientContext, submission: SubmitFacts | undefined): number {
  if (submission === undefined || submission.status === "COMPLETED" || submission.status === "FAILED") return 0;
  const passed = context.time.monotonic() - submission.at;
  return Math.max(0, pollDelay(context.poll, 0, context.time.random()) - passed);
}

/** Waits for the next poll's turn or for news by webhook. */
async function pause(context: ClientContext, scope: AbortScope, post: Post, delay: number): Promise<void> {
  scope.signal.throwIfAborted();
  if (post.takeHint() || post.completed !== undefined || delay === 0) return;
  let cancel: (() => void) | undefined;
  try {
    await orAborted(
      scope.signal,
      new Promise<void>((resolve) => {
        post.onNews = resolve;
        cancel = context.time.after(delay, resolve);
      }),
    );
  } finally {
    cancel?.();
    post.onNews = undefined;
  }
  post.takeHint();
}

/** One look at the task; `undefined` when it told nothing. Rejects when the wait cannot go on. */
async function poll(
  context: ClientContext,
  id: string,
  submission: SubmitFacts | undefined,
  scope: AbortScope,
  post: Post,
  state: State,
): Promise<Task | undefined> {
  const span = abortScope(context.time, Number.POSITIVE_INFINITY, scope.signal);
  post.onNews = () => {
    if (post.completed !== undefined) span.abort();
  };
  try {
    const answer = await orAborted(span.signal, context.fetchTask(id, { signal: span.signal }));
    state.lastError = undefined;
    const task = parseTask(context, id, answer.data, answer.requestId);
    state.lastStatus = wireStatusOf(task);
    if (task.status === "UNKNOWN" && !state.reported) {
      state.reported = true;
      reportUnknownStatus(context, task, answer);
    }
    return task;
  } catch (error) {
    if (post.completed !== undefined) return post.completed;
    if (error instanceof EmptyResultError) {
      state.lastStatus = "COMPLETED";
      if (++state.empty > EMPTY_POLLS) throw error;
      return undefined;
    }
    const tooEarly =
      error instanceof NotFoundError &&
      submission !== undefined &&
      context.time.monotonic() - submission.at < NOT_FOUND_GRACE;
    if (!tooEarly && !mayPass(error)) throw error;
    state.lastError = error;
    return undefined;
  } finally {
    post.onNews = undefined;
    span.close();
  }
}

/** A status that went back is an answer from a server that lags behind. */
function isNews(task: Task, last: Task | undefined): boolean {
  if (last === undefined) return true;
  if (wireStatusOf(task) === wireStatusOf(last)) return false;
  return (RANK[task.status] ?? Number.POSITIVE_INFINITY) >= (RANK[last.status] ?? 0);
}

function ending(error: unknown, id: string, scope: AbortScope, state: State, timeout: number): MagnificError {
  const facts = { operation: READ_TASK, taskId: id };
  if (scope.endedBy === "signal")
    return new AbortedError(`The wait for task ${id} was aborted. The task goes on.`, {
      ...facts,
      cause: scope.signal.reason,
    });
  if (scope.endedBy === "deadline") {
    const { lastStatus, lastError } = state;
    const seen = lastStatus === undefined ? "" : ` (last status ${lastStatus})`;
    return new WaitTimeoutError(
      `Task ${id} did not end within ${timeout} ms${seen}. It goes on: take it up again with its id, do not submit it again.`,
      { ...facts, lastStatus, requestId: lastError?.requestId, cause: lastError },
    );
  }
  if (error instanceof MagnificError) return withTask(error, id);
  return new AbortedError(`The wait for task ${id} was ended by an error in code that it called. The task goes on.`, {
    ...facts,
    cause: error,
  });
}
