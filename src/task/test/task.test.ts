import { describe, expect, it } from "vitest";
import { clientContext, TASK_ID } from "../../test-support/client-context.js";
import { parseTask, wireStatusOf } from "../task.js";

const IMAGE = "https://ai-statics.freepik.com/a.jpg";
const context = clientContext();

describe("reading a task", () => {
  it.each([[undefined], [null], [7]])("takes an answer that does not name it: task_id %j", (task_id) => {
    const detail = { ...(task_id === undefined ? {} : { task_id }), status: "COMPLETED", generated: [IMAGE] };
    const task = parseTask(context, TASK_ID, detail);
    expect(task).toMatchObject({ id: TASK_ID, status: "COMPLETED", images: [{ url: IMAGE }] });
    expect(task.raw).toEqual(detail);
  });

  it("takes its id in any case, and gives back the one that was asked for", () => {
    const task = parseTask(context, TASK_ID, { task_id: TASK_ID.toUpperCase(), status: "CREATED" });
    expect(task.id).toBe(TASK_ID);
    expect(parseTask(context, TASK_ID.toUpperCase(), { task_id: TASK_ID, status: "CREATED" }).status).toBe("CREATED");
  });

  it("names the exchange only where it has a name", () => {
    expect(Object.keys(parseTask(context, TASK_ID, { status: "CREATED" })).sort()).toEqual(["id", "raw", "status"]);
    expect(parseTask(context, TASK_ID, { status: "CREATED" }, "ak-1")).toHaveProperty("requestId", "ak-1");
  });

  it("keeps a copy of the task as it came", () => {
    const detail = { status: "RESTING", seconds: 7 };
    const task = parseTask(context, TASK_ID, detail, "ak-1");
    detail.seconds = 8;
    expect(task).toStrictEqual({
      id: TASK_ID,
      requestId: "ak-1",
      raw: { status: "RESTING", seconds: 7 },
      status: "UNKNOWN",
      wireStatus: "RESTING",
    });
    expect(wireStatusOf(task)).toBe("RESTING");
  });

  it.each([
    ["another task's", { task_id: "11111111-2222-3333-4444-555555555555", status: "COMPLETED" }, "unexpected_response"],
    ["one without a status", { task_id: TASK_ID, generated: [IMAGE] }, "unexpected_response"],
    ["none at all", undefined as never, "unexpected_response"],
    ["one without an image", { task_id: TASK_ID, status: "COMPLETED", generated: ["", 7] }, "empty_result"],
  ])("refuses %s, with task and exchange", (_what, detail, code) => {
    expect(() => parseTask(context, TASK_ID, detail, "ak-1")).toThrow(
      expect.objectContaining({ code, taskId: TASK_ID, requestId: "ak-1" }),
    );
  });
});
