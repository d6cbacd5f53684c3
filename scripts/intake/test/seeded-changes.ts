/** Changes that a provider may make to a document, and what the report must say of each. */
import { stepsOf } from "../../../openapi/document/pointer.js";
import { type Json, type JsonObject, objectOf } from "../../../openapi/document/types.js";
import type { Party, Subject } from "../diff/change.js";

/**
 * A line a change: whom it breaks (senders, readers) | the change in words | edits of the document, `;` between them |
 * what the report says | its subject, where it must be one | the place, where it is not that of the first edit.
 */
const TABLE = `
S  | an upper bound lowered | SHARPEN/maximum = 90 | upper bound changed from 100 to 90
-  | an upper bound raised | SHARPEN/maximum = 110 | upper bound changed from 100 to 110
S  | a lower bound raised | SHARPEN/minimum = 1 | lower bound changed from 0 to 1
S  | a bound made exclusive | SHARPEN/exclusiveMinimum = true | from 0 to beyond 0 | | SHARPEN/minimum
S  | a default changed | SHARPEN/default = 60 | default changed from 50 to 60
S  | a type changed in a request | SHARPEN/type = "string" | type changed from integer to string
-  | a type widened in a request | SHARPEN/type = "number" | type changed from integer to number
-  | an optional field added to a request | FIELDS/scale = {"type":"integer"} | property "scale" added$
S  | a required field added to a request | FIELDS/scale = {"type":"integer"}; REQUEST/required = ["image","scale"] | property "scale" added, required
S  | a field of a request removed | DELETE FIELDS/smart_grain | property "smart_grain" removed
-  | a field of a request no longer required | DELETE REQUEST/required | "image" is no longer required
S  | a pattern added to a request | FIELDS/webhook_url/pattern = "^https:" | pattern "\\^https:" added
S  | a length limited in a request | FIELDS/image/maxLength = 1000 | maxLength changed from none to 1000
-  | null allowed in a request | FIELDS/webhook_url/nullable = true | null is allowed now
S  | unknown fields refused in a request | REQUEST/additionalProperties = false | additionalProperties changed
R  | a status added | TASK/properties/status/enum/4 = "CANCELLED" | enum: "CANCELLED" added | | TASK/properties/status/enum
-  | a status removed | TASK/properties/status/enum = ["CREATED","COMPLETED","FAILED"] | enum: "IN_PROGRESS" removed
-  | statuses in another order | TASK/properties/status/enum = ["FAILED","COMPLETED","IN_PROGRESS","CREATED"] | means the same | text
R  | a field of a response removed | DELETE TASK/properties/task_id; TASK/required = ["status"] | property "task_id" removed
R  | a field of a response no longer guaranteed | TASK/required = ["status"] | "task_id" is no longer required
-  | a field added to a response | TASK/properties/error = {"type":"string"} | property "error" added
R  | null possible in a response | TASK/properties/task_id/nullable = true | null is allowed now
R  | a field of a response renamed | MOVE TASK/properties/task_id TASK/properties/id; TASK/required = ["id","status"] | property "task_id" removed
-  | a part moved into another schema | MOVE TASK/type CORE/type; MOVE TASK/properties CORE/properties; MOVE TASK/required CORE/required; TASK/allOf = [{"$ref":"#/components/schemas/task_core"}] | means the same | text | TASK/allOf
-  | a schema renamed | MOVE REQUEST SCHEMAS/renamed; POST/requestBody/content/application~1json/schema/$ref = "#/components/schemas/renamed" | component renamed added | | SCHEMAS/renamed
R  | a response removed | DELETE RESPONSES/503 | response 503 removed
-  | an error declared | RESPONSES/429 = {"description":"Too many"} | response 429 added
R  | another success declared | RESPONSES/202 = {"description":"Accepted"} | response 202 added
R  | a media type of a response removed | DELETE RESPONSES/400/content/application~1problem+json | application/problem\\+json removed
S  | the media type of a request changed | MOVE POST/requestBody/content/application~1json POST/requestBody/content/multipart~1form-data | application/json removed
S  | a required header added | POST/parameters = [{"name":"X-Team","in":"header","required":true,"schema":{}}] | header parameter "X-Team" added, required | | POST/parameters/0
-  | an optional parameter added | POST/parameters = [{"name":"dry","in":"query","schema":{}}] | query parameter "dry" added | | POST/parameters/0
-  | an operation added | /paths/~1v1~1new = {"get":{"responses":{"200":{"description":"OK"}}}} | operation GET /v1/new added | | /paths/~1v1~1new/get
SR | the operation moved to another path | MOVE PATH /paths/~1v2~1new | operation POST .* removed | | POST
S  | the header of the key renamed | /components/securitySchemes/magnificApiKey/name = "x-other-key" | to .*x-other-key
S  | another server | /servers = [{"url":"https://api.example.com"}] | https://api\\.example\\.com | | /servers/0/url
-  | the operation's id changed | POST/operationId = "upscale" | generated names change
-  | an example changed | RESPONSES/401/content/application~1json/examples/invalid_api_key/value/message = "No" | from "Invalid API key" to "No" | example
-  | a summary changed | POST/summary = "Upscale" | to "Upscale" | text
-  | something that no rule knows | POST/servers = [{"url":"https://other.example.com"}] | no rule says whom it breaks | other
`;

