/** The three operations called directly: what goes out, what of an answer is gone on with, and what is reported. */
import { describe, expect, it } from "vitest";
import { MagnificError } from "../../errors/magnific-error.js";
import type { Exchanger } from "../../http/call.js";
import type { ContractViolation } from "../../http/hooks.js";
import { rateBudget } from "../../http/rate-limiter.js";
import { type MagnificOptions, settingsOf } from "../../options.js";
import { digestOf, prepareRequest } from "../../submit/request.js";
import { TASK_ID } from "../../test-support/client-context.js";
import { pngOf } from "../../test-support/png.js";
import { rejection } from "../../test-support/rejection.js";
import { SteppingTime } from "../../test-support/stepping-time.js";
import { sha256Of } from "../../util/sha256.js";
import { fetchTask, listTasks, report, submitTask } from "../operations.js";
import { transportOf } from "../raw-client.js";

const ORIGIN = "http://127.0.0.1:9";
const PATH = "/v1/ai/image-upscaler-precision";
const image = pngOf(1_000);
const busy = (): Response => new Response("{}", { status: 429 });
const detail = { task_id: TASK_ID, status: "CREATED", generated: [] };
const data =
  (data: unknown, headers: Record<string, string> = {}) =>
  (): Response =>
    Response.json({ data }, { headers });

/** The parts of a client whose fetch answers from a list, the last one for ever. */
function parts(answers: readonly (() => Response)[], options: MagnificOptions = {}) {
  const sent: { url: string; method: string; body: string }[] = [];
  const violations: ContractViolation[] = [];
  const fetch = async (input: unknown, init: RequestInit = {}): Promise<Response> => {
    const body = init.body ? await new Response(init.body).text() : "";
    const { url = String(input), method = "" } = input as Partial<Request>;
    sent.push({ url, method: init.method ?? method, body });
    const next = answers[Math.min(sent.length, answers.length) - 1];
    if (next === undefined) throw new Error("no answer");
    return next();
  };
  const settings = settingsOf({
    apiKey: "key-1",
    baseUrl: ORIGIN,
    fetch,
    time: new SteppingTime(60_000),
    onContractViolation: (violation) => violations.push(violation),
    ...options,
  });
  const exchanger: Exchanger = {
    settings,
    budget: rateBudget(settings.time, false),
    api: () => transportOf(settings),
  };
  const submit = async (fields: object = {}) =>
    submitTask(exchanger, await prepareRequest({ image, ...fields }, settings), { beforeSend: undefined });
  return { exchanger, sent, violations, submit, places: () => violations.map(({ place }) => place) };
}

/** Whether it can be a part of a path, and whether it is the UUID that the document says. */
const IDS: readonly (readonly [id: unknown, usable: boolean, declared: boolean])[] = [
  [TASK_ID, true, true],
  ["a", true, false],
  ["9", true, false],
  ["Task_1.2~3-4", true, false],
  ["a".repeat(200), true, false],
  ["a".repeat(201), false, false],
  ["", false, false],
  ["..", false, false],
  ["-a", false, false],
  ["a/b", false, false],
  ["a b", false, false],
  [" a", false, false],
  ["a\n", false, false],
  ["a?b", false, false],
  [7, false, false],
  [12345678, false, false],
  [null, false, false],
  [undefined, false, false],
  [["a"], false, false],
];

