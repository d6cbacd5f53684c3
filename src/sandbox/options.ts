/** The options of a sandbox, with their defaults. */
import { constants } from "node:buffer";
import { availableParallelism } from "node:os";
import { systemTime, type Time } from "../util/time.js";
import type { RateLimit } from "./access.js";
import { invalidOption } from "./errors.js";
import { checkFault, type SandboxFault } from "./faults.js";
import { type LifeCycle, type LifeCycleName, namedSteps } from "./life-cycle.js";
import type { LogEntry } from "./log.js";
import { DEFAULT_OPERATION, type SandboxOperation } from "./operation.js";
import { type ResultFormat, requireSharp, sharpUpscaler } from "./sharp-upscaler.js";
import { echo, type Sliders, type Upscaler } from "./upscaler.js";

/** What a function may choose the life cycle by. */
export interface SubmittedTask {
  readonly id: string;
  /** Number of this submit among those that created a task, from 1. */
  readonly number: number;
  /** The path of the operation. */
  readonly operation: string;
  readonly sliders: Sliders;
}

/** How webhooks are delivered. The provider documents little of this; what it leaves open is the sandbox's own choice. */
export interface SandboxWebhookOptions {
  /** The secret that signs deliveries (its UTF-8 bytes are the key). Default: random, see `sandbox.webhookSecret`. */
  readonly secret?: string | undefined;
  /** Where deliveries may go: "loopback" (only to this machine), "any", or as a function decides. Default: "loopback". */
  readonly targets?: "loopback" | "any" | ((url: URL) => boolean) | undefined;
  /** Milliseconds before each retry after a response other than 2xx, or none. Default: `[1000, 5000, 30000]`. */
  readonly retryDelaysMs?: readonly number[] | undefined;
  /** Milliseconds that an attempt may take. Default: 10,000. */
  readonly timeoutMs?: number | undefined;
  /** How long a delivery scripted as "late" is held back, in milliseconds. Default: 5,000. */
  readonly lateByMs?: number | undefined;
}

export interface SandboxOptions {
  /** The address that it listens on: beyond loopback, everyone on that network can reach it. Default: 127.0.0.1. */
  readonly host?: string | undefined;
  /** The port; `false` for no server, only `sandbox.fetch`. Default: 0, which takes a free one. */
  readonly port?: number | false | undefined;
  /** The key, or keys, that the sandbox accepts. Each sees only its own tasks. Default: a random one, see `sandbox.key`. */
  readonly key?: string | readonly string[] | undefined;
  /** The operations that it plays. Default: the Precision Upscaler alone. */
  readonly operations?: readonly SandboxOperation[] | undefined;
  /**
   * What tasks go through, or a function that chooses for each task. `sandbox.script()` and the request header
   * `x-sandbox-life-cycle` override it. Default: "standard".
   */
  readonly lifeCycle?: LifeCycleName | LifeCycle | ((task: SubmittedTask) => LifeCycleName | LifeCycle) | undefined;
  /**
   * What enlarges images. "sharp": ordinary resampling with filters, nothing of Magnific's model; needs the library
   * `sharp`. "echo": the image comes back unchanged. Or a function. Default: "sharp".
   */
  readonly upscaler?: "sharp" | "echo" | Upscaler | undefined;
  /** How many times wider and higher a result is; with "sharp". From 1 to 16. Default: 2. */
  readonly scale?: number | undefined;
  /** "png", or "source" for JPEG from JPEG and WebP from WebP; with "sharp". Default: "png". */
  readonly resultFormat?: ResultFormat | undefined;
  /** Images that are worked on at the same time. Default: 2, or 1 on a machine with one processor. */
  readonly concurrency?: number | undefined;
  /** Largest body of a submit in bytes, up to 536,870,888; beyond it is a 413. Default: 268,435,456 (256 MiB). */
  readonly bodyLimit?: number | undefined;
  /** How long a result URL is valid after the completion, in milliseconds. Default: 3,600,000 (an hour). */
  readonly resultTtlMs?: number | undefined;
  /** How many requests each key may make. Default: 30,000 in 60,000 ms. */
  readonly rateLimit?: { readonly [Name in keyof RateLimit]?: RateLimit[Name] | undefined } | undefined;
  /** Milliseconds before every response of the API and of result downloads. Default: 0. */
  readonly latencyMs?: number | undefined;
  /** Faults to play from the start; see `sandbox.fault()`. Default: none. */
  readonly faults?: readonly SandboxFault[] | undefined;
  /** How webhooks are sent. */
  readonly webhooks?: SandboxWebhookOptions | undefined;
  /**
   * A folder for tasks, images, keys, secrets and undelivered webhooks, so that they survive a restart; one process at a
   * time. Set `port` too where result URLs are to stay valid. Default: none, the state is in memory.
   */
  readonly folder?: string | undefined;
  /** How many entries `sandbox.log` holds; the oldest are dropped. Default: 10,000. */
  readonly logSize?: number | undefined;
  /** Called with every entry as it is logged. */
  readonly onLog?: ((entry: LogEntry) => void) | undefined;
  /** The clock; see `ManualTime`. Default: the machine's. */
  readonly time?: Time | undefined;
}

