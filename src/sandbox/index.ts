/**
 * A stand-in for the provider, for tests and for trying things out. Needs Node.
 *
 * @module magnific-client/sandbox
 */
export type { Time } from "../util/time.js";
export type { RateLimit } from "./access.js";
export { SandboxError, type SandboxErrorCode } from "./errors.js";
export type { SandboxFault, SandboxFaultKind, SandboxFaultScope } from "./faults.js";
export { type LifeCycle, type LifeCycleName, lifeCycles, type Step, type WebhookBehaviour } from "./life-cycle.js";
export type { Counts, LogEntry, RequestEntry, TaskEntry, WebhookEntry } from "./log.js";
export { ManualTime } from "./manual-time.js";
export type { SandboxOperation } from "./operation.js";
export type { SandboxOptions, SandboxWebhookOptions, SubmittedTask } from "./options.js";
export { type Sandbox, startSandbox } from "./sandbox.js";
export type { ResultFormat } from "./sharp-upscaler.js";
export type { ImageFacts, TaskInfo } from "./task.js";
export type { Sliders, Upscaled, Upscaler } from "./upscaler.js";
