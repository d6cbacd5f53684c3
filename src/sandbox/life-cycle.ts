/** What a task goes through, as data, and the pure rules by which it does. */
import { WEBHOOK_BEHAVIOURS, type WebhookBehaviour } from "./webhook-behaviour.js";

/** One status of a task's life. */
export interface Step {
  /** CREATED, IN_PROGRESS, COMPLETED or FAILED; anything else plays a status that the document does not know. */
  readonly status: string;
  /**
   * How many answers show this status before the next step comes; the submit's own answer is the first one.
   * Only answers about this one task count, not the list. Default: 1 when `ms` is not given either.
   */
  readonly answers?: number;
  /** Milliseconds after which the next step comes. With `answers` too, whichever is reached first. Default: no limit. */
  readonly ms?: number;
  /** How many image URLs a COMPLETED task lists. 0 plays the provider's reported slip. Default: 1. */
  readonly images?: number;
  /** What becomes of the webhook that announces this step. Default: "send". */
  readonly webhook?: WebhookBehaviour;
}

/** A task's life in order; a bare string is a step without settings. The last step lasts for ever. */
export type LifeCycle = readonly (string | Step)[];

/**
 * The name of a ready-made life.
 * - `standard`: by time; a quarter of a second in the queue, half a second of work, the image when it is really done.
 * - `completed`: by answers, so that no clock is involved; created, three times in progress, completed.
 * - `immediate`: completed in the answer to the submit.
 * - `failed`: fails while it is worked on.
 * - `stuck`: never gets beyond the queue.
 * - `completed_without_image`: says COMPLETED and lists no image.
 * - `unknown_status`: shows a status that the document does not know, then completes.
 */
export type LifeCycleName =
  | "standard"
  | "completed"
  | "immediate"
  | "failed"
  | "stuck"
  | "completed_without_image"
  | "unknown_status";

/** Lives worth testing against, by their names. */
export const lifeCycles: Readonly<Record<LifeCycleName, LifeCycle>> = {
  standard: [{ status: "CREATED", ms: 250 }, { status: "IN_PROGRESS", ms: 500 }, "COMPLETED"],
  completed: ["CREATED", { status: "IN_PROGRESS", answers: 3 }, "COMPLETED"],
  immediate: ["COMPLETED"],
  failed: ["CREATED", "IN_PROGRESS", "FAILED"],
  stuck: ["CREATED"],
  completed_without_image: ["CREATED", "IN_PROGRESS", { status: "COMPLETED", images: 0 }],
  unknown_status: ["CREATED", { status: "PAUSED", answers: 2 }, "COMPLETED"],
};

/** Where a task stands. */
export interface Position {
  /** Index of the step. */
  readonly index: number;
  /** When the step began; milliseconds since the epoch. */
  readonly since: number;
  /** Answers that showed it so far. */
  readonly answers: number;
}

const STEP_FIELDS: ReadonlySet<string> = new Set([
  "status",
  "answers",
  "ms",
  "images",
  "webhook",
] satisfies (keyof Step)[]);

/** Full steps from the short form. Throws a RangeError that says what is wrong. */
export function stepsOf(cycle: LifeCycle): readonly Step[] {
  if (!Array.isArray(cycle)) throw new RangeError("A life cycle is a list of steps.");
  if (cycle.length === 0) throw new RangeError("A life cycle has at least one step.");
  return cycle.map((entry: string | Step | null) => {
    const step = typeof entry === "string" ? { status: entry } : entry;
    if (typeof step?.status !== "string" || step.status === "") throw new RangeError("A step needs a status.");
    for (const name of Object.keys(step))
      if (!STEP_FIELDS.has(name)) throw new RangeError(`Step ${step.status} has the unknown field "${name}".`);
    if (step.webhook !== undefined && !WEBHOOK_BEHAVIOURS.has(step.webhook))
      throw new RangeError(
        `"webhook" of step ${step.status} must be one of ${[...WEBHOOK_BEHAVIOURS].join(", ")}; it is ${step.webhook}.`,
      );
    for (const [name, least] of [
      ["answers", 1],
      ["ms", 0],
      ["images", 0],
    ] as const) {
      const value = step[name];
      if (value !== undefined && !(Number.isFinite(value) && value >= least)) {
        throw new RangeError(`"${name}" of step ${step.status} must be a number of at least ${least}.`);
      }
    }
    return step;
  });
}

/** Whether this step lists an image, so that it cannot begin before there is one. */
export function needsImage(step: Step): boolean {
  return step.status === "COMPLETED" && (step.images ?? 1) > 0;
}

/** What calls for the next step, if anything does. */
export function due(steps: readonly Step[], at: Position, now: number): "time" | "answers" | undefined {
  const step = steps[at.index];
  if (step === undefined || at.index === steps.length - 1) return undefined;
  const answers = step.answers ?? (step.ms === undefined ? 1 : Number.POSITIVE_INFINITY);
  if (at.answers >= answers) return "answers";
  if (step.ms !== undefined && now >= at.since + step.ms) return "time";
  return undefined;
}

/** When time alone will call for the next step; `undefined` when it never does. */
export function dueAt(steps: readonly Step[], at: Position): number | undefined {
  const step = steps[at.index];
  if (step?.ms === undefined || at.index === steps.length - 1) return undefined;
  return at.since + step.ms;
}
