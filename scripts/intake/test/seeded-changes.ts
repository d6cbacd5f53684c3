/** Changes a provider may make to a page, and what the report must say of each. */
import { type JsonObject, objectOf } from "../../../openapi/document/types.js";
import type { Party, Subject } from "../diff/change.js";

export interface SeededChange {
  readonly what: string;
  readonly change: (document: JsonObject) => void;
  readonly breaks: readonly Party[];
  readonly pointer: string;
  readonly says: RegExp;
  readonly subject?: Subject;
}

const PATH = "/v1/ai/image-upscaler-precision";
const POST = "/paths/~1v1~1ai~1image-upscaler-precision/post";
const REQUEST = "/components/schemas/request-content_2";
const TASK = "/components/schemas/task";

const at = (document: JsonObject, ...steps: string[]): JsonObject => {
  let node: JsonObject = document;
  for (const step of steps) node = node[step] as JsonObject;
  return node;
};
const post = (document: JsonObject) => at(document, "paths", PATH, "post");
const responses = (document: JsonObject) => at(post(document), "responses");
const schemas = (document: JsonObject) => at(document, "components", "schemas");
const request = (document: JsonObject) => at(schemas(document), "request-content_2", "properties");
const task = (document: JsonObject) => at(schemas(document), "task");

/** Of a schema used in requests and answers alike. */
const NEW_OPERATION: JsonObject = { responses: { "200": { description: "OK" } } };

