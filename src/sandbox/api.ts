/** The provider's three operations. */

import { createHash, randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { KEY_HEADER } from "../../generated/constants.js";
import type { Time } from "../util/time.js";
import { type Answer, json, Refusal } from "./answer.js";
import type { Keys } from "./keys.js";
import type { LifeCycle, LifeCycleName, Step } from "./life-cycle.js";
import type { Counts } from "./log.js";
import { type ResolvedOptions, stepsByName } from "./options.js";
import type { RateLimiter } from "./rate-limit.js";
import { type BodyFacts, readSubmission } from "./read-submission.js";
import type { Route } from "./route.js";
import { detailOf, type ImageFacts, statusOf } from "./task.js";
import type { Tasks } from "./tasks.js";
import { imageType } from "./upscaler.js";

export interface ApiContext {
  readonly options: ResolvedOptions;
  readonly time: Time;
  readonly keys: Keys;
  readonly limiter: RateLimiter;
  readonly tasks: Tasks;
  readonly counts: Counts;
  /** The next scripted life, which is thereby used up. */
  readonly nextScript: () => readonly Step[] | undefined;
  readonly origin: () => string;
}

/** What becomes known while a request is answered, for the log. */
export interface Observed {
  readonly key: "absent" | "valid" | "invalid";
  body?: BodyFacts;
}

const LIFE_CYCLE_HEADER = "x-sandbox-life-cycle";

export async function answerApi(
  context: ApiContext,
  route: Route,
  request: IncomingMessage,
  observed: Observed,
): Promise<Answer> {
  const owner = authenticate(context, request, observed);
  const rate = admit(context, owner);
  try {
    const answer = await answerAs(context, owner, route, request, observed);
    return { ...answer, headers: { ...answer.headers, ...rate } };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal(error.status, error.message, { params: error.params, headers: { ...error.headers, ...rate } });
  }
}

function authenticate({ keys, counts }: ApiContext, request: IncomingMessage, { key }: Observed): string {
  const owner = key === "valid" ? keys.owner(String(request.headers[KEY_HEADER])) : undefined;
  if (owner !== undefined) return owner;
  counts.unauthorized++;
  throw new Refusal(401, key === "absent" ? "Missing API key" : "Invalid API key");
}

/** The rate headers, or a 429 with them. */
function admit({ limiter, counts, time }: ApiContext, owner: string): Record<string, string> {
  const { allowed, limit, remaining, reset } = limiter.take(owner, time.now());
  const headers = {
    "x-ratelimit-limit": String(limit),
    "x-ratelimit-remaining": String(remaining),
    "x-ratelimit-reset": String(reset),
  };
  if (allowed) return headers;
  counts.rateLimited++;
  throw new Refusal(429, "Too many requests. Please slow down.", {
    headers: { ...headers, "retry-after": String(reset) },
  });
}

async function answerAs(
  context: ApiContext,
  owner: string,
  route: Route,
  request: IncomingMessage,
  observed: Observed,
): Promise<Answer> {
  const { tasks, counts } = context;
  if (route.name === "submit") return await submit(context, owner, request, observed);
  if (route.name === "list") {
    counts.lists++;
    return json(200, { data: tasks.list(owner).map((task) => ({ task_id: task.id, status: statusOf(task) })) });
  }
  return await read(context, owner, route.taskId ?? "");
}

async function submit(
  context: ApiContext,
  owner: string,
  request: IncomingMessage,
  observed: Observed,
): Promise<Answer> {
  const { options, tasks, counts, nextScript, origin } = context;
  const facts: BodyFacts = { bytes: 0, fields: [] };
  observed.body = facts;
  const { image, sliders, filterNsfw, webhookUrl } = await readSubmission(request, options.bodyLimit, facts);
  const id = randomUUID();
  const header = request.headers[LIFE_CYCLE_HEADER];
  const steps = header === undefined ? nextScript() : lifeCycleOf(String(header));
  counts.paid++;
  const task = await tasks.create(
    {
      id,
      owner,
      steps: steps ?? options.stepsFor({ id, number: counts.paid, sliders }),
      image: factsOf(image),
      sliders,
      filterNsfw,
      ...(webhookUrl === undefined ? {} : { webhookUrl }),
    },
    image,
  );
  return json(200, { data: detailOf(task, origin()) });
}

async function read({ tasks, counts, origin }: ApiContext, owner: string, taskId: string): Promise<Answer> {
  if (!/^(?:urn:uuid:)?[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i.test(decoded(taskId))) {
    const reason = "Parameter 'task-id' is not valid";
    throw new Refusal(400, reason, { params: [{ name: "task-id", reason }] });
  }
  const task = await tasks.look(taskId.toLowerCase(), owner);
  if (task === undefined) throw new Refusal(404, "AI resource not found");
  counts.reads++;
  return json(200, { data: detailOf(task, origin()) });
}

function factsOf(image: Uint8Array): ImageFacts {
  const type = imageType(image);
  const sha256 = createHash("sha256").update(image).digest("hex");
  return { bytes: image.length, sha256, ...(type === undefined ? {} : { type }) };
}

/** A name, or steps as JSON. */
function lifeCycleOf(header: string): readonly Step[] {
  try {
    const value: unknown = header.startsWith("[") ? JSON.parse(header) : header;
    return stepsByName(value as LifeCycleName | LifeCycle);
  } catch (error) {
    const reason = `Header '${LIFE_CYCLE_HEADER}': ${(error as Error).message}`;
    throw new Refusal(400, reason, { params: [{ name: LIFE_CYCLE_HEADER, reason }] });
  }
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return "";
  }
}
