/** The provider's three operations. */
import { createHash, randomUUID } from "node:crypto";
import { formatOf } from "../image/sniff.js";
import type { Call, RequestContext } from "./call.js";
import { namedSteps } from "./life-cycle.js";
import { invalidParam, json, Refusal, readHeader } from "./response.js";
import { readSubmitBody } from "./submit-body.js";
import { detailOf, statusOf, type TaskDetail } from "./task.js";

/** As in a path, where a colon may be percent-encoded. */
const UUID = /^(?:urn(?::|%3a)uuid(?::|%3a))?[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i;

/** @throws {Refusal} */
export async function callOperation(context: RequestContext, call: Call): Promise<Response> {
  const { owner, seen } = call;
  if (owner === undefined) {
    context.log.counts.unauthorized++;
    throw new Refusal(401, seen.key === "absent" ? "Missing API key" : "Invalid API key");
  }
  const rate = admit(context, owner);
  try {
    return json(200, { data: await dataOf(context, call, owner) }, rate);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal(error.status, error.message, rate, error.params);
  }
}

/** The rate headers. @throws {Refusal} 429 with them. */
function admit({ limiter, log, time, rateLimit }: RequestContext, owner: string): Record<string, string> {
  const { allowed, remaining, reset } = limiter(owner, time.now());
  const headers = {
    "x-ratelimit-limit": String(rateLimit.limit),
    "x-ratelimit-remaining": String(remaining),
    "x-ratelimit-reset": String(reset),
  };
  if (allowed) return headers;
  log.counts.rateLimited++;
  throw new Refusal(429, "Too many requests. Please slow down.", { ...headers, "retry-after": String(reset) });
}

async function dataOf(context: RequestContext, call: Call, owner: string): Promise<unknown> {
  const { tasks, log } = context;
  const { route, url } = call;
  if (route.name === "submit") return await submit(context, call, owner);
  if (route.name === "list") {
    log.counts.lists++;
    return tasks.list(owner).map((task) => ({ task_id: task.id, status: statusOf(task) }));
  }
  const id = route.taskId ?? "";
  if (!UUID.test(id)) throw invalidParam("task-id", "Parameter 'task-id' is not valid");
  const task = await tasks.look(id.toLowerCase(), owner);
  if (task === undefined) throw new Refusal(404, "AI resource not found");
  log.counts.reads++;
  return detailOf(task, url.origin);
}

async function submit(context: RequestContext, { request, url, seen }: Call, owner: string): Promise<TaskDetail> {
  const { tasks, log, scripts, stepsFor, bodyLimit } = context;
  const facts = { bytes: 0, fields: [] };
  seen.body = facts;
  const { image, ...body } = await readSubmitBody(request, bodyLimit, facts);
  const id = randomUUID();
  // A name, or steps as JSON.
  const scripted =
    readHeader(request, "x-sandbox-life-cycle", (text) => namedSteps(text.startsWith("[") ? JSON.parse(text) : text)) ??
    scripts.shift();
  const number = ++log.counts.paid;
  const steps = scripted ?? stepsFor({ id, number, sliders: body.sliders });
  const format = formatOf(image);
  const type = format === undefined ? {} : { type: `image/${format}` };
  const sha256 = createHash("sha256").update(image).digest("hex");
  const task = { id, owner, steps, image: { bytes: image.length, sha256, ...type }, ...body };
  return detailOf(await tasks.create(task, image), url.origin);
}
