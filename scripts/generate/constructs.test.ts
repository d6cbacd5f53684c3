import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseYaml } from "../../openapi/document/yaml.js";
import { typeErrors } from "../intake/type-check.js";
import { filesOf } from "./files.js";

type Validate = (value: unknown) => boolean;

/** Every construct that the provider's documents use and the upscaler's page does not. */
const DOCUMENT = parseYaml(
  `
openapi: 3.0.0
info: { title: Constructs, version: 1.0.0 }
servers: [{ url: https://api.example.com }]
security: [{ key: [] }]
paths:
  /v1/anonymous/{task-id}:
    parameters: [{ name: task-id, in: path, required: true, schema: { type: string, format: uuid } }]
    get:
      responses:
        202: { description: OK, content: { application/json: { schema: { $ref: "#/components/schemas/task" } } } }
        default:
          description: An error
          content: { application/json: { schema: { type: object, properties: { message: { type: string } } } } }
  /v1/hyphen:
    post:
      operationId: post-by_hyphen
      requestBody: { content: { application/json: { schema: { $ref: "#/components/schemas/task" } } } }
      responses: &ok { 200: { description: OK } }
  /v1/choice:
    post:
      operationId: choose
      requestBody:
        required: true
        content:
          application/json:
            schema:
              anyOf:
                - { type: object, required: [image], properties: { image: { type: string } } }
                - type: object
                  required: [url]
                  properties: { url: { type: string }, 2x: { type: string, enum: ["yes", "'no'"] } }
      responses:
        2XX:
          description: OK
          content: { application/json: { schema: { type: array, items: { $ref: "#/components/schemas/task" } } } }
  /v1/search:
    get:
      operationId: search
      parameters:
        - name: filters
          in: query
          style: deepObject
          explode: true
          schema:
            type: object
            properties:
              orientation: { type: object, properties: { landscape: { type: integer, enum: [0, 1] } } }
      responses:
        200:
          description: OK
          headers:
            x-request-id: { required: true, schema: { type: string } }
            x-left: { schema: { type: integer } }
          content:
            application/json: { schema: { type: object } }
            application/json; charset=utf-8: { schema: { type: object } }
  /v1/form:
    post:
      operationId: sendForm
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema: { type: object, required: [name], properties: { name: { type: string, minLength: 1 } } }
      responses: *ok
  /v1/upload:
    post:
      operationId: upload
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema:
              type: object
              required: [file]
              properties: { file: { type: string, format: binary }, title: { type: string } }
      responses:
        200: { description: The file, content: { image/png: { schema: { type: string, format: binary } } } }
  /v1/shared:
    post:
      operationId: shared
      requestBody: { $ref: "#/components/requestBodies/Shared" }
      responses: { 400: { $ref: "#/components/responses/Bad" } }
components:
  requestBodies:
    Shared: { content: { application/json: { schema: { $ref: "#/components/schemas/style" } } } }
  responses:
    Bad: { description: Bad, content: { application/json: { schema: { $ref: "#/components/schemas/task" } } } }
  schemas:
    style: { type: string, enum: ["'square_1_1", "wide\\"", "it's", "back\\\\slash", "new\\nline"] }
    size: { type: string, nullable: true, enum: [small, large] }
    task-a: { type: object, properties: { kind: { type: string, enum: [a] } } }
    task_a: { type: object, properties: { kind: { type: string, enum: [b] } } }
    base: { type: object, required: [id], properties: { id: { type: string } } }
    task:
      allOf:
        - $ref: "#/components/schemas/base"
        - { type: object, properties: { state: { type: string, enum: ["on", "off"] } } }
      properties:
        size: { $ref: "#/components/schemas/size" }
        parent: { nullable: true, allOf: [{ $ref: "#/components/schemas/base" }] }
  securitySchemes: { key: { type: apiKey, in: header, name: x-key } }
`,
  "constructs.yaml",
);

/** What a user of the types may write, and what they may not. */
const USES = `
import type { operations, paths } from "./generated/schema.js";
import { choose2xValues } from "./generated/schema.js";

const id: paths["/v1/anonymous/{task-id}"]["parameters"]["path"]["task-id"] = "x";
type Task = paths["/v1/anonymous/{task-id}"]["get"]["responses"][202]["content"]["application/json"];
const task: Task = { id, state: "on", size: null, parent: null };
const other: Task = { id, size: "small", parent: { id } };
// @ts-expect-error: not one of the values.
const wrong: Task = { id, size: "medium" };
type Style = NonNullable<operations["shared"]["requestBody"]>["content"]["application/json"];
const style: Style = "'square_1_1";
const awkward: Style[] = ['wide"', "it's", "back\\\\slash", "new\\nline"];
// @ts-expect-error: the quote is part of the value.
const unquoted: Style = "square_1_1";
const file: operations["upload"]["requestBody"]["content"]["multipart/form-data"] = { file: new Blob([]) };
// @ts-expect-error: octets are no text.
const text: operations["upload"]["requestBody"]["content"]["multipart/form-data"] = { file: "text" };
const picture: operations["upload"]["responses"][200]["content"]["image/png"] = new Blob([]);
const one: operations["choose"]["requestBody"]["content"]["application/json"] = { image: "x" };
const two: operations["choose"]["requestBody"]["content"]["application/json"] = { url: "x", "2x": "'no'" };
// @ts-expect-error: neither of both.
const none: operations["choose"]["requestBody"]["content"]["application/json"] = { sharpen: 1 };
const filters: NonNullable<operations["search"]["parameters"]["query"]>["filters"] = { orientation: { landscape: 1 } };
const header: operations["search"]["responses"][200]["headers"]["x-request-id"] = "x";
const left: operations["search"]["responses"][200]["headers"]["x-left"] = undefined;
const several: operations["choose"]["responses"]["2XX"]["content"]["application/json"] = [{ id }];
const first: "yes" | "'no'" | undefined = choose2xValues[0];
export const all = [task, other, wrong, style, awkward, unquoted, file, text, picture, one, two, none, filters, header, left, several, first];
`;