describe("a submit", () => {
  it("sends the body, and gives task, facts and digest", async () => {
    const { submit, sent, violations } = parts([
      data(detail, { "x-request-id": "r-1", "x-ratelimit-limit": "50", "x-ratelimit-remaining": "9" }),
    ]);
    const answer = await submit({ sharpen: 7 });
    const digest = digestOf(ORIGIN, { image, sharpen: 7 }, sha256Of(image));
    expect(answer).toEqual({
      data: detail,
      status: 200,
      requestId: "r-1",
      rate: expect.objectContaining({ limit: 50, remaining: 9 }),
      digest,
    });
    const body = JSON.stringify({ image: Buffer.from(image).toString("base64"), sharpen: 7 });
    expect(sent).toEqual([{ url: `${ORIGIN}${PATH}`, method: "POST", body }]);
    expect(violations).toEqual([]);
  });

  it.each(IDS)("that is answered with the task id %j", async (task_id, usable, declared) => {
    const { submit, violations, places } = parts([data({ ...detail, task_id })]);
    if (usable) {
      expect((await submit()).data.task_id).toBe(task_id);
      expect(places()).toEqual(declared ? [] : ["/data/task_id"]);
      for (const violation of violations)
        expect(violation).toMatchObject({ operation: `POST ${PATH}`, status: 200, message: expect.any(String) });
    } else {
      const error = await rejection(submit(), MagnificError);
      expect(error.message).toContain("was answered with 200 and JSON that holds no task id");
      expect(error).toMatchObject({ code: "unexpected_response", submission: "unknown", attempts: 1 });
      expect(error.digest).toBe(digestOf(ORIGIN, { image }, sha256Of(image)));
    }
  });

  it("that is answered with no task fails, and keeps how often and what was sent", async () => {
    for (const nothing of [null, 7, "task", [], [detail], undefined]) {
      const { submit } = parts([busy, data(nothing)]);
      expect(await rejection(submit(), MagnificError)).toMatchObject({
        code: "unexpected_response",
        submission: "unknown",
        attempts: 2,
        digest: digestOf(ORIGIN, { image }, sha256Of(image)),
      });
    }
  });

  it("needs nothing but the id: all else that is missing is reported", async () => {
    const { submit, places } = parts([data({ task_id: TASK_ID })]);
    expect((await submit()).data).toEqual({ task_id: TASK_ID });
    expect(places().length).toBeGreaterThan(0);
  });
});

describe("the reading of a task", () => {
  it("asks for its path and gives what is there", async () => {
    const { exchanger, sent, violations } = parts([data(detail, { "x-request-id": "r-1" })]);
    expect(await fetchTask(exchanger, "a~b", {})).toMatchObject({ data: detail, status: 200, requestId: "r-1" });
    expect(sent).toEqual([{ url: `${ORIGIN}${PATH}/a~b`, method: "GET", body: "" }]);
    expect(violations).toEqual([]);
  });

  it.each<[string, object, string[]]>([
    ["a status that is unknown, which the task reports", { ...detail, status: "PAUSED" }, []],
    ["a status that is no text", { ...detail, status: 7 }, ["/data/status"]],
    ["no status", { task_id: TASK_ID, generated: [] }, ["/data"]],
    ["an id of another form", { ...detail, task_id: "t" }, ["/data/task_id"]],
    ["URLs that are none", { ...detail, status: "PAUSED", generated: [7] }, ["/data/generated/0"]],
    ["nothing in it", {}, ["/data", "/data", "/data"]],
  ])("goes on with %s", async (_, task, places) => {
    const told = parts([data(task)]);
    expect((await fetchTask(told.exchanger, TASK_ID, {})).data).toEqual(task);
    expect([...new Set(told.places())]).toEqual([...new Set(places)]);
    for (const violation of told.violations)
      expect(violation).toMatchObject({ operation: `GET ${PATH}/{task-id}`, status: 200, taskId: TASK_ID });
  });

  it("fails where there is no task, with its id and how often it was asked for", async () => {
    for (const nothing of [null, 7, "task", [], [detail], undefined]) {
      const { exchanger } = parts([busy, data(nothing)]);
      const error = await rejection(fetchTask(exchanger, TASK_ID, {}), MagnificError);
      expect(error).toMatchObject({
        code: "unexpected_response",
        operation: `GET ${PATH}/{task-id}`,
        taskId: TASK_ID,
        attempts: 2,
      });
      expect(error.submission).toBeUndefined();
      expect(error.message).toBe(`GET ${PATH}/{task-id} was answered with 200 and JSON that holds no task.`);
    }
  });
});

