import { type ErrorFacts, MagnificError } from "./magnific-error.js";

/**
 * The task did not end before the wait's deadline. It goes on at the provider: `magnific.task(error.taskId).wait()` takes
 * it up again. `code: "wait_timeout"`.
 */
export class WaitTimeoutError extends MagnificError {
  override readonly name = "WaitTimeoutError";
  declare readonly taskId: string;
  /** The last status seen on the wire, where one was. */
  declare readonly lastStatus?: string;
  constructor(
    message: string,
    facts: ErrorFacts & { readonly taskId: string; readonly lastStatus?: string | undefined },
  ) {
    super("wait_timeout", message, facts);
  }
}
