/** Submits, lists and reads of the operations. */
import { createHash, randomUUID } from "node:crypto";
import { formatOf } from "../image/sniff.js";
import type { Call, RequestContext } from "./call.js";
import { namedSteps } from "./life-cycle.js";
import type { SandboxOperation } from "./operation.js";
import { invalidParam, json, Refusal, readHeader } from "./response.js";
import { readSubmitBody } from "./submit-body.js";
import { detailOf, entryOf, type ImageFacts, lifeCycleSteps, slidersOf, type TaskDetail } from "./task.js";
import { NO_IMAGE } from "./upscaler.js";

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
    const { operation } = call.route;
    if (operation === undefined) throw new Refusal(404, "Not found");
    const data = await dataOf(context, call, operation, owner);
    const { wrapper } = operation.task;
    return json(200, wrapper === "" ? data : { [wrapper]: data }, rate);
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

async function dataOf(
  context: RequestContext,
  call: Call,
  operation: SandboxOperation,
  owner: string,
): Promise<unknown> {
  const { tasks, log, operations } = context;
  const { route, url } = call;
  const { list, read } = operation.task;
  if (route.name === "submit") return await submit(context, call, operation, owner);
  if (route.name === "list") {
    log.counts.lists++;
    // Operations may have one list together.
    const listed = (task: { operation: string }) => operations.get(task.operation)?.task.list?.path === list?.path;
    return tasks
      .list(owner)
      .filter(listed)
      .map((task) => entryOf(operation.task, task));
  }
  const { parameter } = read;
  const id = route.taskId ?? "";
  if (read.uuid && !UUID.test(id)) throw invalidParam(parameter, `Parameter '${parameter}' is not valid`);
  const found = tasks.get(id.toLowerCase())?.operation;
  const of = found === undefined ? undefined : operations.get(found)?.task;
  // Operations may have one way to read tasks together.
  const task = of?.read.path === read.path ? await tasks.look(id.toLowerCase(), owner) : undefined;
  if (of === undefined || task === undefined) throw new Refusal(404, "AI resource not found");
  log.counts.reads++;
  return detailOf(of, task, url.origin);
}

async function submit(
  context: RequestContext,
  { request, url, seen }: Call,
  operation: SandboxOperation,
  owner: string,
): Promise<TaskDetail> {
  const { tasks, log, scripts, stepsFor, bodyLimit } = context;
  const facts = { bytes: 0, fields: [] };
  seen.body = facts;
  const { images, ...body } = await readSubmitBody(request, operation, bodyLimit, facts);
  const id = randomUUID();
  // A name, or steps as JSON.
  const scripted =
    readHeader(request, "x-sandbox-life-cycle", (text) => namedSteps(text.startsWith("[") ? JSON.parse(text) : text)) ??
    scripts.shift();
  const number = ++log.counts.paid;
  const { path } = operation.task.submit;
  const steps = scripted ?? stepsFor({ id, number, operation: path, sliders: slidersOf(body.fields) });
  const [image = NO_IMAGE] = images.values();
  const record = {
    ...{ id, owner, operation: path, steps: lifeCycleSteps(operation.task, steps), image: factsOf(image), ...body },
    ...(url.origin === context.origin() ? {} : { origin: url.origin }),
    images: Object.fromEntries([...images].map(([name, bytes]) => [name, factsOf(bytes)])),
  };
  return detailOf(operation.task, await tasks.create(record, image), url.origin);
}

function factsOf(image: Uint8Array): ImageFacts {
  const format = formatOf(image);
  const type = format === undefined ? {} : { type: `image/${format}` };
  return { bytes: image.length, sha256: createHash("sha256").update(image).digest("hex"), ...type };
}
