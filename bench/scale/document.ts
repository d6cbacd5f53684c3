/**
 * Documents of the provider's full size, made from a seed: about 310 paths, 430 operations and 430 schemas, a quarter of
 * the operations without `operationId`, with every construct that the provider uses.
 */
import type { Json, JsonObject } from "../../openapi/document/types.js";
import { Random } from "./random.js";
import { formSchema, namedSchema, requestSchema, TASK } from "./schemas.js";

export interface Size {
  readonly paths: number;
  /** On top of the operations that come with the paths. */
  readonly schemas: number;
  /** Words of prose per operation: the provider's documents are mostly prose. */
  readonly prose: number;
}

export const FULL_SIZE: Size = { paths: 310, schemas: 430, prose: 105 };

/** A part of the full size, for the curve of the cost. */
export function partOf(size: Size, part: number): Size {
  return { paths: Math.round(size.paths * part), schemas: Math.round(size.schemas * part), prose: size.prose };
}

export function scaleDocument(seed: number, size: Size = FULL_SIZE): JsonObject {
  const random = new Random(seed);
  const schemas: JsonObject = { ...COMMON_SCHEMAS };
  const names: string[] = Object.keys(COMMON_SCHEMAS);
  while (names.length < size.schemas) {
    const name = `${random.pick(["task", "request-content", "get_all_style", "video_inner", "Result"])}_${names.length}`;
    schemas[name] = namedSchema(random, names.length, names);
    names.push(name);
  }
  const paths: JsonObject = {};
  for (let index = 0; index < size.paths; index++) {
    const [path, item] = pathItem(random, index, names, size.prose);
    paths[path] = item;
  }
  return {
    openapi: "3.0.0",
    info: { title: "Magnific API", version: "1.0.0", description: random.words(40) },
    servers: [{ url: "https://api.magnific.com", description: "B2B API Production V1" }],
    security: [{ magnificApiKey: [] }],
    paths,
    components: {
      schemas,
      securitySchemes: { magnificApiKey: { type: "apiKey", in: "header", name: "x-magnific-api-key" } },
    },
  };
}

const COMMON_SCHEMAS: JsonObject = {
  error: {
    type: "object",
    properties: { message: { type: "string", example: "Invalid API key" } },
    example: { message: "message" },
  },
  problem: {
    type: "object",
    required: ["message", "invalid_params"],
    properties: {
      message: { type: "string" },
      invalid_params: { type: "array", items: { $ref: "#/components/schemas/invalid_param" } },
    },
  },
  invalid_param: {
    type: "object",
    required: ["name"],
    properties: { name: { type: "string" }, reason: { type: "string" } },
  },
  task: {
    type: "object",
    required: ["task_id", "status"],
    properties: {
      task_id: { type: "string", format: "uuid" },
      status: { type: "string", enum: ["CREATED", "IN_PROGRESS", "COMPLETED", "FAILED"] },
    },
    example: TASK,
  },
};

function pathItem(random: Random, index: number, names: readonly string[], prose: number): [string, JsonObject] {
  const withId = index % 3 === 1;
  const base = `/v${random.whole(1, 2)}/ai/${random.pick(["image", "video", "text-to-image", "audio"])}-${random.pick(["upscaler", "style", "relight", "mystic"])}-${index}`;
  const path = withId ? `${base}/{task-id}` : base;
  const item: JsonObject = withId
    ? { parameters: [{ name: "task-id", in: "path", required: true, schema: { type: "string", format: "uuid" } }] }
    : {};
  // 310 paths carry about 430 operations: a post and, on two of five, another one.
  item[withId ? "get" : "post"] = operation(random, index, withId ? "get" : "post", names, prose);
  if (index % 5 < 2)
    item[withId ? "delete" : "get"] = operation(random, index, withId ? "delete" : "get", names, prose);
  return [path, item];
}

