/** The options of a sandbox, with their defaults. */
import { randomBytes } from "node:crypto";
import { availableParallelism } from "node:os";
import { systemTime, type Time } from "../util/time.js";
import { SandboxError } from "./errors.js";
import { checkFault, type Fault } from "./faults.js";
import { type LifeCycle, type LifeCycleName, lifeCycles, type Step, stepsOf } from "./life-cycle.js";
import type { LogEntry } from "./log.js";
import type { RateLimit } from "./rate-limit.js";
import { type ResultFormat, requireSharp, sharpUpscaler } from "./sharp-upscaler.js";
import { echo, type Sliders, type Upscaler } from "./upscaler.js";
import type { ResolvedWebhookOptions, WebhookOptions } from "./webhooks.js";

/** What a life cycle may be chosen by. */
export interface SubmittedTask {
  readonly id: string;
  /** Counts the submits that created a task, from 1. */
  readonly number: number;
  readonly sliders: Sliders;
}

export interface SandboxOptions {
  /** The port on 127.0.0.1; no other address is ever bound. Default: 0, which takes a free one. */
  readonly port?: number | undefined;
  /** The key, or keys, that the sandbox accepts. Each sees its own tasks only. Default: a random one, see `sandbox.key`. */
  readonly key?: string | readonly string[] | undefined;
  /**
   * What tasks go through: a name out of `lifeCycles`, steps of your own, or a function that chooses for each task.
   * `sandbox.script()` and the request header `x-sandbox-life-cycle` come before it. Default: "standard".
   */
  readonly lifeCycle?: LifeCycleName | LifeCycle | ((task: SubmittedTask) => LifeCycleName | LifeCycle) | undefined;
  /**
   * Who enlarges. "sharp": an ordinary resampling with filters, a stand-in that does none of what Magnific's model does;
   * needs the library `sharp` beside this package. "echo": the image comes back as it is. Or a function of your own.
   * Default: "sharp".
   */
  readonly upscaler?: "sharp" | "echo" | Upscaler | undefined;
  /** How many times wider and higher a result is; with "sharp". From 1 to 16. Default: 2. */
  readonly scale?: number | undefined;
  /** "png", or "source" for JPEG from JPEG and WebP from WebP; with "sharp". Default: "png". */
  readonly resultFormat?: ResultFormat | undefined;
  /** Images worked on at the same time. Default: 2, or 1 on a machine with one processor. */
  readonly concurrency?: number | undefined;
  /** Bytes a submit's body may have before it is answered with 413. Default: 268,435,456 (256 MiB). */
  readonly bodyLimit?: number | undefined;
  /** How long a result URL is good from the completion on, in milliseconds. Default: 3,600,000 (an hour). */
  readonly resultTtlMs?: number | undefined;
  /** How fast each key may ask. Default: 30,000 requests in 60,000 ms. */
  readonly rateLimit?: { readonly [Name in keyof RateLimit]?: RateLimit[Name] | undefined } | undefined;
  /** Milliseconds before every answer of the API and of results. Default: 0. */
  readonly latencyMs?: number | undefined;
  /** Faults to play from the start; see `sandbox.fault()`. Default: none. */
  readonly faults?: readonly Fault[] | undefined;
  /** How webhooks are sent. */
  readonly webhooks?: WebhookOptions | undefined;
  /**
   * A folder for tasks, images, keys, secrets and webhooks that are not delivered yet, so that they survive a restart; one
   * process at a time. Give `port` too where URLs handed out are to stay good. Default: none, the state is in memory.
   */
  readonly folder?: string | undefined;
  /** How many entries `sandbox.log` holds; the oldest go first. Default: 10,000. */
  readonly logSize?: number | undefined;
  /** Called with every entry as it is logged. */
  readonly onLog?: ((entry: LogEntry) => void) | undefined;
  /** The time. Default: the machine's. */
  readonly time?: Time | undefined;
}

export interface ResolvedOptions {
  readonly port: number;
  readonly keys: readonly string[] | undefined;
  readonly stepsFor: (task: SubmittedTask) => readonly Step[];
  readonly upscaler: Upscaler;
  readonly concurrency: number;
  readonly bodyLimit: number;
  readonly resultTtlMs: number;
  readonly rateLimit: RateLimit;
  readonly latencyMs: number;
  readonly faults: readonly Fault[];
  readonly webhooks: Omit<ResolvedWebhookOptions, "secret"> & { readonly secret: string | undefined };
  readonly folder: string | undefined;
  readonly logSize: number;
  readonly onLog: ((entry: LogEntry) => void) | undefined;
  readonly time: Time;
}