const folder = mkdtempSync(join(tmpdir(), "constructs-"));
afterAll(() => rmSync(folder, { recursive: true }));

let files: ReadonlyMap<string, string>;
let validators: Record<string, Validate>;
beforeAll(async () => {
  files = await filesOf(DOCUMENT);
  writeFileSync(join(folder, "validators.mjs"), files.get("validators.js") ?? "");
  validators = (await import(pathToFileURL(join(folder, "validators.mjs")).href)) as Record<string, Validate>;
});
const accepts = (name: string, value: unknown): boolean => {
  const validate = validators[name];
  if (!validate) throw new Error(`There is no validator ${name}, but ${Object.keys(validators).join(", ")}.`);
  return validate(value);
};

describe("the types of every construct", () => {
  it("compile, for each validator too, and say what they should", () => {
    const values = /export const (\w+)(?=: [^\n]*= \["yes", "'no'"\])/.exec(files.get("schema.ts") ?? "")?.[1];
    expect(values).toBeDefined();
    const uses = USES.replaceAll("choose2xValues", values ?? "");
    const { generated } = typeErrors(folder, new Map([...files, ["../uses.ts", uses]]));
    expect(generated).toEqual([]);
  });

  it("would not compile with one word wrong: the check is on", () => {
    const { generated } = typeErrors(
      folder,
      new Map([...files, ["../uses.ts", USES.replace('state: "on"', 'state: "onn"')]]),
    );
    expect(generated.join("\n")).toMatch(/uses\.ts:\d+ Type '"onn"' is not assignable/);
  });
});

describe("the validators of every construct", () => {
  it("are there for operations without an operationId, statuses other than 200, ranges and default", () => {
    const task = { id: "1", state: "on", size: null, parent: null };
    expect(accepts("getV1AnonymousTaskIdResponse202", task)).toBe(true);
    expect(accepts("getV1AnonymousTaskIdResponse202", { state: "on" })).toBe(false);
    expect(accepts("getV1AnonymousTaskIdResponsedefault", { message: 1 })).toBe(false);
    expect(accepts("chooseResponse2XX", [task])).toBe(true);
    expect(accepts("chooseResponse2XX", [{}])).toBe(false);
    expect(accepts("postBy_hyphenRequest", task)).toBe(true);
    expect(accepts("sharedResponse400", {})).toBe(false);
  });

  it("nullable with enum and with allOf, open and closed", () => {
    expect(accepts("postBy_hyphenRequest", { id: "1", size: "medium" })).toBe(false);
    expect(accepts("postBy_hyphenRequest", { id: "1", parent: {} })).toBe(false);
    expect(accepts("postBy_hyphenRequestClosed", { id: "1", size: null, state: "off", parent: { id: "2" } })).toBe(
      true,
    );
    expect(accepts("postBy_hyphenRequestClosed", { id: "1", parent: { id: "2", more: 1 } })).toBe(false);
    expect(accepts("postBy_hyphenRequestClosed", { id: "1", more: 1 })).toBe(false);
  });

  it("a choice at the top of a body", () => {
    expect(accepts("chooseRequest", { image: "x" })).toBe(true);
    expect(accepts("chooseRequestClosed", { url: "x", "2x": "'no'" })).toBe(true);
    expect(accepts("chooseRequestClosed", { url: "x", "2x": "no" })).toBe(false);
    expect(accepts("chooseRequestClosed", { url: "x", more: 1 })).toBe(false);
    expect(accepts("chooseRequest", {})).toBe(false);
  });

  it("forms, with a Blob where octets are", () => {
    expect(accepts("sendFormRequestXWwwFormUrlencoded", { name: "x" })).toBe(true);
    expect(accepts("sendFormRequestXWwwFormUrlencoded", { name: "" })).toBe(false);
    expect(accepts("uploadRequestMultipartFormData", { file: new Blob(["x"]) })).toBe(true);
    expect(accepts("uploadRequestMultipartFormDataClosed", { file: new Blob(["x"]), more: "x" })).toBe(false);
    expect(accepts("uploadRequestMultipartFormData", {})).toBe(false);
  });

  it("stray quotes are part of the value", () => {
    for (const value of ["'square_1_1", 'wide"', "it's", "back\\slash", "new\nline"])
      expect(accepts("sharedRequest", value)).toBe(true);
    expect(accepts("sharedRequest", "square_1_1")).toBe(false);
  });

  it("have names of their own where two media types are one but for a parameter", () => {
    expect(accepts("searchResponse200", {})).toBe(true);
    expect(accepts("searchResponse2002", [])).toBe(false);
  });
});