export const SEEDED_CHANGES: readonly SeededChange[] = [
  {
    what: "an upper bound lowered",
    change: (d) => {
      at(request(d), "sharpen").maximum = 90;
    },
    breaks: ["senders"],
    pointer: `${REQUEST}/properties/sharpen/maximum`,
    says: /upper bound changed from 100 to 90/,
  },
  {
    what: "an upper bound raised",
    change: (d) => {
      at(request(d), "sharpen").maximum = 110;
    },
    breaks: [],
    pointer: `${REQUEST}/properties/sharpen/maximum`,
    says: /upper bound changed from 100 to 110/,
  },
  {
    what: "a lower bound raised",
    change: (d) => {
      at(request(d), "sharpen").minimum = 1;
    },
    breaks: ["senders"],
    pointer: `${REQUEST}/properties/sharpen/minimum`,
    says: /lower bound changed from 0 to 1/,
  },
  {
    what: "a bound made exclusive",
    change: (d) => {
      at(request(d), "sharpen").exclusiveMinimum = true;
    },
    breaks: ["senders"],
    pointer: `${REQUEST}/properties/sharpen/minimum`,
    says: /from 0 to beyond 0/,
  },
  {
    what: "a default changed",
    change: (d) => {
      at(request(d), "sharpen").default = 60;
    },
    breaks: ["senders"],
    pointer: `${REQUEST}/properties/sharpen/default`,
    says: /default changed from 50 to 60/,
  },
  {
    what: "a type changed in a request",
    change: (d) => {
      at(request(d), "sharpen").type = "string";
    },
    breaks: ["senders"],
    pointer: `${REQUEST}/properties/sharpen/type`,
    says: /type changed from integer to string/,
  },
  {
    what: "a type widened in a request",
    change: (d) => {
      at(request(d), "sharpen").type = "number";
    },
    breaks: [],
    pointer: `${REQUEST}/properties/sharpen/type`,
    says: /type changed from integer to number/,
  },
  {
    what: "an optional field added to a request",
    change: (d) => {
      request(d).scale = { type: "integer" };
    },
    breaks: [],
    pointer: `${REQUEST}/properties/scale`,
    says: /property "scale" added$/,
  },
  {
    what: "a required field added to a request",
    change: (d) => {
      request(d).scale = { type: "integer" };
      at(schemas(d), "request-content_2").required = ["image", "scale"];
    },
    breaks: ["senders"],
    pointer: `${REQUEST}/properties/scale`,
    says: /property "scale" added, required/,
  },
  {
    what: "a field of a request removed",
    change: (d) => {
      delete request(d).smart_grain;
    },
    breaks: ["senders"],
    pointer: `${REQUEST}/properties/smart_grain`,
    says: /property "smart_grain" removed/,
  },
  {
    what: "a field of a request no longer required",
    change: (d) => {
      delete at(schemas(d), "request-content_2").required;
    },
    breaks: [],
    pointer: `${REQUEST}/required`,
    says: /"image" is not required any more/,
  },
  {
    what: "a format added to a request",
    change: (d) => {
      at(request(d), "webhook_url").pattern = "^https:";
    },
    breaks: ["senders"],
    pointer: `${REQUEST}/properties/webhook_url/pattern`,
    says: /pattern "\^https:" added/,
  },
  {
    what: "a length limited in a request",
    change: (d) => {
      at(request(d), "image").maxLength = 1000;
    },
    breaks: ["senders"],
    pointer: `${REQUEST}/properties/image/maxLength`,
    says: /maxLength changed from none to 1000/,
  },
  {
    what: "null allowed in a request",
    change: (d) => {
      at(request(d), "webhook_url").nullable = true;
    },
    breaks: [],
    pointer: `${REQUEST}/properties/webhook_url/nullable`,
    says: /null is allowed now/,
  },
  {
    what: "unknown fields refused in a request",
    change: (d) => {
      at(schemas(d), "request-content_2").additionalProperties = false;
    },
    breaks: ["senders"],
    pointer: `${REQUEST}/additionalProperties`,
    says: /additionalProperties changed/,
  },
  {
    what: "a status added",
    change: (d) => {
      at(task(d), "properties", "status").enum = ["CREATED", "IN_PROGRESS", "COMPLETED", "FAILED", "CANCELLED"];
    },
    breaks: ["readers"],
    pointer: `${TASK}/properties/status/enum`,
    says: /enum: "CANCELLED" added/,
  },
  {
    what: "a status removed",
    change: (d) => {
      at(task(d), "properties", "status").enum = ["CREATED", "COMPLETED", "FAILED"];
    },
    breaks: [],
    pointer: `${TASK}/properties/status/enum`,
    says: /enum: "IN_PROGRESS" removed/,
  },
  {
    what: "statuses in another order",
    change: (d) => {
      at(task(d), "properties", "status").enum = ["FAILED", "COMPLETED", "IN_PROGRESS", "CREATED"];
    },
    breaks: [],
    pointer: `${TASK}/properties/status/enum`,
    says: /means the same/,
    subject: "text",
  },
  {
    what: "a field of an answer removed",
    change: (d) => {
      delete at(task(d), "properties").task_id;
      task(d).required = ["status"];
    },
    breaks: ["readers"],
    pointer: `${TASK}/properties/task_id`,
    says: /property "task_id" removed/,
  },
  {
    what: "a field of an answer no longer sure",
    change: (d) => {
      task(d).required = ["status"];
    },
    breaks: ["readers"],
    pointer: `${TASK}/required`,
    says: /"task_id" is not required any more/,
  },
  {
    what: "a field added to an answer",
    change: (d) => {
      at(task(d), "properties").error = { type: "string" };
    },
    breaks: [],
    pointer: `${TASK}/properties/error`,
    says: /property "error" added/,
  },
  {
    what: "null possible in an answer",
    change: (d) => {
      at(task(d), "properties", "task_id").nullable = true;
    },
    breaks: ["readers"],
    pointer: `${TASK}/properties/task_id/nullable`,
    says: /null is allowed now/,
  },
  {
    what: "a field of an answer renamed",
    change: (d) => {
      const p = at(task(d), "properties");
      p.id = p.task_id as JsonObject;
      delete p.task_id;
      task(d).required = ["id", "status"];
    },
    breaks: ["readers"],
    pointer: `${TASK}/properties/task_id`,
    says: /property "task_id" removed/,
  },
  {
    what: "a part moved into another schema, meaning the same",
    change: (d) => {
      const inner = {
        type: "object",
        properties: objectOf(task(d).properties),
        required: task(d).required,
      } as JsonObject;
      schemas(d).task_core = inner;
      schemas(d).task = { allOf: [{ $ref: "#/components/schemas/task_core" }], example: objectOf(task(d).example) };
    },
    breaks: [],
    pointer: `${TASK}/allOf`,
    says: /means the same/,
    subject: "text",
  },
  {
    what: "a schema renamed, meaning the same",
    change: (d) => {
      schemas(d)["request-content_3"] = schemas(d)["request-content_2"] as JsonObject;
      delete schemas(d)["request-content_2"];
      at(post(d), "requestBody", "content", "application/json").schema = {
        $ref: "#/components/schemas/request-content_3",
      };
    },
    breaks: [],
    pointer: "/components/schemas/request-content_3",
    says: /component request-content_3 added/,
  },
  {
    what: "an answer removed",
    change: (d) => {
      delete responses(d)["503"];
    },
    breaks: ["readers"],
    pointer: `${POST}/responses/503`,
    says: /response 503 removed/,
  },
  {
    what: "an error declared",
    change: (d) => {
      responses(d)["429"] = { description: "Too many" };
    },
    breaks: [],
    pointer: `${POST}/responses/429`,
    says: /response 429 added/,
  },
  {
    what: "another success declared",
    change: (d) => {
      responses(d)["202"] = { description: "Accepted" };
    },
    breaks: ["readers"],
    pointer: `${POST}/responses/202`,
    says: /response 202 added/,
  },
  {
    what: "a media type of an answer removed",
    change: (d) => {
      delete at(responses(d), "400", "content")["application/problem+json"];
    },
    breaks: ["readers"],
    pointer: `${POST}/responses/400/content/application~1problem+json`,
    says: /application\/problem\+json removed/,
  },
  {
    what: "a media type of the request changed",
    change: (d) => {
      const c = at(post(d), "requestBody", "content");
      c["multipart/form-data"] = c["application/json"] as JsonObject;
      delete c["application/json"];
    },
    breaks: ["senders"],
    pointer: `${POST}/requestBody/content/application~1json`,
    says: /application\/json removed/,
  },
  {
    what: "a required header added",
    change: (d) => {
      post(d).parameters = [{ name: "X-Team", in: "header", required: true, schema: { type: "string" } }];
    },
    breaks: ["senders"],
    pointer: `${POST}/parameters/0`,
    says: /header parameter "X-Team" added, required/,
  },
  {
    what: "an optional query parameter added",
    change: (d) => {
      post(d).parameters = [{ name: "dry", in: "query", schema: { type: "boolean" } }];
    },
    breaks: [],
    pointer: `${POST}/parameters/0`,
    says: /query parameter "dry" added/,
  },
  {
    what: "an operation added",
    change: (d) => {
      at(d, "paths")["/v1/new"] = { get: NEW_OPERATION };
    },
    breaks: [],
    pointer: "/paths/~1v1~1new/get",
    says: /operation GET \/v1\/new added/,
  },
  {
    what: "the operation moved to another path",
    change: (d) => {
      at(d, "paths")["/v2/new"] = at(d, "paths")[PATH] as JsonObject;
      delete at(d, "paths")[PATH];
    },
    breaks: ["senders", "readers"],
    pointer: POST,
    says: /operation POST .* removed/,
  },
  {
    what: "the key's header renamed",
    change: (d) => {
      at(d, "components", "securitySchemes", "magnificApiKey").name = "x-freepik-api-key";
    },
    breaks: ["senders"],
    pointer: "/components/securitySchemes/magnificApiKey",
    says: /x-freepik-api-key/,
  },
  {
    what: "another server",
    change: (d) => {
      d.servers = [{ url: "https://api.example.com" }];
    },
    breaks: ["senders"],
    pointer: "/servers",
    says: /https:\/\/api\.example\.com/,
  },
  {
    what: "the operation's id changed",
    change: (d) => {
      post(d).operationId = "upscale";
    },
    breaks: [],
    pointer: `${POST}/operationId`,
    says: /generated names change/,
  },
  {
    what: "an example changed",
    change: (d) => {
      at(responses(d), "401", "content", "application/json", "examples", "invalid_api_key", "value").message = "No";
    },
    breaks: [],
    pointer: `${POST}/responses/401/content/application~1json/examples/invalid_api_key/value/message`,
    says: /from "Invalid API key" to "No"/,
    subject: "example",
  },
  {
    what: "words changed",
    change: (d) => {
      post(d).summary = "Upscale";
    },
    breaks: [],
    pointer: `${POST}/summary`,
    says: /to "Upscale"/,
    subject: "text",
  },
  {
    what: "something that no rule knows",
    change: (d) => {
      post(d).servers = [{ url: "https://other.example.com" }];
    },
    breaks: [],
    pointer: `${POST}/servers`,
    says: /no rule says whom it breaks/,
    subject: "other",
  },
];
