import { describe, expect, it } from "vitest";
import { AuthenticationError } from "../../errors/api-error.js";
import { InvalidRequestError } from "../../errors/request-errors.js";
import type { CallOptions } from "../../http/call-options.js";
import { answer, clientContext, TASK_ID } from "../../test-support/client-context.js";
import { taskHandle } from "../handle.js";

const IMAGE = "https://ai-statics.freepik.com/completed_task_image.jpg";

describe("a task's id", () => {
  it("that a caller gives is checked, and one that the provider gave is not", () => {
    expect(() => taskHandle(clientContext(), "tsk_1")).toThrow(InvalidRequestError);
    expect(taskHandle(clientContext(), TASK_ID).id).toBe(TASK_ID);
    expect(taskHandle(clientContext(), "tsk_1", { status: "CREATED" }).id).toBe("tsk_1");
  });
});

describe("what a submit knows", () => {
  it("stands on the handle", () => {
    const submitted = { status: "CREATED", requestId: "ak-1", digest: "sha256:00" };
    expect(taskHandle(clientContext(), TASK_ID, submitted)).toMatchObject({ id: TASK_ID, ...submitted });
    expect(JSON.parse(JSON.stringify(taskHandle(clientContext(), TASK_ID, submitted)))).toEqual({
      id: TASK_ID,
      ...submitted,
    });
  });
});

describe("get", () => {
  const withAnswer = (reply: ReturnType<typeof answer>) => {
    const calls: (readonly [string, CallOptions])[] = [];
    const context = clientContext({
      fetchTask: async (id, options) => {
        calls.push([id, options]);
        return reply;
      },
    });
    return { context, calls, task: taskHandle(context, TASK_ID) };
  };

  it("refuses options that cannot work, with the task, before it asks", async () => {
    const { task, calls } = withAnswer(answer("CREATED"));
    for (const options of [{ signal: 5 }, { timeout: 0 }, { retry: -1 }, 5, null])
      await expect(task.get(options as never)).rejects.toMatchObject({ code: "configuration", taskId: TASK_ID });
    expect(calls).toEqual([]);
  });

  it.each(["CREATED", "IN_PROGRESS", "FAILED"])("%s", async (status) => {
    const { task, context } = withAnswer(answer(status));
    const found = await task.get();
    expect(context.violations).toEqual([]);
    expect(found).toEqual({
      id: TASK_ID,
      status,
      requestId: `ak-${status.toLowerCase()}`,
      raw: { task_id: TASK_ID, status, generated: [] },
    });
  });

  it("COMPLETED, with images and undeclared fields", async () => {
    const reply = answer("COMPLETED", [IMAGE, "https://cdn.freepik.com/2.png"]);
    Object.assign(reply.data, { error: null, credits: 3 });
    const found = await withAnswer(reply).task.get();
    expect(found.raw).toMatchObject({ error: null, credits: 3 });
    expect(found.status === "COMPLETED" && found.images.map(({ url }) => url)).toEqual([
      IMAGE,
      "https://cdn.freepik.com/2.png",
    ]);
  });

  it("a status that the document does not know, which is reported", async () => {
    const { task, context } = withAnswer(answer("CANCELLED"));
    expect(await task.get()).toMatchObject({ status: "UNKNOWN", wireStatus: "CANCELLED" });
    expect(context.violations).toEqual([
      {
        operation: "GET /v1/ai/image-upscaler-precision/{task-id}",
        status: 200,
        requestId: "ak-cancelled",
        taskId: TASK_ID,
        place: "/data/status",
        message: "is none of CREATED, IN_PROGRESS, COMPLETED, FAILED",
      },
    ]);
  });

  it("hands its options on", async () => {
    const { task, calls } = withAnswer(answer("CREATED"));
    const options = { signal: new AbortController().signal, timeout: 5, retry: 0 };
    await task.get(options);
    expect(calls).toEqual([[TASK_ID, options]]);
  });

  it("COMPLETED without an image is an error of its own", async () => {
    await expect(withAnswer(answer("COMPLETED")).task.get()).rejects.toMatchObject({
      code: "empty_result",
      taskId: TASK_ID,
      requestId: "ak-completed",
    });
  });

  it.each([
    [undefined],
    [null],
    [[]],
    [{}],
    [{ status: 7 }],
    [{ status: "COMPLETED", task_id: "x", generated: [IMAGE] }],
  ])("an answer that is no such task is an error: %j", async (data) => {
    const { task } = withAnswer({ data: data as never, status: 200 });
    await expect(task.get()).rejects.toMatchObject({ code: "unexpected_response", taskId: TASK_ID });
  });

  it("every error carries the task's id", async () => {
    const error = new AuthenticationError("no", { status: 401 });
    const context = clientContext({ fetchTask: () => Promise.reject(error) });
    await expect(taskHandle(context, TASK_ID).get()).rejects.toBe(error);
    expect(error.taskId).toBe(TASK_ID);
    expect(JSON.parse(JSON.stringify(error)).taskId).toBe(TASK_ID);
  });
});
