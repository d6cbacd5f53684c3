/** The facade as a column: the same cases through `Magnific`, its wire compared with the case, its result or error with the answer. */
import { isDeepStrictEqual } from "node:util";
import { isObject, type Json } from "../../openapi/document/types.js";
import { InvalidRequestError, Magnific, MagnificError } from "../../src/index.js";
import type { Case } from "../cases/case.js";
import { targetOf } from "../cases/wire.js";
import type { Contract } from "../contract.js";
import { readValue } from "../oracle/answer.js";
import type { Violation } from "../oracle/verdict.js";
import type { Result } from "../run/run.js";
import { type Exchange, exchange } from "./exchange.js";
import { addressed } from "./message.js";
import type { Target } from "./target.js";

const KEY = "contract-facade-key";

type Call = (client: Magnific, one: Case) => Promise<unknown>;

/** Which call of the facade speaks to which operation. */
const CALLS: Readonly<Record<string, Call>> = {
  // As a caller without types would: what is wrong with the body is the case.
  postAiImageUpscalerPrecision: (client, one) =>
    client.submit(bodyOf(one) as unknown as Parameters<Magnific["submit"]>[0]),
  getAiImageUpscalerPrecisionTask: (client, one) =>
    client.task(decodeURIComponent(Object.values(one.request.pathValues)[0] ?? "")).get(),
  getAiImageUpscalerPrecisionTasks: (client) => client.tasks(),
};

/** What the facade says of a status. */
const CODES: Readonly<Record<number, readonly string[]>> = {
  400: ["bad_request"],
  401: ["authentication_failed"],
  402: ["credits_exhausted"],
  403: ["forbidden"],
  404: ["not_found"],
  413: ["payload_too_large"],
  429: ["rate_limited", "usage_limit_reached"],
};

/** What the facade put on the wire, and what it got for it. */
interface Sent {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: string;
  readonly exchange: Exchange;
}

interface Outcome {
  readonly value?: unknown;
  readonly error?: unknown;
  readonly sent: readonly Sent[];
}

export async function facadeColumn(contract: Contract, target: Target): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const one of contract.cases) {
    const base = { case: one, column: "facade" };
    const call = CALLS[one.operation];
    const reason = call ? inexpressible(one) : "the facade has no call for this operation";
    if (!call || reason !== undefined) {
      results.push({ ...base, outcome: "untestable", violations: [], reason: reason ?? "" });
      continue;
    }
    const url = (await target.urlFor?.(one)) ?? target.url;
    const violations = judge(one, await use(call, one, url), url);
    results.push({ ...base, outcome: violations.length === 0 ? "conforms" : "violates", violations });
  }
  return results;
}

/** What the facade leaves no way to say. */
function inexpressible(one: Case): string | undefined {
  if (one.kind === "routing" || one.kind === "undocumented") return "the facade has one method and path for each call";
  if (one.kind === "security" && one.expect.is === "unauthorized" && !/· (?:no credential|empty)$/.test(one.id))
    return "the facade puts the key in one place";
  if (one.expect.is === "malformed" || one.expect.is === "wrong media type" || one.expect.is === "not acceptable")
    return "the facade writes its own headers and JSON";
  if (one.kind === "positive" && one.id.includes(" · headers · ")) return "the facade writes its own headers and JSON";
  if (one.kind === "positive" && one.id.endsWith("undeclared field"))
    return "the facade refuses fields that it does not know";
  if (one.id.endsWith("· data URI")) return "the facade takes data: URIs and sends the base64 in them";
  return undefined;
}

function bodyOf(one: Case): Json {
  return one.request.body === undefined ? null : (JSON.parse(one.request.body) as Json);
}

