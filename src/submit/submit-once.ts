/** Sends a request only when the store knows of no earlier send of the same one. */

import { AbortedError } from "../errors/aborted-error.js";
import { InvalidRequestError } from "../errors/invalid-request-error.js";
import { type ErrorFacts, MagnificError } from "../errors/magnific-error.js";
import { StoreError } from "../errors/store-error.js";
import { SubmissionUnknownError } from "../errors/submission-unknown-error.js";
import { TimeoutError } from "../errors/timeout-error.js";
import type { Exchanger } from "../http/call.js";
import { unreadImage, withFacts } from "../http/call-errors.js";
import type { CallOptions } from "../http/call-options.js";
import type { OpenBody } from "../image/body.js";
import { SourceFailure } from "../image/reader.js";
import { type Settings, secretsOf } from "../options.js";
import type { TaskStore } from "../store/task-store.js";
import type { ClientContext } from "../task/context.js";
import { type TaskHandle, taskHandle } from "../task/handle.js";
import { abortScope, orAborted } from "../util/abort-scope.js";
import { safeCause } from "../util/redact.js";
import { digestOf, type PreparedRequest, SUBMIT } from "./request.js";

export interface OnceParts {
  readonly exchanger: Exchanger;
  readonly context: ClientContext;
  readonly prepared: PreparedRequest;
  readonly store: TaskStore;
  readonly options: CallOptions;
  /** Sends the request. */
  readonly send: () => Promise<TaskHandle>;
}

/** Sends under way in this process, by store and digest: a second one of the same waits for the first. */
const underWay = new WeakMap<TaskStore, Map<string, Promise<TaskHandle>>>();

export async function submitOnce(parts: OnceParts): Promise<TaskHandle> {
  const { store, options, exchanger } = parts;
  const digest = await replayableDigest(parts);
  const running = underWay.get(store) ?? new Map<string, Promise<TaskHandle>>();
  underWay.set(store, running);

  for (let first = running.get(digest); first !== undefined; first = running.get(digest)) {
    const scope = abortScope(exchanger.settings.time, Number.POSITIVE_INFINITY, options.signal);
    try {
      return await orAborted(scope.signal, first);
    } catch {
      if (scope.endedBy !== undefined) {
        const facts = { operation: SUBMIT, digest, submission: "unknown", cause: options.signal?.reason } as const;
        throw new AbortedError(`${SUBMIT} was aborted while the same request was being sent by another call.`, facts);
      }
      // The other call made no task: now it is this one's turn. What it left unknown, the store says.
      if (running.get(digest) === first) running.delete(digest);
    } finally {
      scope.close();
    }
  }
  const mine = sendOnce(parts, digest);
  running.set(digest, mine);
  try {
    return await mine;
  } finally {
    if (running.get(digest) === mine) running.delete(digest);
  }
}

/** The digest of a request, had before it is sent. @throws {InvalidRequestError} when its image can be read only once. */
export async function replayableDigest(parts: Pick<OnceParts, "exchanger" | "prepared" | "options">): Promise<string> {
  const { body } = parts.prepared;
  if (body.replayable) return digestBefore(parts);
  await body.close();
  const message =
    "can be read only once, so a store could know it only after it was sent: give bytes, a Blob or imageFile(), or `store: false`";
  throw new InvalidRequestError(SUBMIT, [{ field: "image", rule: "replayable", message }]);
}

async function sendOnce({ context, store, send, exchanger }: OnceParts, digest: string): Promise<TaskHandle> {
  const { time } = exchanger.settings;
  const facts = { operation: SUBMIT, digest };
  const known = await stored(() => store.begin(digest, time.now()), "read", exchanger.settings, {
    ...facts,
    submission: "not_sent",
  });
  if (known?.state === "sent" && known.taskId !== undefined) return taskHandle(context, known.taskId, { digest });
  // Nothing at all is `null` to some databases.
  if (known) {
    const since = new Date(known.at).toISOString();
    const message = `The same request was sent before (${since}), and nobody knows whether it made a task. Look at \`magnific.tasks()\`; then \`store.forget("${digest}")\` lets it be sent again.`;
    throw new SubmissionUnknownError(message, facts);
  }
  let handle: TaskHandle;
  try {
    handle = await send();
  } catch (error) {
    const submission = error instanceof MagnificError ? error.submission : "unknown";
    // Left as it is, the entry only asks for a look; taken out wrongly, it would let a paid task be paid again.
    if (submission === "not_sent" || submission === "rejected") await forgotten(store, digest);
    throw error instanceof MagnificError ? withFacts(error, { digest }) : error;
  }
  const finish = (): Promise<void> => store.finish(digest, handle.id, time.now());
  await stored(finish, "written, although the task was made", exchanger.settings, {
    ...facts,
    submission: "unknown",
    taskId: handle.id,
  });
  return handle;
}

/** @param work Called here: a store may throw before it has promised anything. */
async function stored<T>(work: () => Promise<T>, what: string, settings: Settings, facts: ErrorFacts): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const cause = safeCause(error, secretsOf(settings));
    const why = cause === undefined || cause.message === "" ? "" : `: ${cause.message}`;
    throw new StoreError(`The task store could not be ${what}${why.replace(/\.$/, "")}.`, { ...facts, cause });
  }
}

async function forgotten(store: TaskStore, digest: string): Promise<void> {
  try {
    await store.forget(digest);
  } catch {
    // It stays, and asks for a look.
  }
}

/** Reads the whole image once, before anything is sent. */
async function digestBefore({
  exchanger,
  prepared,
  options,
}: Pick<OnceParts, "exchanger" | "prepared" | "options">): Promise<string> {
  const { settings } = exchanger;
  const timeout = options.timeout ?? settings.timeout;
  const body = prepared.body.open();
  const scope = abortScope(settings.time, timeout, options.signal);
  try {
    await orAborted(scope.signal, drained(body));
  } catch (error) {
    const facts = { operation: SUBMIT, submission: "not_sent", attempts: 0 } as const;
    if (scope.endedBy === "deadline")
      throw new TimeoutError(`${SUBMIT} was not sent: the image was not read within ${timeout} ms.`, facts);
    if (scope.endedBy !== undefined)
      throw new AbortedError(`${SUBMIT} was aborted before it was sent.`, { ...facts, cause: options.signal?.reason });
    const failure = error instanceof SourceFailure ? error : new SourceFailure("reading failed", { cause: error });
    throw unreadImage(SUBMIT, failure, secretsOf(settings), facts);
  } finally {
    scope.close();
    await body.close();
  }
  return digestOf(settings.origin, prepared.fields, body.imageHash ?? "");
}

async function drained(body: OpenBody): Promise<void> {
  for await (const _ of body.pieces());
}
