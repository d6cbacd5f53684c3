/** What a task goes through, as plain data, and the pure rules by which it advances. */
import { invalidOption } from "./errors.js";

/** What becomes of one webhook: sent as it should be, or one of the ways in which deliveries go wrong. */
export type WebhookBehaviour =
  /** Sent and signed; retried when it is not accepted. */
  | "send"
  /** Not sent: lost. */
  | "lose"
  /** Sent twice with the same id, as after a retry whose first attempt did arrive. */
  | "duplicate"
  /** Sent twice: once as it should be, and once signed with another secret. */
  | "forge"
  /** Held back by `webhooks.lateByMs`, so that later ones overtake it. */
  | "late";

/** The statuses that life cycles are written in, whatever an operation calls them. */
export type LifeCycleStatus = "CREATED" | "IN_PROGRESS" | "COMPLETED" | "FAILED";

/** One status of a task's life cycle. */
export interface Step {
  /**
   * CREATED, IN_PROGRESS, COMPLETED or FAILED, for which an operation with other words says its own; or one of its own.
   * Anything else plays a status that the document does not know.
   */
  readonly status: string;
  /**
   * How many responses show this status before the next step begins; the response to the submit is the first.
   * Only responses about this one task count, not the list. Default: 1, or no limit where `ms` is set.
   */
  readonly answers?: number;
  /** Milliseconds after which the next step begins. With `answers` too, whichever comes first. Default: no limit. */
  readonly ms?: number;
  /** How many image URLs a COMPLETED task lists. 0 plays a fault that was reported of the provider. Default: 1. */
  readonly images?: number;
  /** What becomes of the webhook that announces this step. Default: "send". */
  readonly webhook?: WebhookBehaviour;
}

/** The steps in order; a bare string is a step with every default. The last step lasts forever. */
export type LifeCycle = readonly (string | Step)[];

// A response ends it, or time: what only waits for webhooks reads no task. Longer than a client's first pause, so that polls see the next step.
const CREATED = { status: "CREATED", answers: 1, ms: 2500 };
const IN_PROGRESS = { status: "IN_PROGRESS", answers: 1, ms: 1000 };

/** Life cycles worth testing against, by name. Each step but the last ends after so many responses, or by itself after a while. */
export const lifeCycles = {
  /** By time alone; a quarter of a second in the queue, half a second of work, and COMPLETED when the image is done. */
  standard: [{ status: "CREATED", ms: 250 }, { status: "IN_PROGRESS", ms: 500 }, "COMPLETED"],
  /** Created, three times in progress, completed. */
  completed: [CREATED, { ...IN_PROGRESS, answers: 3 }, "COMPLETED"],
  /** COMPLETED in the response to the submit. */
  immediate: ["COMPLETED"],
  /** Fails while it is worked on. */
  failed: [CREATED, IN_PROGRESS, "FAILED"],
  /** Never leaves the queue. */
  stuck: ["CREATED"],
  /** Says COMPLETED and lists no image. */
  completed_without_image: [CREATED, IN_PROGRESS, { status: "COMPLETED", images: 0 }],
  /** Shows a status that the document does not know, then completes. */
  unknown_status: [CREATED, { ...IN_PROGRESS, status: "PAUSED", answers: 2 }, "COMPLETED"],
} satisfies Readonly<Record<string, LifeCycle>>;

/** The name of a predefined life cycle; see `lifeCycles`. */
export type LifeCycleName = keyof typeof lifeCycles;

/** Where a task stands. */
export interface Position {
  /** Of the step. */
  readonly index: number;
  /** When the step began, and how many responses showed it so far. */
  readonly since: number;
  readonly answers: number;
}

const BEHAVIOURS: readonly WebhookBehaviour[] = ["send", "lose", "duplicate", "forge", "late"];

/** The least values of the fields that are numbers. */
const LEAST: ReadonlyMap<string, number> = new Map(Object.entries({ answers: 1, ms: 0, images: 0 }));

/** The steps of a name or a life cycle. @throws {SandboxError} `invalid_option` that says what is wrong. */
export function namedSteps(cycle: LifeCycleName | LifeCycle): readonly Step[] {
  if (typeof cycle !== "string") return stepsOf(cycle);
  if (Object.hasOwn(lifeCycles, cycle)) return stepsOf(lifeCycles[cycle]);
  throw invalidOption(`There is no life cycle "${cycle}". The names: ${Object.keys(lifeCycles).join(", ")}.`);
}

/** Sets the life cycle of the next submits. @throws {SandboxError} */
export function script(scripts: (readonly Step[])[], cycle: LifeCycleName | LifeCycle, times = 1): void {
  const steps = namedSteps(cycle);
  for (let count = 0; count < times; count++) scripts.push(steps);
}

function stepsOf(cycle: LifeCycle): readonly Step[] {
  if (!Array.isArray(cycle) || cycle.length === 0)
    throw invalidOption("A life cycle must be a list of steps, with at least one step.");
  return cycle.map((entry: string | Step | null) => {
    const step = typeof entry === "string" ? { status: entry } : entry;
    if (typeof step?.status !== "string" || step.status === "") throw invalidOption("A step needs a status.");
    for (const [name, value] of Object.entries(step)) {
      const least = LEAST.get(name);
      if (least === undefined && name !== "status" && name !== "webhook")
        throw invalidOption(`Step ${step.status} has the unknown field "${name}".`);
      if (least !== undefined && value !== undefined && !(Number.isFinite(value) && value >= least))
        throw invalidOption(`"${name}" of step ${step.status} must be a number of at least ${least}.`);
    }
    if (step.webhook !== undefined && !BEHAVIOURS.includes(step.webhook))
      throw invalidOption(`"webhook" of step ${step.status} must be one of ${BEHAVIOURS.join(", ")}.`);
    return step;
  });
}

/** Whether this step lists an image, so that it cannot begin before there is one. */
export function needsImage(step: Step): boolean {
  return step.status === "COMPLETED" && (step.images ?? 1) > 0;
}

/** What advances the task to its next step now, if anything does. */
export function due(steps: readonly Step[], at: Position, now: number): "time" | "answers" | undefined {
  const step = steps[at.index];
  if (step === undefined || at.index === steps.length - 1) return undefined;
  if (at.answers >= (step.answers ?? (step.ms === undefined ? 1 : Infinity))) return "answers";
  return now >= (dueAt(steps, at) ?? Infinity) ? "time" : undefined;
}

/** When time alone advances the task; `undefined` when it never does. */
export function dueAt(steps: readonly Step[], at: Position): number | undefined {
  const step = steps[at.index];
  if (step?.ms === undefined || at.index === steps.length - 1) return undefined;
  return at.since + step.ms;
}