export type ResolvedOptions = ReturnType<typeof resolveOptions>;

/** @throws {SandboxError} for an invalid option, or when `sharp` is missing. */
export function resolveOptions(options: SandboxOptions) {
  const keys = typeof options.key === "string" ? [options.key] : options.key;
  if (keys?.some((key) => !/^[\x21-\x7e]+$/.test(key)) || keys?.length === 0)
    throw invalidOption("`key` must be printable ASCII without spaces: it is sent in a header.");
  const { lifeCycle = "standard", rateLimit = {}, webhooks = {} } = options;
  if (typeof lifeCycle !== "function") namedSteps(lifeCycle);
  try {
    for (const fault of options.faults ?? []) checkFault(fault);
  } catch (cause) {
    throw invalidOption((cause as Error).message, { cause });
  }
  return {
    port: options.port === false ? (false as const) : number("port", options.port, 0, 0, 65_535),
    host: options.host ?? "127.0.0.1",
    keys,
    operations: operationsOf(options.operations ?? [DEFAULT_OPERATION]),
    stepsFor: (task: SubmittedTask) => namedSteps(typeof lifeCycle === "function" ? lifeCycle(task) : lifeCycle),
    upscaler: upscalerOf(options),
    concurrency: number("concurrency", options.concurrency, Math.min(2, availableParallelism()), 1),
    bodyLimit: number("bodyLimit", options.bodyLimit, 256 * 1024 * 1024, 1, constants.MAX_STRING_LENGTH),
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

/** By the path of the POST. */
function operationsOf(operations: readonly SandboxOperation[]): ReadonlyMap<string, SandboxOperation> {
  const usable = ({ task, fields, accepts }: Partial<SandboxOperation>) =>
    typeof task?.submit?.path === "string" && typeof fields === "object" && typeof accepts === "function";
  if (operations.length === 0 || !operations.every((one) => usable(one ?? {})))
    throw invalidOption(
      "`operations` must be a list of `{ ...operation, ...fields }`, the exports of generated modules.",
    );
  return new Map(operations.map((one) => [one.task.submit.path, one]));
}

function upscalerOf({ upscaler = "sharp", scale, resultFormat = "png" }: SandboxOptions): Upscaler {
  if (typeof upscaler === "function") return upscaler;
  if (upscaler === "echo") return echo;
  if (resultFormat !== "png" && resultFormat !== "source")
    throw invalidOption('`resultFormat` must be "png" or "source".');
  requireSharp();
  return sharpUpscaler(number("scale", scale, 2, 1, 16), resultFormat);
}

function number(name: string, value: number | undefined, fallback: number, least: number, most = Infinity): number {
  if (value === undefined) return fallback;
  if (Number.isFinite(value) && value >= least && value <= most) return value;
  const range = most === Infinity ? `of at least ${least}` : `from ${least} to ${most}`;
  throw invalidOption(`\`${name}\` must be a number ${range}; it is ${value}.`);
}
