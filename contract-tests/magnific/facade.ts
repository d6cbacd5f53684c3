/** The facade as a column: the same cases through `Magnific`, its request compared with the case, its result or error with the response. */
import { isDeepStrictEqual } from "node:util";
import { isObject, type Json } from "../../openapi/document/types.js";
import { InvalidRequestError, Magnific, MagnificError } from "../../src/index.js";
import type { Case } from "../cases/case.js";
import { valueAt } from "../cases/variants.js";
import { targetOf } from "../cases/wire.js";
import type { Violation } from "../checks/check.js";
import { valueIn } from "../checks/value.js";
import type { Contract } from "../contract.js";
import type { Result } from "../run/run.js";
import { type Exchange, exchange } from "../targets/exchange.js";
import { messageOf } from "../targets/message.js";
import type { Target } from "../targets/target.js";

const KEY = "contract-facade-key";
const PATH = "/v1/ai/image-upscaler-precision";

type Call = (client: Magnific, one: Case) => Promise<unknown>;

/** The operations of the facade, and of the sandbox: which call sends them. */
export const CALLS: Readonly<Record<string, Call>> = {
  // As a caller without types would: what is wrong with the body is the case.
  [`POST ${PATH}`]: (client, one) => client.submit(JSON.parse(one.request.body ?? "null")),
  [`GET ${PATH}/{task-id}`]: (client, one) => client.task(decodeURIComponent(idOf(one) ?? "")).get(),
  [`GET ${PATH}`]: (client) => client.tasks(),
};

/** A key of {@link CALLS}. */
export function callKey(contract: Contract, one: Case): string {
  const { method, path } = contract.operation(one.operation);
  return `${method.toUpperCase()} ${path}`;
}

/** The code of the facade's error for a status. */
const CODES: Readonly<Record<number, readonly string[]>> = {
  400: ["bad_request"],
  401: ["authentication_failed"],
  402: ["credits_exhausted"],
  403: ["forbidden"],
  404: ["not_found"],
  413: ["payload_too_large"],
  429: ["rate_limited", "usage_limit_reached"],
};

/** What the facade sent, and what it got for it. */
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
    const call = CALLS[callKey(contract, one)];
    const reason = call ? inexpressible(one) : "the facade has no call for this operation";
    if (!call || reason !== undefined) {
      results.push({ ...base, outcome: "untestable", violations: [], reason });
      continue;
    }
    const url = await target.urlFor(one);
    const [started, begun] = [Date.now(), performance.now()];
    const violations = judge(one, await use(call, one, url), url);
    const times = { started, milliseconds: Math.round(performance.now() - begun) };
    results.push({ ...base, ...times, outcome: violations.length === 0 ? "conforms" : "violates", violations });
  }
  return results;
}

/** Why the facade cannot be made to send a case. */
function inexpressible({ kind, expect, place = [], rule, request }: Case): string | undefined {
  if (kind === "routing" || kind === "undocumented") return "the facade has one method and path for each call";
  if (rule === "misplaced" || rule === "missing") return "the facade puts the key in one place";
  if (rule === "wrong") return "the facade sends the key that it is given";
  const own = ["malformed", "wrong media type", "not acceptable"].includes(expect.is);
  if (own || place[0] === "header") return "the facade writes its own headers and JSON";
  if (kind === "positive" && rule === "additionalProperties") return "the facade refuses fields that it does not know";
  const changed = place[0] === "body" ? valueAt(JSON.parse(request.body ?? "null"), place.slice(1)) : null;
  if (typeof changed === "string" && changed.startsWith("data:"))
    return "the facade takes data: URIs and sends the base64 in them";
  return undefined;
}

async function use(call: Call, one: Case, base: string): Promise<Outcome> {
  const sent: Sent[] = [];
  // The facade's own request continues, with what the case asks of the mock added to it.
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const body = await request.text();
    const url = new URL(request.url);
    const { accept, prefer } = messageOf(one.request, KEY, { base, prefer: one.prefer }).headers;
    const own = { ...Object.fromEntries(request.headers), ...(prefer && { prefer }), ...(accept && { accept }) };
    const message = { url, method: request.method, headers: own, body: body === "" ? undefined : body };
    const result = await exchange(message);
    sent.push({ method: request.method, url, headers: request.headers, body, exchange: result });
    if ("failure" in result) throw new TypeError(`fetch failed: ${result.detail}`);
    return new Response(result.body === "" ? null : result.body, { status: result.status, headers: result.headers });
  };
  try {
    const apiKey = one.expect.is === "unauthorized" ? "" : KEY;
    const client = new Magnific({ apiKey, baseUrl: base, fetch, retry: 0, rate: false });
    return { value: await call(client, one), sent };
  } catch (error) {
    return { error, sent };
  }
}

function judge(one: Case, outcome: Outcome, base: string): Violation[] {
  if (one.expect.is === "unauthorized") return refusedEarly(outcome, "configuration");
  if (one.expect.is === "refused")
    return [...refusedEarly(outcome, "invalid_request"), ...namesTheFault(one, outcome.error)];
  // A made-up image is refused before it is sent; that is what the facade is for.
  if (one.opaque && outcome.sent.length === 0) return refusedEarly(outcome, "invalid_request");
  const [sent, second] = outcome.sent;
  if (!sent || second)
    return [{ check: "sent", message: `sent ${outcome.sent.length} requests: ${textOf(outcome.error)}` }];
  const typed = typedFailure(one, outcome, sent.exchange);
  return [
    ...wireFailures(one, sent, base),
    ...(typed === undefined ? [] : [{ check: "typed result", message: typed }]),
  ];
}

