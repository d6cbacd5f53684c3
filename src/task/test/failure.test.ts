import { describe, expect, it } from "vitest";
import { ApiError } from "../../errors/api-error.js";
import { type ErrorCode, MagnificError } from "../../errors/magnific-error.js";
import { TASK_ID } from "../../test-support/client-context.js";
import { mayPass, withTask } from "../failure.js";

/** Every code: whether a wait goes on after it. The type sees to it that none is missing. */
const GOES_ON: Readonly<Record<Exclude<ErrorCode, "unexpected_status">, boolean>> = {
  configuration: false,
  invalid_request: false,
  aborted: false,
  redirect_refused: false,
  bad_request: false,
  authentication_failed: false,
  credits_exhausted: false,
  forbidden: false,
  not_found: false,
  usage_limit_reached: false,

  connection_failed: true,
  connection_lost: true,
  timeout: true,
  rate_limited: true,
  server_error: true,
  unexpected_response: true,

  // No poll ends in these.
  image_unreadable: true,
  payload_too_large: true,
  submission_unknown: true,
  store_failed: true,
  task_failed: true,
  empty_result: true,
  wait_timeout: true,
  result_refused: true,
  result_expired: true,
  download_failed: true,
  file_failed: true,
  webhook_invalid: true,
  batch_failed: true,
};

describe("whether a wait goes on", () => {
  it.each(Object.entries(GOES_ON))("%s: %s", (code, goesOn) => {
    for (const status of [undefined, 200, 400, 404, 429, 499, 500])
      expect(mayPass(new MagnificError(code as ErrorCode, "no", { status }))).toBe(goesOn);
  });

  it.each([
    [undefined, true],
    [302, true],
    [399, true],
    [400, false],
    [405, false],
    [407, false],
    [408, true],
    [409, false],
    [418, false],
    [424, false],
    [425, true],
    [426, false],
    [451, false],
    [499, false],
    [500, true],
    [599, true],
  ])("a status without a code of its own, %s: %s", (status, goesOn) => {
    expect(mayPass(new ApiError("unexpected_status", "no", { status: status as number }))).toBe(goesOn);
  });

  it.each([[new TypeError("x is not a function")], [{ code: "timeout" }], ["timeout"], [null], [undefined]])(
    "not after what is no error of this client: %s",
    (error) => {
      expect(mayPass(error)).toBe(false);
    },
  );
});

describe("the task of an error", () => {
  it("is put on it, where programs and JSON see it", () => {
    const error = new MagnificError("timeout", "slow");
    expect(withTask(error, TASK_ID)).toBe(error);
    expect(error.taskId).toBe(TASK_ID);
    expect(error.toJSON()).toHaveProperty("taskId", TASK_ID);
  });

  it("stays what it was, where it has one", () => {
    const error = new MagnificError("timeout", "slow", { taskId: "another" });
    expect(withTask(error, TASK_ID)).toBe(error);
    expect(error.taskId).toBe("another");
  });
});
