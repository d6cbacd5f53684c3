/**
 * The client: submits, waits, results, errors. Runs wherever there is a `fetch`.
 *
 * @module magnific-client
 */
export { type Api, createApi } from "./api/raw-client.js";
export { Magnific, type TaskPath } from "./client.js";
export type { ImageField, PendingStatus, TaskContract, TaskRequest } from "./contract/contract.js";
export type { TaskStatus, UpscaleRequest, WireUpscaleRequest } from "./contract/default.js";
export * from "./errors/api-error.js";
export * from "./errors/magnific-error.js";
export * from "./errors/network-errors.js";
export * from "./errors/request-errors.js";
export * from "./errors/task-errors.js";
export * from "./errors/webhook-error.js";
export type { CallOptions } from "./http/call-options.js";
export type {
  ContractViolation,
  Hooks,
  Logger,
  RequestEvent,
  ResponseEvent,
  RetryEvent,
  WaitEvent,
} from "./http/hooks.js";
export type { LogLevel } from "./http/log.js";
export type { RetryOptions } from "./http/retry-policy.js";
export type { ImageOptions } from "./image/checks.js";
export type { ImageInput, ImageSource, ResponseLike } from "./image/source.js";
export type { ApiKey, MagnificOptions, PollOptions, ResultOptions } from "./options.js";
export type { DownloadOptions } from "./result/options.js";
export type { ResultImage, SaveOptions } from "./result/result-image.js";
export type { SavedImage } from "./result/save.js";
export {
  type KnownSubmit,
  memoryTaskStore,
  type Reservation,
  type StoredTask,
  type TaskStore,
} from "./store/task-store.js";
export type { TaskOperation } from "./submit/operation.js";
export type { ReconcileOptions, ReconcileReason, Reconciliation } from "./submit/reconcile.js";
export type { RunOptions, SubmitOptions, UpscaleOptions } from "./submit/submit.js";
export type { SubmitResponse, TaskHandle } from "./task/handle.js";
export type { CompletedTask, FailedTask, PendingTask, Task, UnknownTask } from "./task/task.js";
export type { ListedTask, TaskList } from "./task/task-list.js";
export type { StatusesOptions, WaitOptions } from "./task/watch.js";
export type { RateFacts } from "./util/headers.js";
export type { Time } from "./util/time.js";
export type { ClientWebhooks } from "./webhook/client-webhooks.js";
