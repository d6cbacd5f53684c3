import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { OPENAPI_DIR, ownersOf, requireEffectiveDocument } from "../../../openapi/document/load.js";
import { at } from "../../../openapi/document/pointer.js";
import type { Json, JsonObject } from "../../../openapi/document/types.js";
import { allFiles } from "../../generate/files.js";
import { writeAll } from "../../generate/write.js";
import { type Plan, planOf } from "../plan.js";
import { reportText } from "../report.js";
import { typeErrors } from "../type-check.js";
import { emptyRoot, PAGE, plan, snapshot, sourceOf } from "./roots.js";

const TEMPLATE = join("openapi", "overlays", "task-template.yaml");
const PATH = "/v1/ai/make-things";
const STATUS = ["CREATED", "IN_PROGRESS", "COMPLETED", "FAILED"];

/** A root that has the template of this repository, and the overlays that the test gives. */
function templateRoot(overlays: Readonly<Record<string, JsonObject>> = {}): string {
  const root = emptyRoot();
  mkdirSync(join(root, "openapi", "overlays"), { recursive: true });
  cpSync(join(OPENAPI_DIR, "overlays", "task-template.yaml"), join(root, TEMPLATE));
  for (const [name, hints] of Object.entries(overlays)) {
    const why = { "x-reason": "A test.", "x-source": "A test." };
    const actions = [{ target: "$.paths.*.post", ...why, update: hints }];
    const overlay = { overlay: "1.0.0", info: { title: "t", version: "1" }, extends: `../${name}.yaml`, actions };
    writeFileSync(join(root, "openapi", "overlays", `${name}.05-hints.overlay.yaml`), JSON.stringify(overlay));
  }
  return root;
}

const parametersOf = (path: string): Json =>
  [...path.matchAll(/\{(.*?)\}/g)].map(([, name = ""]) => {
    return { name, in: "path", required: true, schema: { type: "string" } };
  });
const get = (path: string): JsonObject => ({
  [path]: { get: { parameters: parametersOf(path), responses: { "200": { description: "OK" } } } },
});

/** A document whose POST answers what the schema says. */
function things(answer: JsonObject, more: JsonObject = {}, path = PATH): string {
  const json = (schema: JsonObject) => ({ "application/json": { schema } });
  const flat = { message: "wrong" };
  const problem = {
    schema: { type: "object", properties: { problem: { type: "object" } } },
    examples: { flat: { value: flat } },
  };
  return JSON.stringify({
    openapi: "3.0.3",
    info: { title: "Things", version: "1" },
    servers: [{ url: "https://api.example.com" }],
    security: [{ key: [] }],
    paths: {
      [path]: {
        post: {
          summary: "Things - Make one",
          parameters: parametersOf(path),
          requestBody: { content: json({ type: "object", properties: { front: { type: "string", format: "byte" } } }) },
          responses: {
            "200": { description: "OK", content: json(answer) },
            "400": { description: "Bad", content: { "application/problem+json": problem } },
          },
        },
      },
      ...more,
    },
    components: { securitySchemes: { key: { type: "apiKey", in: "header", name: "x-key" } } },
  });
}
const fields = (status = "status", values = STATUS): JsonObject => ({
  type: "object",
  required: ["task_id"],
  properties: { task_id: { type: "string" }, [status]: { type: "string", enum: values } },
});
const wrapped = (data: JsonObject): JsonObject => ({ type: "object", properties: { data } });
const take = (root: string, text: string, file = "things.yaml"): Promise<Plan> => plan(root, text, { file });
const printedBy = ({ applied }: Plan): readonly string[] =>
  applied.flatMap(({ name }) => (name.endsWith(".10-task.overlay.yaml") ? [name] : []));
const whole = ({ vendored, applied }: Plan): JsonObject => requireEffectiveDocument(vendored, applied);
const operations = (document: JsonObject): string[] =>
  Object.entries(document.paths as JsonObject).flatMap(([path, item]) =>
    Object.keys(item as JsonObject).map((method) => `${method} ${path}`),
  );
const statusPlace = (pointer: string) => `/paths/~1v1~1ai~1make-things~1{task-id}/get/responses${pointer}`;
const EXAMPLES = statusPlace("/200/content/application~1json/examples");