function refusedEarly({ error, sent }: Outcome, code: string): Violation[] {
  const violations: Violation[] = [];
  if (sent.length > 0)
    violations.push({ check: "sent", message: "was sent, and should have been refused before a byte left" });
  if (!(error instanceof MagnificError) || error.code !== code)
    violations.push({ check: "typed result", message: `should be an error of code ${code}, is ${textOf(error)}` });
  return violations;
}

/** The error names the field and the rule that the case breaks. */
function namesTheFault({ place = [], rule }: Case, error: unknown): Violation[] {
  // What is wrong with the request as a whole has no field.
  if (!(error instanceof InvalidRequestError) || place.length < 2) return [];
  const field = place.at(-1);
  // An image is judged by its bytes, not by its text.
  if (error.faults.some((fault) => fault.field === field && (fault.rule === rule || field === "image"))) return [];
  const message = `should name ${field} and ${rule}, names ${JSON.stringify(error.faults)}`;
  return [{ check: "typed result", message }];
}

function wireFailures(one: Case, { method, url, headers, body }: Sent, base: string): Violation[] {
  const { request } = one;
  const pairs: [string, unknown, unknown][] = [
    ["the method", method, request.method],
    ["the address", url.href, new URL(base + targetOf(request)).href],
    ...request.credentials.map(({ name }): [string, unknown, unknown] => [
      `the header ${name}`,
      headers.get(name),
      KEY,
    ]),
  ];
  if (request.body !== undefined)
    pairs.push(
      ["the content type", headers.get("content-type"), "application/json"],
      ["the body", body === "" ? undefined : JSON.parse(body), JSON.parse(request.body)],
    );
  return pairs
    .filter(([, found, wanted]) => !isDeepStrictEqual(found, wanted))
    .map(([what, found, wanted]) => ({
      check: "sent",
      message: `${what} is ${JSON.stringify(found)}, the case says ${JSON.stringify(wanted)}`,
    }));
}

/** What is wrong with what the facade made of a response. */
function typedFailure(one: Case, { value, error }: Outcome, response: Exchange): string | undefined {
  if ("failure" in response) return response.detail;
  const { status, headers } = response;
  const body = valueIn(response) ?? null;
  const data = isObject(body) ? body.data : undefined;
  if (status >= 200 && status < 300) {
    const code = error instanceof MagnificError ? error.code : undefined;
    // A completed task without an image is an error of its own, and so is a response about another task, which is
    // what the mock sends for any task.
    if (code === "empty_result" && isEmptyResult(data)) return undefined;
    if (code === "unexpected_response" && isAboutAnother(one, data)) return undefined;
    if (error !== undefined) return `should be a result, is ${textOf(error)}`;
    const same = resultMatches(one, value, data ?? null);
    return same ? undefined : `is ${JSON.stringify(value)}, the response was ${JSON.stringify(body)}`;
  }
  if (!(error instanceof MagnificError)) return `should be an error for ${status}, is ${textOf(error)}`;
  const codes = CODES[status] ?? [status >= 500 ? "server_error" : "unexpected_status"];
  if (!codes.includes(error.code)) return `should be an error of code ${codes.join(" or ")}, is ${textOf(error)}`;
  const message = messageIn(body);
  const submission = one.request.method === "POST" ? (status < 500 ? "rejected" : "unknown") : undefined;
  const facts: [string, unknown, unknown][] = [
    ["status", error.status, status],
    ["requestId", error.requestId, headers["x-request-id"] ?? error.requestId],
    ["submission", error.submission, submission],
  ];
  const shown = "providerMessage" in error ? error.providerMessage : undefined;
  if (message !== undefined && message.trim() !== "") facts.push(["providerMessage", shown, message]);
  const wrong = facts.find(([, found, wanted]) => found !== wanted);
  return wrong && `has the ${wrong[0]} ${JSON.stringify(wrong[1])}, should have ${JSON.stringify(wrong[2])}`;
}

function isEmptyResult(data: Json | undefined): boolean {
  return isObject(data) && data.status === "COMPLETED" && isDeepStrictEqual(data.generated, []);
}

function isAboutAnother(one: Case, data: Json | undefined): boolean {
  const asked = idOf(one);
  return asked !== undefined && isObject(data) && typeof data.task_id === "string" && data.task_id !== asked;
}

function idOf({ request }: Case): string | undefined {
  return Object.values(request.pathValues)[0];
}

interface FacadeTask {
  readonly id?: unknown;
  readonly status?: unknown;
  readonly images?: readonly { readonly url: string }[];
  readonly raw?: unknown;
}

function resultMatches(one: Case, value: unknown, data: Json): boolean {
  if (Array.isArray(data)) {
    const wanted = data.map((task) => (isObject(task) ? { id: task.task_id, status: task.status } : task));
    return isDeepStrictEqual(JSON.parse(JSON.stringify(value)), wanted);
  }
  if (!isObject(data) || typeof value !== "object" || value === null) return false;
  const { id, status, images, raw }: FacadeTask = value;
  // A handle has the id of the task that was made, a task that of the one asked for.
  if (status !== data.status) return false;
  if (one.request.method === "POST") return id === data.task_id;
  const urls = images?.map((image) => image.url);
  return isDeepStrictEqual(raw, data) && (urls === undefined || isDeepStrictEqual(urls, data.generated));
}

function messageIn(body: Json): string | undefined {
  if (!isObject(body)) return undefined;
  const message = (isObject(body.problem) ? body.problem.message : undefined) ?? body.message;
  return typeof message === "string" ? message : undefined;
}

function textOf(error: unknown): string {
  if (error === undefined) return "no error";
  return error instanceof MagnificError ? `${error.name} (${error.code}): ${error.summary}` : String(error);
}
