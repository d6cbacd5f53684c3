/** A local stand-in for the provider, for tests and for trying things out. */
import { randomBytes } from "node:crypto";
import { orAborted } from "../util/abort-scope.js";
import { keyOwners, rateLimiter } from "./access.js";
import type { RequestContext } from "./call.js";
import type { Context } from "./context.js";
import { SandboxError } from "./errors.js";
import { FaultPlan, type SandboxFault } from "./faults.js";
import { openFolderStore } from "./folder-store.js";
import { handleRequest } from "./handler.js";
import { type LifeCycle, type LifeCycleName, script } from "./life-cycle.js";
import { type Counts, type LogEntry, logOf } from "./log.js";
import { listen } from "./node-server.js";
import { type ResolvedOptions, resolveOptions, type SandboxOptions } from "./options.js";
import { router } from "./route.js";
import { memoryStore, type Store } from "./store.js";
import { infoOf, type TaskInfo } from "./task.js";
import { Tasks } from "./tasks.js";
import { Webhooks } from "./webhooks.js";

/** A running sandbox. */
export interface Sandbox extends AsyncDisposable {
  /** Its origin, the base URL of a client; opened in a browser, it shows the tasks live. */
  readonly url: string;
  /** The sandbox as a function, for clients that take one: no port is needed. Paths count, whatever the host. */
  readonly fetch: typeof globalThis.fetch;
  /** The key it accepts; the first one where there are several. */
  readonly key: string;
  /** The secret that signs webhooks. */
  readonly webhookSecret: string;
  /** What it saw, oldest first. Holds no key, no image data and no query string. */
  readonly log: readonly LogEntry[];
  /** Counters since it started. */
  readonly counts: Readonly<Counts>;
  /** Every task, newest first. */
  tasks(): TaskInfo[];
  /** Sets the life cycle of the next `times` submits (default: 1); scripts queue up. @throws {SandboxError} */
  script(lifeCycle: LifeCycleName | LifeCycle, times?: number): void;
  /** Plays a fault on requests to come. @throws {RangeError} when it is not a fault. */
  fault(fault: SandboxFault): void;
  /** Stops it: open connections are cut, and no timer, port or file handle is left. */
  close(): Promise<void>;
}

/**
 * Starts a sandbox that speaks the provider's contract, with tasks that advance and images that are really enlarged.
 * The enlargement is ordinary resampling: a stand-in, not Magnific's model. Nothing leaves the machine.
 *
 * @example
 * await using sandbox = await startSandbox({ lifeCycle: "failed" });
 * const magnific = new Magnific({ apiKey: sandbox.key, baseUrl: sandbox.url });
 *
 * @example
 * await using sandbox = await startSandbox({ port: false });
 * const magnific = new Magnific({ apiKey: sandbox.key, fetch: sandbox.fetch });
 *
 * @throws {SandboxError} For an invalid option, a missing `sharp`, or a state folder that cannot be used.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const resolved = resolveOptions(options);
  const store = resolved.folder === undefined ? memoryStore() : await openFolderStore(resolved.folder);
  try {
    return await start(resolved, store);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function start(options: ResolvedOptions, store: Store): Promise<Sandbox> {
  const { key, webhookSecret, signingSecret } = await secretsOf(store, options);
  const keys = options.keys ?? [key];
  const secret = options.webhooks.secret ?? webhookSecret;
  const log = logOf(options.logSize, options.onLog);
  const closing = new AbortController();
  let server = { origin: "http://sandbox.localhost", close: async () => {} };
  const shared: Context = {
    ...options,
    webhooks: { ...options.webhooks, secret },
    store,
    log,
    signingSecret,
    closing: closing.signal,
    origin: () => server.origin,
  };
  const webhooks = new Webhooks(shared);
  const tasks = new Tasks(shared, async (task, step) => {
    // A task that begins as CREATED has not changed its status.
    if (task.webhookUrl === undefined || (task.position.index === 0 && step.status === "CREATED")) return;
    // A state folder may hold tasks of an operation that is no longer played.
    const operation = options.operations.get(task.operation);
    if (operation !== undefined) await webhooks.announce(operation.task, task, step.webhook ?? "send");
  });
  const context: RequestContext = {
    ...shared,
    keys: keyOwners(keys),
    limiter: rateLimiter(options.rateLimit),
    tasks,
    routeOf: router([...options.operations.values()]),
    plan: new FaultPlan(options.faults),
    scripts: [],
  };
  if (options.port !== false)
    server = await listen((request) => handleRequest(context, request), options.host, options.port);
  await tasks.restore();
  await webhooks.restore();

  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing.abort(new SandboxError("closed", "The sandbox is closed."));
    closed ??= Promise.all([server.close(), tasks.close()]).then(() => store.close());
    return closed;
  };
  return {
    url: server.origin,
    fetch: (input, init) => sandboxFetch(context, new Request(input, init)),
    key: keys[0] ?? key,
    webhookSecret: secret,
    log: log.entries,
    counts: log.counts,
    tasks: () => tasks.list().map((task) => infoOf(task, server.origin)),
    script: (lifeCycle, times) => {
      closing.signal.throwIfAborted();
      script(context.scripts, lifeCycle, times);
    },
    fault: (fault) => context.plan.add(fault),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** What must stay the same over a restart, or nothing that was handed out would be valid. */
async function secretsOf(store: Store, { keys, webhooks, folder }: ResolvedOptions) {
  const random = () => randomBytes(24).toString("hex");
  const [key, webhookSecret] = [keys?.[0] ?? `sandbox-${random()}`, webhooks.secret ?? random()];
  const fresh = { key, webhookSecret, signingSecret: random() };
  const found = await store.read("sandbox.json");
  if (found === undefined) {
    await store.write("sandbox.json", JSON.stringify({ version: 2, ...fresh }, undefined, 2));
    return fresh;
  }
  const kept = JSON.parse(new TextDecoder().decode(found)) as typeof fresh & { readonly version: unknown };
  if (kept.version === 2) return kept;
  throw new SandboxError("state_folder", `The state folder ${folder} was written by another version.`);
}

/** Behaves as `fetch` does: the signal ends it, and an error of the network rejects. */
async function sandboxFetch(context: RequestContext, request: Request): Promise<Response> {
  context.closing.throwIfAborted();
  const [sent, body] = request.body?.tee() ?? [];
  // As over a network: whatever comes of the request, its first bytes went out.
  const first = sent?.getReader();
  await orAborted(request.signal, first?.read());
  void first?.cancel();
  const received = body === undefined ? request : new Request(request, { body, duplex: "half" } as RequestInit);
  const response = await orAborted(request.signal, handleRequest(context, received));
  if (!received.bodyUsed) void received.body?.cancel();
  if (request.redirect === "error" && response.status >= 300 && response.headers.has("location"))
    throw new TypeError("fetch failed", { cause: new Error("unexpected redirect") });
  return response;
}
