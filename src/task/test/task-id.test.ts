import { describe, expect, it } from "vitest";
import { InvalidRequestError } from "../../errors/request-errors.js";
import { TASK_ID } from "../../test-support/client-context.js";
import { checkTaskId } from "../task-id.js";

const UUID = "046b6c7f-0b8a-43b9-b35d-6489e6daee91";

function refusal(id: unknown): InvalidRequestError {
  try {
    checkTaskId(id as string);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidRequestError);
    return error as InvalidRequestError;
  }
  throw new Error(`${JSON.stringify(id)} was taken`);
}

/** The UUID with one group made longer and shorter, and with a letter in it that is no digit. */
const groups = UUID.split("-");
const bent = groups.flatMap((group, at) =>
  [`${group}0`, group.slice(1), `g${group.slice(1)}`, ""].map((other) => groups.with(at, other).join("-")),
);

describe("a task's id", () => {
  it.each([UUID, UUID.toUpperCase(), TASK_ID, "00000000-0000-0000-0000-000000000000"])("%s is taken", (id) => {
    expect(checkTaskId(id)).toBe(id);
  });

  it.each([
    "",
    "undefined",
    "../v1/other",
    `${UUID}/../x`,
    ` ${UUID}`,
    `${UUID}\n`,
    `x${UUID}`,
    UUID.replaceAll("-", ""),
    groups.slice(1).join("-"),
    `${UUID}-0000`,
    ...bent,
  ])("%j is refused", (id) => {
    const error = refusal(id);
    expect(error).toMatchObject({
      code: "invalid_request",
      operation: "GET /v1/ai/image-upscaler-precision/{task-id}",
      submission: "not_sent",
      faults: [{ field: "task-id", rule: "format" }],
    });
    expect(error.message).toContain(`, not ${JSON.stringify(id)};`);
  });

  it.each([
    [undefined, "undefined"],
    [null, "null"],
    [7, "7"],
    [{ id: UUID }, "[object Object]"],
    // Reads like an id as soon as it stands in a path.
    [[UUID], UUID],
    [{ toString: () => UUID }, UUID],
  ])("what is no text is refused: %j", (id, shown) => {
    expect(refusal(id).message).toContain(`, not ${shown};`);
  });

  it("a long one is not repeated whole", () => {
    const { message } = refusal("a".repeat(10_000));
    expect(message).toContain(`not "${"a".repeat(60)}";`);
  });
});