async function use(call: Call, one: Case, url: string): Promise<Outcome> {
  const sent: Sent[] = [];
  // The facade's own request goes on, with what the case asks of the mock beside it.
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const body = await request.text();
    const { accept, prefer } = addressed(url, one.request, KEY, one.prefer ? { prefer: one.prefer } : {}).headers;
    const headers = {
      ...Object.fromEntries(request.headers),
      ...(prefer ? { prefer } : {}),
      ...(accept ? { accept } : {}),
    };
    const answer = await exchange(new URL(request.url), {
      method: request.method,
      headers,
      ...(body === "" ? {} : { body }),
    });
    sent.push({ method: request.method, url: new URL(request.url), headers: request.headers, body, exchange: answer });
    if (!answer.answered) throw new TypeError(`fetch failed: ${answer.detail}`);
    return new Response(answer.body === "" ? null : answer.body, { status: answer.status, headers: answer.headers });
  };
  try {
    const apiKey = one.expect.is === "unauthorized" ? "" : KEY;
    const client = new Magnific({ apiKey, baseUrl: url, fetch, retry: 0, rate: false });
    return { value: await call(client, one), sent };
  } catch (error) {
    return { error, sent };
  }
}

function judge(one: Case, outcome: Outcome, url: string): Violation[] {
  if (one.expect.is === "unauthorized") return refusedEarly(outcome, "configuration");
  if (one.expect.is === "refused")
    return [...refusedEarly(outcome, "invalid_request"), ...namesTheFault(one, outcome.error)];
  // A made-up image is refused before it is sent; that is what the facade is for.
  if (one.opaque && outcome.sent.length === 0) return refusedEarly(outcome, "invalid_request");
  const [sent] = outcome.sent;
  if (!sent || outcome.sent.length > 1)
    return [{ check: "sent", message: `sent ${outcome.sent.length} requests: ${said(outcome.error)}` }];
  return [...wire(one, sent, url), ...typed(one, outcome, sent.exchange)];
}

function refusedEarly({ error, sent }: Outcome, code: string): Violation[] {
  const violations: Violation[] = [];
  if (sent.length > 0)
    violations.push({ check: "sent", message: "was sent, and should have been refused before a byte left" });
  if (!(error instanceof MagnificError) || error.code !== code)
    violations.push({ check: "typed result", message: `should be an error of code ${code}, is ${said(error)}` });
  return violations;
}

/** The error names the field and the rule that the case breaks. */
function namesTheFault(one: Case, error: unknown): Violation[] {
  if (!(error instanceof InvalidRequestError) || one.expect.is !== "refused") return [];
  const [cause] = one.expect.causes;
  // What is wrong with the request as a whole has no field; of a missing field the case knows the object it is missing in.
  const field = one.id.includes("· missing") ? one.id.split(" · ")[1]?.split(".").at(-1) : cause?.place.at(-1);
  if (cause === undefined || cause.place.length < 2 ? !one.id.includes("· missing") : false) return [];
  // An image is judged by its bytes, not by its text.
  const found = error.faults.some(
    (fault) => fault.field === field && (fault.rule === cause?.rule || field === "image"),
  );
  return found
    ? []
    : [
        {
          check: "typed result",
          message: `should name ${field} and ${cause?.rule}, names ${JSON.stringify(error.faults)}`,
        },
      ];
}

function wire(one: Case, sent: Sent, url: string): Violation[] {
  const violations: Violation[] = [];
  const differs = (what: string, found: unknown, wanted: unknown): void => {
    if (!isDeepStrictEqual(found, wanted))
      violations.push({
        check: "sent",
        message: `${what} is ${JSON.stringify(found)}, the case says ${JSON.stringify(wanted)}`,
      });
  };
  differs("the method", sent.method, one.request.method);
  differs("the address", sent.url.href, new URL(url + targetOf(one.request)).href);
  for (const { in: place, name } of one.request.credentials)
    if (place === "header") differs(`the header ${name}`, sent.headers.get(name), KEY);
  if (one.request.body !== undefined) {
    differs("the content type", sent.headers.get("content-type"), "application/json");
    differs("the body", sent.body === "" ? undefined : JSON.parse(sent.body), bodyOf(one));
  }
  return violations;
}

