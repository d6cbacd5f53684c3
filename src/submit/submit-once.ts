/** Sends a request only when the store knows of no earlier send of the same one. */
import { submitOf, type TaskFacts } from "../contract/contract.js";
import { DEFAULT_TASK } from "../contract/default.js";
import { type ErrorFacts, MagnificError } from "../errors/magnific-error.js";
import { AbortedError } from "../errors/network-errors.js";
import { InvalidRequestError, StoreError, SubmissionUnknownError } from "../errors/request-errors.js";
import { isTaskId } from "../http/api-error.js";
import type { CallEnvironment } from "../http/call.js";
import type { CallOptions } from "../http/call-options.js";
import { withFacts } from "../http/failure.js";
import { secretsOf } from "../options.js";
import type { KnownSubmit, StoredTask, TaskStore } from "../store/task-store.js";
import { type TaskHandle, taskHandle } from "../task/handle.js";
import { abortScope, inScope, orAborted } from "../util/abort-scope.js";
import { utf8 } from "../util/bytes.js";
import { A_SIGNAL, AN_OBJECT, checkOptions, typeOf } from "../util/check-options.js";
import { isObject } from "../util/json.js";
import { safeCause } from "../util/redact.js";
import { sha256 } from "../util/sha256.js";
import { type PreparedRequest, prepareRequest, type RequestContext, readingImage } from "./request.js";

export interface OnceParts extends CallEnvironment {
  readonly prepared: PreparedRequest;
  readonly store: TaskStore;
  readonly options: CallOptions;
  /** Ends it while nothing is in flight. */
  readonly idle: AbortSignal | undefined;
  readonly send: (digest: string) => Promise<TaskHandle>;
}

/** Sends in flight in this process, by store and digest: a second one of the same waits for the first. */
const inFlight = new WeakMap<object, Map<string, Promise<TaskHandle>>>();

/** Sends of this process whose outcome is unknown: when their entry was written, and when they ended by the monotonic clock. */
const unknown = new WeakMap<object, Map<string, { readonly at: number; readonly end: number }>>();

/** Of a submit that a store knows: milliseconds since this process ended sending it; `undefined` where another one sent it. */
export function lastSend(
  store: object,
  { digest, at }: KnownSubmit,
  monotonic: number,
): number | "in_flight" | undefined {
  if (inFlight.get(store)?.has(digest)) return "in_flight";
  const last = unknown.get(store)?.get(digest);
  return last?.at === at ? monotonic - last.end : undefined;
}

