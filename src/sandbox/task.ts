/** A task as the sandbox keeps it, and as it shows it. */
import { needsImage, type Position, type Step } from "./life-cycle.js";
import type { Sliders } from "./upscaler.js";

/** Everything about a task that survives a restart; plain JSON. */
export interface TaskRecord {
  readonly id: string;
  /** Digest of the key that paid for it; other keys do not see it. */
  readonly owner: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly steps: readonly Step[];
  readonly position: Position;
  readonly image: ImageFacts;
  readonly sliders: Sliders;
  readonly filterNsfw: boolean;
  readonly webhookUrl?: string;
  /** The finished image, once there is one. */
  readonly result?: { readonly type: string; readonly bytes: number };
  /** Why there is none. */
  readonly failure?: string;
  /** Paths of the signed result URLs; the origin may change when the sandbox starts again. */
  readonly generated: readonly string[];
  /** When those expire; milliseconds since the epoch. */
  readonly expiresAt?: number;
}

export interface ImageFacts {
  readonly bytes: number;
  /** Its media type, told by its first bytes; absent where they are of no known format. */
  readonly type?: string;
  /** Hexadecimal; tells whether an image was paid for twice. */
  readonly sha256: string;
}

/** What a test may want to know of a task. */
export interface TaskInfo {
  readonly id: string;
  readonly status: string;
  readonly createdAt: number;
  readonly image: ImageFacts;
  readonly sliders: Sliders;
  readonly filterNsfw: boolean;
  readonly result?: { readonly type: string; readonly bytes: number };
  readonly failure?: string;
  /** The result URLs. */
  readonly generated: readonly string[];
}

/** `data` of an answer about one task, and the body of its webhooks. */
export interface TaskDetail {
  readonly task_id: string;
  readonly status: string;
  readonly generated: readonly string[];
}

export function statusOf(task: TaskRecord): string {
  return task.steps[task.position.index]?.status ?? "FAILED";
}

export function detailOf(task: TaskRecord, origin: string): TaskDetail {
  return { task_id: task.id, status: statusOf(task), generated: urlsOf(task, origin) };
}

export function infoOf(task: TaskRecord, origin: string): TaskInfo {
  const { id, createdAt, image, sliders, filterNsfw, result, failure } = task;
  return {
    id,
    status: statusOf(task),
    createdAt,
    image,
    sliders,
    filterNsfw,
    ...(result === undefined ? {} : { result }),
    ...(failure === undefined ? {} : { failure }),
    generated: urlsOf(task, origin),
  };
}

function urlsOf(task: TaskRecord, origin: string): string[] {
  const step = task.steps[task.position.index];
  return step !== undefined && needsImage(step) ? task.generated.map((path) => origin + path) : [];
}

/** Whether this life will ever show an image, so that one has to be made. */
export function wantsImage(task: TaskRecord): boolean {
  return task.result === undefined && task.failure === undefined && task.steps.some(needsImage);
}

/** The task with its next step begun; where an image was needed and failed, the life ends there. */
export function advanced(task: TaskRecord, now: number): TaskRecord {
  const index = task.position.index + 1;
  return begun({ ...task, position: { index, since: now, answers: 0 } });
}

/** The task with its present step looked at: a step that needs an image that could not be made is FAILED, for ever. */
export function begun(task: TaskRecord): TaskRecord {
  const { index } = task.position;
  const step = task.steps[index];
  if (task.failure === undefined || step === undefined || !needsImage(step)) return task;
  const failed: Step = { status: "FAILED", ...(step.webhook === undefined ? {} : { webhook: step.webhook }) };
  return { ...task, steps: [...task.steps.slice(0, index), failed] };
}