/** What the facade made of the answer. */
function typed(one: Case, { value, error }: Outcome, answer: Exchange): Violation[] {
  if (!answer.answered) return [{ check: "transport", message: answer.detail }];
  const read = readValue(answer);
  const body: Json = "check" in read ? null : read.value;
  const wrong = (message: string): Violation[] => [{ check: "typed result", message }];
  if (answer.status >= 200 && answer.status < 300) {
    // A completed task without an image is an error of its own.
    if (error instanceof MagnificError && error.code === "empty_result" && emptyResult(body)) return [];
    // Nor is an answer about another task a result: the mock gives one whatever task was asked for.
    if (error instanceof MagnificError && error.code === "unexpected_response" && aboutAnother(one, body)) return [];
    if (error !== undefined) return wrong(`should be a result, is ${said(error)}`);
    return resultMatches(one, value, body)
      ? []
      : wrong(`is ${JSON.stringify(value)}, the answer was ${JSON.stringify(body)}`);
  }
  if (!(error instanceof MagnificError)) return wrong(`should be an error for ${answer.status}, is ${said(error)}`);
  const codes = CODES[answer.status] ?? [answer.status >= 500 ? "server_error" : "unexpected_status"];
  if (!codes.includes(error.code)) return wrong(`should be an error of code ${codes.join(" or ")}, is ${said(error)}`);
  if (error.status !== answer.status) return wrong(`has the status ${error.status}, the answer had ${answer.status}`);
  const message = messageOf(body);
  const told: unknown = "providerMessage" in error ? error.providerMessage : undefined;
  if (message !== undefined && message.trim() !== "" && told !== message)
    return wrong(`tells ${JSON.stringify(told)}, the answer said ${JSON.stringify(message)}`);
  const requestId = answer.headers["x-request-id"];
  if (requestId !== undefined && error.requestId !== requestId)
    return wrong(`has the request id ${error.requestId}, the answer had ${requestId}`);
  const submission = one.request.method === "POST" ? (answer.status < 500 ? "rejected" : "unknown") : undefined;
  if (error.submission !== submission)
    return wrong(`says of the submission ${error.submission}, should say ${submission}`);
  return [];
}

function emptyResult(body: Json): boolean {
  const data = isObject(body) ? body.data : undefined;
  return isObject(data) && data.status === "COMPLETED" && Array.isArray(data.generated) && data.generated.length === 0;
}

function aboutAnother(one: Case, body: Json): boolean {
  const data = isObject(body) ? body.data : undefined;
  const asked = Object.values(one.request.pathValues);
  return asked.length > 0 && isObject(data) && typeof data.task_id === "string" && !asked.includes(data.task_id);
}

function resultMatches(one: Case, value: unknown, body: Json): boolean {
  const data = isObject(body) ? body.data : undefined;
  if (Array.isArray(data)) {
    const wanted = data.map((task) => (isObject(task) ? { id: task.task_id, status: task.status } : task));
    return isDeepStrictEqual(JSON.parse(JSON.stringify(value)), wanted);
  }
  if (!isObject(data) || typeof value !== "object" || value === null) return false;
  const own = value as {
    readonly id?: unknown;
    readonly status?: unknown;
    readonly images?: readonly { readonly url: string }[];
    readonly raw?: unknown;
  };
  if (own.status !== data.status) return false;
  // A handle has the id of the task that was made, a task that of the one asked for.
  if (one.request.method === "POST") return own.id === data.task_id;
  const images = own.images?.map((image) => image.url);
  return isDeepStrictEqual(own.raw, data) && (images === undefined || isDeepStrictEqual(images, data.generated));
}

function messageOf(body: Json): string | undefined {
  if (!isObject(body)) return undefined;
  const problem = isObject(body.problem) ? body.problem.message : undefined;
  const message = problem ?? body.message;
  return typeof message === "string" ? message : undefined;
}

function said(error: unknown): string {
  if (error === undefined) return "no error";
  return error instanceof MagnificError ? `${error.name} (${error.code}): ${error.message}` : String(error);
}
