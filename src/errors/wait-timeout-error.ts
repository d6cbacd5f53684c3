import { type ErrorFacts, MagnificError } from "./magnific-error.js";

/**
 * The task did not end before the wait's deadline. It continues at the provider: `magnific.task(error.taskId).wait()` resumes
 * it. `code: "wait_timeout"`.
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
