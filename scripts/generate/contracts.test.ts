import { describe, expect, it } from "vitest";
import { type Json, type JsonObject, objectOf } from "../../openapi/document/types.js";
import { contractModule, fieldsModule, taskOperationsOf } from "./contracts.js";
import { validatorsOf } from "./validators.js";

const ref = (name: string): JsonObject => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: JsonObject): JsonObject => ({ content: { "application/json": { schema } } });
const answer = (schema: JsonObject): JsonObject => ({ responses: { "200": { description: "", ...json(schema) } } });

/** A POST that makes tasks and a GET that reads one, with more of the POST and other schemas. */
function document(post: JsonObject = {}, schemas: JsonObject = {}, wrapper = "data"): JsonObject {
  const wrapped = (schema: JsonObject) => (wrapper === "" ? schema : { properties: { [wrapper]: schema } });
  const id = { name: "job", in: "path", required: true, schema: { type: "string", format: "uuid" } };
  return {
    openapi: "3.0.3",
    paths: {
      "/things": {
        post: { operationId: "make", requestBody: json(ref("request")), ...answer(wrapped(ref("task"))), ...post },
      },
      "/things/{job}": { parameters: [id], get: { operationId: "read", ...answer(wrapped(ref("task"))) } },
      "/things/{job}/parts/{part}": { get: answer(wrapped(ref("task"))) },
    },
    components: {
      schemas: {
        request: { required: ["front"], properties: { front: { type: "string", format: "byte" }, size: ref("size") } },
        size: { type: "integer", minimum: 1, maximum: 8, default: 2, description: "How large" },
        task: { allOf: [ref("base"), { properties: { generated: { type: "array", items: { type: "string" } } } }] },
        base: { properties: { task_id: { type: "string" }, status: { enum: ["queued", "completed", "failed"] } } },
        ...schemas,
      },
    },
  };
}
const dataOf = (made: JsonObject) => taskOperationsOf(made)[0]?.data;

describe("the contract of a task operation", () => {
  it("is read off the document: how a task is read, what it is wrapped in, its statuses and its images", async () => {
    const made = document();
    const [task] = taskOperationsOf(made);
    if (!task) throw new Error("no task");
    expect(task.data).toEqual({
      operationId: "make",
      submit: { method: "POST", path: "/things" },
      read: { path: "/things/{job}", parameter: "job", uuid: true },
      wrapper: "data",
      ...{ id: "task_id", status: "status", results: "generated" },
      ...{ statuses: ["queued", "completed", "failed"], completed: ["completed"], failed: ["failed"] },
      images: { front: "base64" },
    });
    const { names } = await validatorsOf(made);
    const text = contractModule(task, names);
    for (const part of [
      "validateRequest: makeRequestClosed",
      "validateSubmit: makeResponse200",
      "validateTask: readResponse200",
    ])
      expect(text).toContain(part);
    const request = fieldsModule(made, task, names);
    expect(request).toContain("export const accepts = makeRequest;");
    expect(request).toMatch(/"size": \{\n +"required": false,\n +"type": "integer",[^}]*"maximum": 8,\n +"default": 2/);
  });

  it.each<[what: string, made: JsonObject, expected: Record<string, Json>]>([
    [
      "a list",
      {
        ...document(),
        paths: {
          ...(document().paths as JsonObject),
          "/things": { ...(document().paths as { "/things": JsonObject })["/things"], get: answer({}) },
        },
      },
      { list: { path: "/things" } },
    ],
    ["an answer that is not wrapped", document({}, {}, ""), { wrapper: "" }],
    [
      "a status of another name",
      document({}, { base: { properties: { task_id: {}, task_status: { enum: ["COMPLETED"] } } } }),
      { status: "task_status", completed: ["COMPLETED"], failed: ["FAILED"] },
    ],
    [
      "an image that is base64 or a URL",
      document({}, { request: { properties: { front: { anyOf: [{ format: "byte" }, { format: "uri" }] } } } }),
      { images: { front: "either" } },
    ],
    [
      "a webhook, and an image that the document marks",
      document({}, { request: { properties: { webhook_url: {}, back: { type: "string", "x-image": "url" } } } }),
      { webhook: "webhook_url", images: { back: "url" } },
    ],
    [
      "hints",
      document({
        "x-task": { read: "/other/{id}", completed: ["queued"], results: "videos", images: { front: "either" } },
      }),
      {
        read: { path: "/other/{id}", parameter: "id", uuid: false },
        completed: ["queued"],
        results: "videos",
        images: { front: "either" },
      },
    ],
  ])("follows %s", (_, made, expected) => {
    expect(dataOf(made)).toMatchObject(expected);
  });

  it("is not made for a POST that makes no task, or whose task cannot be read, or that is declined", () => {
    const unread = document();
    unread.paths = { "/things": objectOf(unread.paths)["/things"] ?? {} };
    expect(taskOperationsOf(unread)).toEqual([]);
    expect(taskOperationsOf(document({}, { base: { properties: { status: {} } } }))).toEqual([]);
    expect(taskOperationsOf(document({ "x-task": false }))).toEqual([]);
  });

  it("refuses a hint that it does not know", () => {
    expect(() => taskOperationsOf(document({ "x-task": { complete: [] } }))).toThrow(/x-task has no member complete/);
  });
});
