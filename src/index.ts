/**
 * The client: submits, waits, results, errors. Runs wherever there is a `fetch`.
 *
 * @module magnific-client
 */
export { type Api, createApi } from "./api/raw-client.js";
export type { WireTask, WireUpscaleRequest } from "./api/wire.js";
export { Magnific } from "./client.js";
export { AbortedError } from "./errors/aborted-error.js";
export { ApiError, type ApiErrorCode, type ApiErrorFacts, type InvalidParam } from "./errors/api-error.js";
export { AuthenticationError } from "./errors/authentication-error.js";
export { BadRequestError } from "./errors/bad-request-error.js";
export { ConfigurationError } from "./errors/configuration-error.js";
export { ConnectionError } from "./errors/connection-error.js";
export { CreditsExhaustedError } from "./errors/credits-exhausted-error.js";
export { EmptyResultError } from "./errors/empty-result-error.js";
export { FileError } from "./errors/file-error.js";
export { ForbiddenError } from "./errors/forbidden-error.js";
export { ImageReadError } from "./errors/image-read-error.js";
export { type Fault, InvalidRequestError } from "./errors/invalid-request-error.js";
export { type ErrorCode, type ErrorFacts, MagnificError, type Submission } from "./errors/magnific-error.js";
export { NotFoundError } from "./errors/not-found-error.js";
export { PayloadTooLargeError } from "./errors/payload-too-large-error.js";
export { RateLimitError } from "./errors/rate-limit-error.js";
export { RedirectError } from "./errors/redirect-error.js";
export { ResultError } from "./errors/result-error.js";
export { ServerError } from "./errors/server-error.js";
export { StoreError } from "./errors/store-error.js";
export { SubmissionUnknownError } from "./errors/submission-unknown-error.js";
export { TaskFailedError } from "./errors/task-failed-error.js";
export { TimeoutError } from "./errors/timeout-error.js";
export { UnexpectedResponseError } from "./errors/unexpected-response-error.js";
export { WaitTimeoutError } from "./errors/wait-timeout-error.js";
export { WebhookError, type WebhookFault } from "./errors/webhook-error.js";
export type { CallOptions } from "./http/call-options.js";
export type { ContractViolation, Hooks, RequestEvent, ResponseEvent, RetryEvent } from "./http/hooks.js";
export type { ImageOptions } from "./image/checks.js";
export type { ImageInput, ImageSource } from "./image/source.js";
export type { ApiKey, MagnificOptions, ResultOptions, RetryOptions } from "./options.js";
export type { DownloadOptions } from "./result/options.js";
export type { ResultImage, SaveOptions } from "./result/result-image.js";
export type { SavedImage } from "./result/save.js";
export { memoryTaskStore, type StoredTask, type TaskStore } from "./store/task-store.js";
export type { UpscaleRequest } from "./submit/request.js";
export type { SubmitOptions, UpscaleOptions } from "./submit/submit.js";
export type { PollSettings } from "./task/context.js";
export type { TaskHandle } from "./task/handle.js";
export type { CompletedTask, FailedTask, PendingTask, Task, UnknownTask } from "./task/task.js";
export type { ListedTask, TaskList } from "./task/task-list.js";
export type { StatusesOptions, WaitOptions } from "./task/watch.js";
export type { TaskStatus } from "./task/wire-task.js";
export type { RateFacts } from "./util/headers.js";
export type { Time } from "./util/time.js";
export type { ClientWebhooks } from "./webhook/client-webhooks.js";