describe("the list of tasks", () => {
  const listed = { task_id: TASK_ID, status: "CREATED" };

  it("asks for its path and gives what is there", async () => {
    const { exchanger, sent, violations } = parts([data([listed], { "x-request-id": "r-1" })]);
    expect(await listTasks(exchanger, {})).toMatchObject({ data: [listed], status: 200, requestId: "r-1" });
    expect(sent).toEqual([{ url: `${ORIGIN}${PATH}`, method: "GET", body: "" }]);
    expect(violations).toEqual([]);
  });

  it.each<[unknown, boolean]>([
    [listed, true],
    [{ ...listed, status: "PAUSED" }, true],
    [{ ...listed, status: "" }, true],
    [{ ...listed, status: 7 }, false],
    [{ task_id: TASK_ID }, false],
    [{ status: "CREATED" }, false],
    [null, false],
    [7, false],
    ["task", false],
    [[listed], false],
    ...IDS.map(([task_id, usable]): [unknown, boolean] => [{ task_id, status: "CREATED" }, usable]),
  ])("that holds %j", async (entry, kept) => {
    const told = parts([data([listed, entry, listed])]);
    const sent = JSON.parse(JSON.stringify(entry));
    expect((await listTasks(told.exchanger, {})).data).toEqual(kept ? [listed, sent, listed] : [listed, listed]);
    // Whatever is left out was reported.
    if (!kept) expect(told.places().some((place) => place.startsWith("/data/1"))).toBe(true);
    for (const violation of told.violations) expect(violation.operation).toBe(`GET ${PATH}`);
  });

  it("fails where there is none", async () => {
    for (const nothing of [null, 7, "list", {}, { 0: listed }, undefined]) {
      const { exchanger } = parts([busy, data(nothing)]);
      const error = await rejection(listTasks(exchanger, {}), MagnificError);
      expect(error).toMatchObject({ code: "unexpected_response", operation: `GET ${PATH}`, attempts: 2 });
      expect(error.message).toBe(`GET ${PATH} was answered with 200 and JSON that holds no list of tasks.`);
    }
  });
});

describe("a call's own options", () => {
  it("count for each of the three", async () => {
    const once = { retry: 0 };
    const calls: ((exchanger: Exchanger) => Promise<unknown>)[] = [
      async (exchanger) =>
        submitTask(exchanger, await prepareRequest({ image }, exchanger.settings), { ...once, beforeSend: undefined }),
      (exchanger) => fetchTask(exchanger, TASK_ID, once),
      (exchanger) => listTasks(exchanger, once),
    ];
    for (const call of calls) {
      const { exchanger, sent } = parts([busy]);
      expect(await rejection(call(exchanger), MagnificError)).toMatchObject({ code: "rate_limited", attempts: 1 });
      expect(sent.length).toBe(1);
    }
  });

  it("of a submit hold what comes before each sending", async () => {
    const { exchanger, sent } = parts([busy, data(detail)]);
    const before: [number, number][] = [];
    const request = await prepareRequest({ image }, exchanger.settings);
    await submitTask(exchanger, request, { beforeSend: (attempt) => void before.push([attempt, sent.length]) });
    expect(before).toEqual([
      [1, 0],
      [2, 1],
    ]);
  });
});

describe("a report", () => {
  it("reaches the hook, where there is one", () => {
    const told: unknown[] = [];
    const violation = { operation: "GET /x", place: "/data", message: "is missing" };
    report({ settings: settingsOf({ apiKey: "key-1", onContractViolation: (one) => told.push(one) }) }, violation);
    expect(told).toEqual([violation]);
    expect(() => report({ settings: settingsOf({ apiKey: "key-1" }) }, violation)).not.toThrow();
  });
});