describe("the task template", () => {
  it("prints how a task is read and listed and what its webhook receives, marked as assumed in types and report", async () => {
    const root = templateRoot();
    const made = await plan(root, PAGE);
    expect(printedBy(made)).toEqual(["upscaler-precision.10-task.overlay.yaml"]);
    const [path, read] = ["/v1/ai/image-upscaler-precision", "/v1/ai/image-upscaler-precision/{task-id}"];
    expect(reportText(made)).toContain(`Assumed, as no page says it: GET ${read}.`);
    const document = whole(made);
    expect(operations(document)).toEqual([`post ${path}`, `get ${path}`, `get ${read}`]);
    const paths = document.paths as Record<string, Record<string, JsonObject>>;
    expect(paths[read]?.get).toMatchObject({ "x-assumed": true, operationId: "getAiImageUpscalerPrecisionTask" });
    expect(paths[path]?.post?.callbacks).toHaveProperty(["taskStatusChanged", "{$request.body#/webhook_url}"]);
    const generated = await allFiles(made.effective ?? [], ownersOf(made.vendored));
    expect(generated.get("upscaler-precision/schema.ts")).toMatch(/@description Assumed, as no vendored page has it/);
    expect(typeErrors(root, generated).generated).toEqual([]);
    writeAll(root, made.files);
    expect((await plan(root, PAGE)).files.size).toBe(0);
  });

  it("copies the errors of the POST, without the examples that contradict their schema", async () => {
    const document = whole(await take(templateRoot(), things(wrapped(fields()))));
    expect(at(document, statusPlace("/400/content/application~1problem+json/examples"))).toEqual({});
    const POST = "/paths/~1v1~1ai~1make-things/post/responses/400/content/application~1problem+json/examples";
    expect(at(document, POST)).toHaveProperty("flat");
  });

  it.each<[what: string, text: string, read: boolean, list: boolean, examples: number]>([
    ["a task in data", things(wrapped(fields())), true, true, 4],
    ["a task that is not wrapped", things(fields()), true, true, 0],
    ["a status of another name", things(wrapped(fields("task_status"))), true, true, 4],
    ["statuses in lower case", things(wrapped(fields("status", ["completed"]))), true, true, 0],
    ["a POST that answers at once", things(wrapped({ type: "object", properties: { url: {} } })), false, false, 0],
    ["an id without a status", things(wrapped({ properties: { task_id: { type: "string" } } })), false, false, 0],
    ["a path with a parameter", things(wrapped(fields()), {}, "/v1/{owner}/things"), false, false, 0],
    ["a document that reads its task itself", things(wrapped(fields()), get(`${PATH}/{id}`)), false, true, 0],
  ])("fits where it does: %s", async (_, text, read, list, examples) => {
    const made = await take(templateRoot(), text);
    const found = operations(whole(made)).filter((each) => each.includes(PATH));
    expect(found.includes(`get ${PATH}/{task-id}`)).toBe(read);
    expect(found.includes(`get ${PATH}`)).toBe(list);
    expect(Object.keys((at(whole(made), EXAMPLES) ?? {}) as JsonObject)).toHaveLength(examples);
    // It can be read whatever it is: what is generated from it compiles.
    const generated = await allFiles(made.effective ?? [], ownersOf(made.vendored));
    expect(generated.has("things/schema.ts")).toBe(true);
  });

  it.each<[what: string, hints: Json, expected: string[]]>([
    ["is declined", false, []],
    ["is declined for the list", { list: null }, [`get ${PATH}/{task-id}`]],
    ["reads elsewhere", { read: "/v1/ai/things/{id}", parameter: "id", list: null }, ["get /v1/ai/things/{id}"]],
  ])("follows x-task of an overlay: %s", async (_, hints, expected) => {
    const made = await take(templateRoot({ things: { "x-task": hints } }), things(wrapped(fields())));
    expect(operations(whole(made)).filter((each) => each !== `post ${PATH}`)).toEqual(expected);
    if (expected.length === 0) expect(printedBy(made)).toEqual([]);
  });

  it("lets a result that only the status operation has be read, where x-task names it", async () => {
    const made = await take(templateRoot({ things: { "x-task": { results: "videos" } } }), things(wrapped(fields())));
    expect(JSON.stringify(at(whole(made), statusPlace("/200/content/application~1json/schema")))).toContain("videos");
    expect(Object.keys(at(whole(made), EXAMPLES) as JsonObject)).toContain("completed");
  });

  it("leaves an operation that two documents assume to the first of them", async () => {
    const hints = { "x-task": { read: "/v1/ai/things/{task-id}", list: null } };
    const root = templateRoot({ things: hints, turbo: hints });
    const answer = wrapped(fields());
    const sources = [
      sourceOf(things(answer), "things.yaml"),
      sourceOf(things(answer, {}, "/v1/ai/turbo"), "turbo.yaml"),
    ];
    const made = await planOf({ root, sources, date: "2030-01-01" });
    expect(printedBy(made)).toHaveLength(2);
    expect(operations(whole(made)).filter((each) => each.startsWith("get"))).toEqual(["get /v1/ai/things/{task-id}"]);
    const index = (await allFiles(made.effective ?? [], ownersOf(made.vendored))).get("index.ts") ?? "";
    expect(index).toContain(`"/v1/ai/things/{task-id}": paths0["/v1/ai/things/{task-id}"];`);
  });

  it("prints anew when it changes itself, and goes with its document", async () => {
    const root = templateRoot();
    writeAll(root, (await plan(root, PAGE)).files);
    const before = snapshot(root);
    writeAll(root, (await take(root, things(wrapped(fields())))).files);
    const file = join(root, "openapi", "overlays", "things.10-task.overlay.yaml");
    expect(existsSync(file)).toBe(true);
    writeAll(root, (await planOf({ root, sources: [], remove: "things", date: "2030-01-01" })).files);
    expect(snapshot(root)).toEqual(before);
    const template = readFileSync(join(root, TEMPLATE), "utf8");
    writeFileSync(join(root, TEMPLATE), template.replace("List tasks", "All tasks"));
    const made = await planOf({ root, sources: [sourceOf(PAGE)], date: "2030-01-01" });
    expect([...made.files.keys()]).toEqual(["openapi/overlays/upscaler-precision.10-task.overlay.yaml"]);
    writeFileSync(join(root, TEMPLATE), template.replace("{{list}}", "{{lists}}"));
    await expect(plan(root, PAGE)).rejects.toThrow(/task-template\.yaml: there is no \{\{lists\}\}/);
  });
});
