/** A local stand-in for the provider, for tests and for trying things out. */
import { sleep } from "../util/time.js";
import { SandboxError } from "./errors.js";
import { type ExchangeContext, exchange } from "./exchange.js";
import { type Fault, FaultPlan } from "./faults.js";
import { FolderStore } from "./folder-store.js";
import { Keys } from "./keys.js";
import type { LifeCycle, LifeCycleName, Step } from "./life-cycle.js";
import { type Counts, Log, type LogEntry } from "./log.js";
import { MemoryStore } from "./memory-store.js";
import { randomSecret, resolveOptions, type SandboxOptions, stepsByName } from "./options.js";
import { answerPage } from "./page/page.js";
import { RateLimiter } from "./rate-limit.js";
import { listen } from "./server.js";
import { detailOf, infoOf, type TaskInfo } from "./task.js";
import { Tasks } from "./tasks.js";
import { Webhooks } from "./webhooks.js";
import { WorkQueue } from "./work-queue.js";

/** A running sandbox. */
export interface Sandbox extends AsyncDisposable {
  /** Its origin, to be given to a client as base URL; opened in a browser, it shows the tasks live. */
  readonly url: string;
  /** The key it accepts; the first one where there are several. */
  readonly key: string;
  /** What webhooks are signed with. */
  readonly webhookSecret: string;
  /** What it saw, oldest first. Holds no key, no image and no query string. */
  readonly log: readonly LogEntry[];
  /** How often what happened since it started. */
  readonly counts: Readonly<Counts>;
  /** Every task, newest first. */
  tasks(): TaskInfo[];
  /** Has the next `times` submits go through this life; scripts queue up. Default: 1. Throws a SandboxError. */
  script(lifeCycle: LifeCycleName | LifeCycle, times?: number): void;
  /** Plays a fault on requests to come. Throws a RangeError when it is none. */
  fault(fault: Fault): void;
  /** Ends it: open connections are cut, no timer, port or file handle is left. */
  close(): Promise<void>;
}

/**
 * Starts a server on 127.0.0.1 that speaks the provider's contract, with tasks that live and images that really grow.
 * The enlargement is an ordinary resampling: a stand-in, not Magnific's model. Nothing leaves the machine.
 *
 * @example
 * await using sandbox = await startSandbox({ lifeCycle: "failed" });
 * const magnific = new Magnific({ apiKey: sandbox.key, baseUrl: sandbox.url });
 *
 * @throws {SandboxError} For an option without meaning, a missing `sharp`, or a state folder that cannot be used.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const resolved = resolveOptions(options);
  const { time } = resolved;
  const store = resolved.folder === undefined ? new MemoryStore() : await FolderStore.open(resolved.folder);
  try {
    const { key, webhookSecret, signingSecret } = await store.secrets({
      key: resolved.keys?.[0] ?? randomSecret("sandbox-"),
      webhookSecret: resolved.webhooks.secret ?? randomSecret(""),
      signingSecret: randomSecret(""),
    });
    const keys = resolved.keys ?? [key];
    const secret = resolved.webhooks.secret ?? webhookSecret;

    const log = new Log(resolved.logSize, resolved.onLog);
    const faults = new FaultPlan();
    for (const fault of resolved.faults) faults.add(fault);
    const scripts: (readonly Step[])[] = [];
    const queue = new WorkQueue(resolved.concurrency);
    const closed = new AbortController();
    let origin = "";
    const webhooks = new Webhooks({ ...resolved.webhooks, secret }, { time, log, store, origin: () => origin });
    const tasks = new Tasks({
      time,
      store,
      log,
      queue,
      upscaler: resolved.upscaler,
      signingSecret,
      resultTtlMs: resolved.resultTtlMs,
      onStep: async (task, step) => {
        // A task that begins as CREATED has not changed its status.
        if (task.webhookUrl === undefined || (task.position.index === 0 && step.status === "CREATED")) return;
        await webhooks.announce(detailOf(task, ""), task.webhookUrl, step.webhook ?? "send");
      },
    });
    const context: ExchangeContext = {
      options: resolved,
      time,
      keys: new Keys(keys),
      limiter: new RateLimiter(resolved.rateLimit),
      tasks,
      store,
      signingSecret,
      log,
      counts: log.counts,
      faults,
      nextScript: () => scripts.shift(),
      origin: () => origin,
      sleep: (ms) => sleep(time, ms, closed.signal),
      page: (url, request) => answerPage({ tasks, store, counts: log.counts }, url, request),
    };
    const server = await listen((request, response) => void exchange(context, request, response), resolved.port);
    origin = server.origin;
    await tasks.restore();
    await webhooks.restore();

    let closing: Promise<void> | undefined;
    const close = async (): Promise<void> => {
      tasks.close();
      webhooks.close();
      closed.abort();
      await server.close();
      await queue.close();
      await store.close();
    };
    const closeOnce = (): Promise<void> => {
      closing ??= close();
      return closing;
    };
    return {
      url: origin,
      key: keys[0] ?? key,
      webhookSecret: secret,
      log: log.entries,
      counts: log.counts,
      tasks: () => tasks.list().map((task) => infoOf(task, origin)),
      script: (lifeCycle, times = 1) => {
        if (closing !== undefined) throw new SandboxError("closed", "The sandbox is closed.");
        const steps = stepsByName(lifeCycle);
        for (let time = 0; time < times; time++) scripts.push(steps);
      },
      fault: (fault) => faults.add(fault),
      close: closeOnce,
      [Symbol.asyncDispose]: closeOnce,
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}
