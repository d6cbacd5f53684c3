/** Batches that survive a crash; part of `magnific-client/node`. */
export { BatchError, type BatchFault } from "./errors.js";
export type { BatchEvent, BatchInput, BatchResult, BatchSettings, UpscaleAllOptions } from "./options.js";
export { type Planned, type PlanOptions, planAll } from "./plan.js";
export { type BatchReconciliation, type ReconcileBatchOptions, reconcileBatch } from "./reconcile.js";
export { upscaleAll } from "./upscale-all.js";
