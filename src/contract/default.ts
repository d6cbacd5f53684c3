/** The operation that the client uses unless another is named. */
import { type Contract, contract, task } from "../../generated/default.js";
import type { PendingStatus, TaskRequest, WireRequest } from "./contract.js";

export { accepts as DEFAULT_ACCEPTS, fields as DEFAULT_FIELDS, KEY_HEADER, SERVER } from "../../generated/default.js";

export const DEFAULT: typeof contract = contract;

/** The same without its validators, for code that does not need them. */
export const DEFAULT_TASK: typeof task = task;

export type DefaultContract = Contract;

/** What is upscaled, and how: the fields of the provider's document, by their wire names. */
export interface UpscaleRequest extends TaskRequest<DefaultContract> {}

/** The body of an upscale as it goes over the wire. */
export type WireUpscaleRequest = WireRequest<DefaultContract>;

/** The statuses of the vendored document. */
export type TaskStatus = DefaultContract["statuses"][number];

export type DefaultPending = PendingStatus<DefaultContract>;