const NAMES = {
  PATH: "/paths/~1v1~1ai~1image-upscaler-precision",
  POST: "/paths/~1v1~1ai~1image-upscaler-precision/post",
  RESPONSES: "/paths/~1v1~1ai~1image-upscaler-precision/post/responses",
  SCHEMAS: "/components/schemas",
  REQUEST: "/components/schemas/request-content_2",
  FIELDS: "/components/schemas/request-content_2/properties",
  SHARPEN: "/components/schemas/request-content_2/properties/sharpen",
  TASK: "/components/schemas/task",
  CORE: "/components/schemas/task_core",
};

export interface SeededChange {
  readonly what: string;
  readonly change: (document: JsonObject) => void;
  readonly breaks: readonly Party[];
  readonly pointer: string;
  readonly says: RegExp;
  readonly subject?: Subject;
}

export const SEEDED_CHANGES: readonly SeededChange[] = TABLE.trim()
  .split("\n")
  .map((line) => {
    const [parties = "", what = "", edits = "", says = "", subject = "", place = ""] = line
      .split("|")
      .map((cell) => cell.trim());
    const first = edits.replace(/^(?:DELETE|MOVE) /, "").split(/[ ;]/)[0] ?? "";
    return {
      what,
      breaks: [
        ...(parties.includes("S") ? ["senders" as const] : []),
        ...(parties.includes("R") ? ["readers" as const] : []),
      ],
      change: (document) => {
        for (const edit of edits.split("; ")) edited(document, edit);
      },
      pointer: pointerIn(place || first),
      says: new RegExp(says),
      ...(subject ? { subject: subject as Subject } : {}),
    };
  });

function pointerIn(text: string): string {
  return text.replace(/^[A-Z]+/, (name) => NAMES[name as keyof typeof NAMES]);
}

function edited(document: JsonObject, edit: string): void {
  const [, from, to] = /^(?:DELETE|MOVE) (\S+)(?: (\S+))?$/.exec(edit) ?? [];
  if (from === undefined) {
    const [place = "", json = ""] = edit.split(/ = (.*)/);
    put(document, pointerIn(place), JSON.parse(json) as Json);
    return;
  }
  const steps = stepsOf(pointerIn(from));
  const key = steps.pop() ?? "";
  const parent = steps.reduce((node, step) => objectOf(node[step]), document);
  if (to !== undefined) put(document, pointerIn(to), parent[key] as Json);
  delete parent[key];
}

function put(document: JsonObject, pointer: string, value: Json): void {
  const steps = stepsOf(pointer);
  const key = steps.pop() ?? "";
  let node: JsonObject = document;
  for (const step of steps) {
    node[step] ??= {};
    node = node[step] as JsonObject;
  }
  node[key] = value;
}
