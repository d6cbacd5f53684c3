/** A task as the sandbox keeps it, and as it shows it. */
import type { TaskFacts } from "../contract/contract.js";
import { needsImage, type Position, type Step } from "./life-cycle.js";
import { lifeCycleStatus, wireStatus } from "./operation.js";
import type { Sliders } from "./upscaler.js";

export interface ImageFacts {
  readonly bytes: number;
  /** Media type, detected from the first bytes; absent where the format is not known. */
  readonly type?: string;
  /** SHA-256 in hexadecimal: shows whether an image was paid for twice. */
  readonly sha256: string;
}

/** A task, for the assertions of a test. */
export interface TaskInfo {
  readonly id: string;
  /** The path of the operation that made it. */
  readonly operation: string;
  /** As in a life cycle: COMPLETED and FAILED, whatever the operation calls them. */
  readonly status: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** The image that is enlarged: the first one of the request. */
  readonly image: ImageFacts;
  /** Every image of the request that was sent as base64, by its field. */
  readonly images: Readonly<Record<string, ImageFacts>>;
  /** All other fields of the request but the address for webhooks, with the document's defaults. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Those of the fields that are numbers. */
  readonly sliders: Sliders;
  /** The finished image, once there is one. */
  readonly result?: { readonly type: string; readonly bytes: number };
  /** Why there is no image. */
  readonly failure?: string;
  /** The result URLs. */
  readonly generated: readonly string[];
}

/** Everything about a task that survives a restart; plain JSON. `generated` holds paths: the origin may change. */
export interface TaskRecord extends Omit<TaskInfo, "status" | "sliders"> {
  /** Digest of the key that paid for it; other keys do not see it. */
  readonly owner: string;
  readonly steps: readonly Step[];
  readonly position: Position;
  readonly webhookUrl?: string;
  /** Where the submit was sent, if not to the sandbox's own address: webhooks name their results by it. */
  readonly origin?: string;
  /** When the result URLs expire; milliseconds since the epoch. */
  readonly expiresAt?: number;
}

/** What a response says of one task, and the body of its webhooks; the operation names the fields. */
export type TaskDetail = Readonly<Record<string, unknown>>;

export function stepOf(task: TaskRecord): Step {
  return task.steps[task.position.index] ?? { status: "FAILED" };
}

export function statusOf(task: TaskRecord): string {
  return stepOf(task).status;
}

/** As the list has it. */
export function entryOf(names: TaskFacts, task: TaskRecord): TaskDetail {
  return { [names.id]: task.id, [names.status]: wireStatus(names, statusOf(task)) };
}

export function detailOf(names: TaskFacts, task: TaskRecord, origin: string): TaskDetail {
  return { ...entryOf(names, task), [names.results]: urlsOf(task, origin) };
}

/** The steps with the words that life cycles are written in. */
export function lifeCycleSteps(names: TaskFacts, steps: readonly Step[]): Step[] {
  return steps.map((step) => ({ ...step, status: lifeCycleStatus(names, step.status) }));
}

export function slidersOf(fields: TaskInfo["fields"]): Sliders {
  const numbers = Object.entries(fields).filter((entry): entry is [string, number] => typeof entry[1] === "number");
  return Object.fromEntries(numbers);
}

export function infoOf(task: TaskRecord, origin: string): TaskInfo {
  const { owner: _, steps: __, position: ___, webhookUrl: ____, expiresAt: _____, origin: ______, ...info } = task;
  return { ...info, sliders: slidersOf(info.fields), status: statusOf(task), generated: urlsOf(task, origin) };
}

function urlsOf(task: TaskRecord, origin: string): string[] {
  return needsImage(stepOf(task)) ? task.generated.map((path) => origin + path) : [];
}

/** Whether the task still needs an image, now or in a later step. */
export function wantsImage(task: TaskRecord): boolean {
  return task.result === undefined && task.failure === undefined && task.steps.some(needsImage);
}

export function advanced(task: TaskRecord, now: number): TaskRecord {
  return begun({ ...task, position: { index: task.position.index + 1, since: now, answers: 0 } });
}

/** Where the present step needs an image that could not be made, the task ends there as FAILED. */
export function begun(task: TaskRecord): TaskRecord {
  const step = stepOf(task);
  if (task.failure === undefined || !needsImage(step)) return task;
  return { ...task, steps: [...task.steps.slice(0, task.position.index), { ...step, status: "FAILED" }] };
}