function operation(random: Random, index: number, method: string, names: readonly string[], prose: number): JsonObject {
  const anonymous = random.chance(0.25);
  return {
    tags: [`group-${index % 40}`],
    summary: random.words(5),
    description: random.words(prose),
    ...(anonymous
      ? {}
      : {
          operationId: `${random.pick([method, `${method}-by`])}${index % 7 === 0 ? "_" : ""}Operation${index}${method}`,
        }),
    ...(method === "get" ? { parameters: queryParameters(random, index) } : {}),
    ...(method === "post" ? { requestBody: requestBody(random, index, names) } : {}),
    responses: responses(random, index, method, names),
    ...(method === "post" && index % 9 === 0 ? { callbacks: callbacks() } : {}),
  };
}

function queryParameters(random: Random, index: number): Json[] {
  const parameters: Json[] = [
    { name: "page", in: "query", schema: { type: "integer", minimum: 1, default: 1 } },
    { name: "order", in: "query", schema: { type: "string", enum: ["relevance", "recent", "'quoted'"] } },
    { name: "Accept-Language", in: "header", schema: { type: "string", example: "en-GB" } },
  ];
  if (index % 4 === 0) {
    parameters.push({
      name: "filters",
      in: "query",
      style: "deepObject",
      explode: true,
      description: random.words(20),
      schema: {
        type: "object",
        properties: {
          orientation: { type: "object", properties: { landscape: { type: "integer", enum: [0, 1] } } },
          colour: { type: "string", enum: ["black", "blue"] },
        },
      },
    });
  }
  return parameters;
}

function requestBody(random: Random, index: number, names: readonly string[]): JsonObject {
  if (index % 11 === 3) {
    return {
      required: true,
      content: {
        "multipart/form-data": {
          schema: {
            type: "object",
            required: ["file"],
            properties: { file: { type: "string", format: "binary" }, title: { type: "string" } },
          },
        },
      },
    };
  }
  const form = index % 13 === 5;
  const content: JsonObject = form
    ? { "application/x-www-form-urlencoded": { schema: formSchema(random) } }
    : { "application/json": { schema: requestSchema(random, index, names) } };
  return { ...(index % 6 === 2 ? {} : { required: true }), content };
}

function responses(random: Random, index: number, method: string, names: readonly string[]): JsonObject {
  const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
  const json = (name: string, description: string, examples?: JsonObject): JsonObject => ({
    description,
    content: { "application/json": { schema: ref(name), ...(examples ? { examples } : {}) } },
  });
  const success: JsonObject =
    index % 10 === 6
      ? { description: "The file", content: { "image/png": { schema: { type: "string", format: "binary" } } } }
      : {
          description: "OK",
          headers: {
            "x-request-id": { schema: { type: "string" } },
            "x-ratelimit-remaining": { schema: { type: "integer" } },
          },
          content: { "application/json": { schema: dataOf(random, names) } },
        };
  const first =
    method === "delete" ? { "204": { description: "Gone" } } : { [index % 8 === 1 ? "202" : "200"]: success };
  return {
    ...first,
    "400": {
      description: "Bad Request",
      content: {
        "application/json": { schema: ref("error"), examples: badRequests(random) },
        "application/problem+json": { schema: ref("problem") },
      },
    },
    "401": json("error", "Unauthorized", { missing_api_key: { value: { message: "Missing API key" } } }),
    ...(index % 3 === 0 ? { "404": json("error", "Not found") } : {}),
    "500": json("error", "Internal Server Error"),
    ...(index % 2 === 0 ? { "503": json("error", "Service Unavailable") } : {}),
  };
}

function dataOf(random: Random, names: readonly string[]): JsonObject {
  const one = { $ref: `#/components/schemas/${random.pick(names)}` };
  const data = random.chance(0.3) ? { type: "array", items: one } : one;
  return { type: "object", required: ["data"], properties: { data } };
}

function badRequests(random: Random): JsonObject {
  return Object.fromEntries(
    ["invalid_page", "invalid_query", "invalid_filter", "generic_bad_request"].map((name) => [
      name,
      { summary: random.words(4), value: { message: random.words(8) } },
    ]),
  );
}

function callbacks(): JsonObject {
  return {
    done: {
      "{$request.body#/webhook_url}": {
        post: {
          requestBody: { content: { "application/json": { schema: { $ref: "#/components/schemas/task" } } } },
          responses: { "200": { description: "Taken" } },
        },
      },
    },
  };
}