/** Throws a SandboxError for an option that makes no sense, or when `sharp` is wanted and missing. */
export function resolveOptions(options: SandboxOptions): ResolvedOptions {
  const keys = typeof options.key === "string" ? [options.key] : options.key;
  if (keys?.some((key) => !/^[\x21-\x7e]+$/.test(key)) || keys?.length === 0) {
    throw new SandboxError(
      "invalid_option",
      "`key` must be printable ASCII without blanks, since it goes in a header.",
    );
  }
  const { lifeCycle = "standard", rateLimit = {}, webhooks = {} } = options;
  if (typeof lifeCycle !== "function") stepsByName(lifeCycle);
  for (const fault of options.faults ?? []) valid(() => checkFault(fault));
  return {
    port: number("port", options.port, 0, 0, 65_535),
    keys,
    stepsFor: (task) => stepsByName(typeof lifeCycle === "function" ? lifeCycle(task) : lifeCycle),
    upscaler: upscalerOf(options),
    concurrency: number("concurrency", options.concurrency, Math.min(2, availableParallelism()), 1),
    bodyLimit: number("bodyLimit", options.bodyLimit, 256 * 1024 * 1024, 1),
    resultTtlMs: number("resultTtlMs", options.resultTtlMs, 3_600_000, 0),
    rateLimit: {
      limit: number("rateLimit.limit", rateLimit.limit, 30_000, 0),
      windowMs: number("rateLimit.windowMs", rateLimit.windowMs, 60_000, 1),
    },
    latencyMs: number("latencyMs", options.latencyMs, 0, 0),
    faults: options.faults ?? [],
    webhooks: {
      secret: webhooks.secret,
      targets: webhooks.targets ?? "loopback",
      retryDelaysMs: webhooks.retryDelaysMs ?? [1000, 5000, 30_000],
      timeoutMs: number("webhooks.timeoutMs", webhooks.timeoutMs, 10_000, 1),
      lateByMs: number("webhooks.lateByMs", webhooks.lateByMs, 5000, 0),
    },
    folder: options.folder,
    logSize: number("logSize", options.logSize, 10_000, 0),
    onLog: options.onLog,
    time: options.time ?? systemTime,
  };
}

/** Steps of a named or given life. Throws a SandboxError when it is neither. */
export function stepsByName(cycle: LifeCycleName | LifeCycle): readonly Step[] {
  if (typeof cycle !== "string") return valid(() => stepsOf(cycle));
  if (!Object.hasOwn(lifeCycles, cycle)) {
    const names = Object.keys(lifeCycles).join(", ");
    throw new SandboxError("invalid_option", `There is no life cycle "${cycle}". The names: ${names}.`);
  }
  return stepsOf(lifeCycles[cycle]);
}

export function randomSecret(prefix: string): string {
  return prefix + randomBytes(24).toString("hex");
}

function upscalerOf({ upscaler = "sharp", scale, resultFormat = "png" }: SandboxOptions): Upscaler {
  if (typeof upscaler === "function") return upscaler;
  if (upscaler === "echo") return echo;
  if (resultFormat !== "png" && resultFormat !== "source") {
    throw new SandboxError("invalid_option", '`resultFormat` must be "png" or "source".');
  }
  requireSharp();
  return sharpUpscaler({ scale: number("scale", scale, 2, 1, 16), format: resultFormat });
}

function number(name: string, value: number | undefined, fallback: number, least: number, most = Infinity): number {
  if (value === undefined) return fallback;
  if (Number.isFinite(value) && value >= least && value <= most) return value;
  const range = most === Infinity ? `of at least ${least}` : `from ${least} to ${most}`;
  throw new SandboxError("invalid_option", `\`${name}\` must be a number ${range}; it is ${value}.`);
}

function valid<T>(check: () => T): T {
  try {
    return check();
  } catch (cause) {
    throw new SandboxError("invalid_option", (cause as Error).message, { cause });
  }
}