export async function submitOnce(parts: OnceParts): Promise<TaskHandle> {
  const { prepared, store, options, idle } = parts;
  const operation = submitOf(parts.contract);
  const digest = await replayableDigest(parts, prepared, { ...options, signal: idle });
  const running = inFlight.get(store) ?? new Map<string, Promise<TaskHandle>>();
  inFlight.set(store, running);

  for (let first = running.get(digest); first !== undefined; first = running.get(digest)) {
    try {
      return await orAborted(idle, first);
    } catch {
      if (idle?.aborted) {
        const facts = { operation, digest, submission: "unknown", cause: idle.reason } as const;
        throw new AbortedError(
          `${operation} was aborted while the same request was being sent by another call.`,
          facts,
        );
      }
      // The other call made no task: now it is this one's turn. What it left unknown, the store says.
      if (running.get(digest) === first) running.delete(digest);
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

async function sendOnce(parts: OnceParts, digest: string): Promise<TaskHandle> {
  const { contract, settings, store, send, options, idle } = parts;
  const facts = { operation: submitOf(contract), digest };
  const at = settings.time.now();
  const begin = async (): Promise<StoredEntry | undefined> => entryOf(await store.begin(digest, at));
  const known = await stored(parts, begin, "read", idle, { ...facts, submission: "not_sent" });
  if (known?.state === "sent" && isTaskId(known.taskId)) return taskHandle(parts, known.taskId, { digest });
  if (known) {
    const at = new Date(typeof known.at === "number" ? known.at : Number.NaN);
    const since = Number.isNaN(at.getTime()) ? "at an unknown time" : at.toISOString();
    const message = `The same request was sent before (${since}), and nobody knows whether it made a task. Look at \`tasks()\`; then \`store.forget("${digest}")\` lets it be retried.`;
    throw new SubmissionUnknownError(message, facts);
  }
  let handle: TaskHandle;
  try {
    handle = await send(digest);
  } catch (error) {
    if (!(error instanceof MagnificError)) throw error;
    // Left as it is, the entry only asks for a look; removed wrongly, it would let a paid task be paid again.
    if (madeNoTask(error))
      await stored(parts, () => store.forget(digest), "cleared", options.signal, facts).catch(() => undefined);
    else {
      const ended = unknown.get(store) ?? new Map();
      unknown.set(store, ended.set(digest, { at, end: settings.time.monotonic() }));
    }
    throw withFacts(error, { digest });
  }
  const finish = (): Promise<void> => store.finish(digest, handle.id, settings.time.now());
  const paid = { ...facts, submission: "unknown", taskId: handle.id } as const;
  await stored(parts, finish, "written, although the task was made", options.signal, paid);
  return handle;
}

/** An entry as a store of the caller's gave it. One that cannot be understood shows at least that something was begun. */
type StoredEntry = { readonly [Name in keyof StoredTask]?: unknown };

function entryOf(value: unknown): StoredEntry | undefined {
  // A missing entry is `null` to some databases.
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw new TypeError(`its entry is ${typeOf(value)}, not an object`);
  return value;
}

/** Whether a submit that ended so provably made no task. */
export function madeNoTask({ submission = "unknown", taskId }: MagnificError): boolean {
  return submission !== "unknown" && taskId === undefined;
}

/** Runs code of the store's, which may throw before it has promised anything, and may never come to an end. */
export function stored<T>(
  { contract, settings, options }: Pick<OnceParts, "contract" | "settings" | "options">,
  work: () => Promise<T>,
  what: string,
  signal: AbortSignal | undefined,
  facts: ErrorFacts,
): Promise<T> {
  const timeout = options.timeout ?? settings.timeout;
  const scope = abortScope(settings.time, timeout, signal);
  const run = async (): Promise<T> => work();
  return inScope(
    scope,
    (ended) => orAborted(ended, run()),
    (error) => {
      if (scope.endedBy === "signal") {
        const message = `${submitOf(contract)} was aborted while the task store was ${what === "read" ? "read" : "written"}.`;
        return new AbortedError(message, { ...facts, cause: signal?.reason });
      }
      const cause = scope.endedBy === "deadline" ? undefined : safeCause(error, secretsOf(settings));
      const reason = scope.endedBy === "deadline" ? `it did not answer within ${timeout} ms` : (cause?.message ?? "");
      const why = reason === "" ? "" : `: ${reason.replace(/\.$/, "")}`;
      return new StoreError(`The task store could not be ${what}${why}.`, { ...facts, cause });
    },
  );
}

/** The digest of a request that is not sent. The images are read to their end. */
export async function requestDigest(
  context: RequestContext,
  request: object,
  options: Pick<CallOptions, "signal"> & { readonly extraBody?: object | undefined },
): Promise<string> {
  checkOptions(options, { signal: A_SIGNAL, extraBody: AN_OBJECT });
  return replayableDigest(context, await prepareRequest(request, context, options), options);
}

/** The digest of a request, had before it is sent. @throws {InvalidRequestError} when its image can be read only once. */
async function replayableDigest(
  context: RequestContext,
  { body, fields }: PreparedRequest,
  options: CallOptions,
): Promise<string> {
  const { contract, settings } = context;
  if (!body.replayable) {
    await body.close();
    const message =
      "can be read only once, so a store could know it only after it was sent: pass bytes, a Blob or imageFile(), or `store: false`";
    throw new InvalidRequestError(
      submitOf(contract),
      body.readOnce.map((field) => ({ field, rule: "replayable", message })),
    );
  }
  const hashes = new Map<string, string>();
  for (const name of body.images) {
    const hash = sha256();
    await readingImage(context, options, (signal) => orAborted(signal, body.readImage(name, hash.update, signal)));
    hashes.set(name, await hash.hex());
  }
  return digestOf(contract, settings.origin, fields, hashes);
}

/**
 * Recognises a request without holding it: SHA-256, in hex, of the server's origin and the parameters as JSON with
 * sorted names, in which an image is `"sha256:<hex>"` of its bytes. Of any operation but the default one, the path counts
 * too, and the digest ends with a tag of it.
 */
export async function digestOf(
  contract: TaskFacts,
  origin: string,
  fields: PreparedRequest["fields"],
  images: ReadonlyMap<string, string>,
): Promise<string> {
  const names = Object.keys(fields).filter((name) => fields[name] !== undefined);
  const members = names.sort().map((name) => {
    const image = images.get(name);
    return `${JSON.stringify(name)}:${JSON.stringify(image === undefined ? fields[name] : `sha256:${image}`)}`;
  });
  const tag = await digestTag(contract);
  const place = tag === "" ? origin : `${origin}\n${contract.submit.path}`;
  return (await sha256Of(`${place}\n{${members.join(",")}}`)) + tag;
}

/** What the digests of an operation end with; empty for those of the default one. */
async function digestTag({ submit: { path } }: TaskFacts): Promise<string> {
  return path === DEFAULT_TASK.submit.path ? "" : (await sha256Of(path)).slice(0, 8);
}

/** Tells the digests of an operation from those of others. An empty one, of which only the task is known, is of any. */
export async function isDigestOf(contract: TaskFacts): Promise<(digest: string) => boolean> {
  const tag = await digestTag(contract);
  return (digest) => digest === "" || (/^[\da-f]{72}$/.test(digest) ? digest.slice(64) === tag : tag === "");
}

async function sha256Of(text: string): Promise<string> {
  const hash = sha256();
  hash.update(utf8(text));
  return hash.hex();
}
