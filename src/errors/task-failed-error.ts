import { type ErrorFacts, MagnificError } from "./magnific-error.js";

/** The task ended FAILED. The provider gives no reason. `code: "task_failed"`. */
export class TaskFailedError extends MagnificError {
  override readonly name = "TaskFailedError";
  declare readonly taskId: string;
  constructor(message: string, facts: ErrorFacts & { readonly taskId: string }) {
    super("task_failed", message, facts);
  }
}
