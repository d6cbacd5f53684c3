/** A task as the client reads it: its id, what one response says of it, and what is refused. */
import { describe, expect, it } from "vitest";
import { Magnific } from "../../client.js";
import { DEFAULT_TASK } from "../../contract/default.js";
import { MagnificError } from "../../errors/magnific-error.js";
import { InvalidRequestError } from "../../errors/request-errors.js";
import { TASK_ID } from "../../test-support/client-context.js";
import { pngOf } from "../../test-support/png.js";
import { rejection } from "../../test-support/rejection.js";
import { type Step, scripted, told } from "../../test-support/scripted-task.js";

const READ = "GET /v1/ai/image-upscaler-precision/{task-id}";
const A = "https://ai-statics.freepik.com/a.jpg";
const B = "https://cdn.freepik.com/2.png";

/** Gets a task whose response has these fields. */
async function get(data: unknown, id = TASK_ID) {
  const here = await scripted([[200, { data }, { "x-request-id": "ak-1" }]]);
  return { ...here, task: here.magnific.task(id).get() };
}

describe("a task's id", () => {
  const task = (id: unknown) => new Magnific({ apiKey: "key" }).task(id as string);
  const groups = TASK_ID.split("-");

  it.each([TASK_ID, TASK_ID.toUpperCase(), "00000000-0000-0000-0000-000000000000"])("%s is accepted", (id) => {
    expect(task(id).id).toBe(id);
  });

  const REFUSED: readonly unknown[] = [
    ...["", "undefined", "../v1/other", `${TASK_ID}/../x`, ` ${TASK_ID}`, `${TASK_ID}\n`, `x${TASK_ID}`],
    ...[TASK_ID.replaceAll("-", ""), groups.slice(1).join("-"), `${TASK_ID}-0000`],
    // One group made longer or shorter, or with a letter in it that is not a digit.
    ...groups.flatMap((group, at) =>
      [`${group}0`, group.slice(1), `g${group.slice(1)}`, ""].map((other) => groups.with(at, other).join("-")),
    ),
    ...[undefined, null, 7, { id: TASK_ID }, "a".repeat(10_000)],
    // These read like an id as soon as they stand in a path.
    ...[[TASK_ID], { toString: () => TASK_ID }],
  ];
  it.each(REFUSED.map((id) => [id]))("%j is refused before anything is sent", (id) => {
    const shown = typeof id === "string" ? JSON.stringify(id.slice(0, 60)) : String(id);
    const error = {
      code: "invalid_request",
      operation: READ,
      submission: "not_sent",
      faults: [expect.objectContaining({ field: "task-id", rule: "format" })],
      message: expect.stringContaining(`, not ${shown};`),
    };
    expect(() => task(id)).toThrow(InvalidRequestError);
    expect(() => task(id)).toThrow(expect.objectContaining(error));
  });

  it("that the provider gave is not checked, and the handle has what the submit reported", async () => {
    const fetch = (async () =>
      Response.json(
        { data: { task_id: "tsk_1", status: "CREATED" } },
        { headers: { "x-request-id": "ak-1" } },
      )) as typeof globalThis.fetch;
    const task = await new Magnific({ apiKey: "key", fetch }).submit({ image: pngOf(100) });
    const facts = { id: "tsk_1", status: "CREATED", requestId: "ak-1" };
    expect(JSON.parse(JSON.stringify(task))).toMatchObject({ ...facts, response: { status: 200 } });
  });
});

describe("get", () => {
  it.each(["CREATED", "IN_PROGRESS", "FAILED"])("gives a task in the status %s", async (status) => {
    const data = { task_id: TASK_ID, status, generated: [] };
    const { task, violations } = await get(data);
    expect(await task).toStrictEqual({ id: TASK_ID, status, requestId: "ak-1", raw: data });
    expect(violations).toEqual([]);
  });

  it("gives a COMPLETED task with its images, its undeclared fields, and its id as it was asked for", async () => {
    const data = { task_id: TASK_ID, status: "COMPLETED", generated: [A, "", null, 7, { url: A }, B], error: null };
    const found = await (await get(data, TASK_ID.toUpperCase())).task;
    expect(found).toMatchObject({ id: TASK_ID.toUpperCase(), images: [{ url: A }, { url: B }], raw: data });
  });

  it.each([undefined, null, 7])("accepts a response that does not name the task: %j", async (task_id) => {
    const { task } = await get({ task_id, status: "COMPLETED", generated: [A] });
    expect(await task).toMatchObject({ id: TASK_ID, status: "COMPLETED", images: [{ url: A }] });
  });

  it.each(["NO_SUCH_STATUS", "completed", ""])("gives and reports the unknown status %j", async (status) => {
    const { task, violations } = await get({ task_id: TASK_ID, status, generated: [] });
    expect(await task).toMatchObject({ status: "UNKNOWN", wireStatus: status });
    expect(violations).toEqual([
      {
        operation: READ,
        status: 200,
        requestId: "ak-1",
        taskId: TASK_ID,
        place: "/data/status",
        message: `is none of ${DEFAULT_TASK.statuses.join(", ")}`,
      },
    ]);
  });

  it.each<[string, unknown]>([
    ...[undefined, null, [], {}, { status: 7 }].map((data) => ["unexpected_response", data] as [string, unknown]),
    ["unexpected_response", { status: "COMPLETED", task_id: "x", generated: [A] }],
    ...[undefined, null, [], A, ["", 7], { 0: A, length: 1 }].map(
      (generated) => ["empty_result", { task_id: TASK_ID, status: "COMPLETED", generated }] as [string, unknown],
    ),
  ])("rejects with %s for the response %j", async (code, data) => {
    const error = await rejection((await get(data)).task, MagnificError);
    expect(error).toMatchObject({ code, taskId: TASK_ID, requestId: "ak-1" });
  });

  it.each<[string, Step]>([
    ["authentication_failed", [401]],
    ["server_error", [500]],
  ])("rejects with %s and the task's id", async (code, step) => {
    const { magnific } = await scripted([step]);
    const error = await rejection(magnific.task(TASK_ID).get(), MagnificError);
    expect([error.code, JSON.parse(JSON.stringify(error)).taskId]).toEqual([code, TASK_ID]);
  });

  it("passes its options to the request, and refuses those that cannot work before it sends anything", async () => {
    const { task, polls, time } = await scripted(["hang", told("CREATED")]);
    for (const options of [{ signal: 5 }, { timeout: 0 }, { retry: -1 }, 5, null])
      await expect(task.get(options as never)).rejects.toMatchObject({ code: "configuration", taskId: TASK_ID });
    expect(polls).toEqual([]);
    const error = await rejection(time.until(task.get({ timeout: 70 })), MagnificError);
    expect([error.code, time.delays.includes(70)]).toEqual(["timeout", true]);
  });
});
