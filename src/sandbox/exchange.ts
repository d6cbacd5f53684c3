/** One request and its answer, from the routing to the log. */
import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { KEY_HEADER } from "../../generated/constants.js";
import { type Answer, Refusal, refused } from "./answer.js";
import { type ApiContext, answerApi, type Observed } from "./api.js";
import { type Fault, type FaultPlan, parseFault } from "./faults.js";
import type { Log } from "./log.js";
import { answerResult, type ResultsContext } from "./results.js";
import { type Route, routeOf } from "./route.js";
import { breakOff, replacement, send, truncated } from "./wire.js";

export interface ExchangeContext extends ApiContext, ResultsContext {
  readonly faults: FaultPlan;
  readonly log: Log;
  readonly page: (url: URL, request: IncomingMessage) => Promise<Answer>;
  readonly sleep: (ms: number) => Promise<void>;
}

const FAULT_HEADER = "x-sandbox-fault";

/** Answers a request; never rejects. */
export async function exchange(
  context: ExchangeContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { log, time, options } = context;
  const method = request.method ?? "GET";
  const url = urlOf(request.url ?? "/");
  const route = routeOf(method, url.pathname);
  const requestId = `ak-${randomBytes(16).toString("hex")}`;
  const observed: Observed = { key: context.keys.verdict(request.headers[KEY_HEADER]) };
  if (route.name !== "page") log.counts.requests++;
  if (route.name === "submit") log.counts.submits++;
  response.setHeader("x-request-id", requestId);

  let fault: Fault | undefined;
  let answer: Answer | undefined;
  try {
    if (route.name !== "page" && options.latencyMs > 0) await context.sleep(options.latencyMs);
    fault = faultOf(context, route, request);
    if (fault !== undefined) log.counts.faults++;
    if (fault === undefined || takesEffect(fault)) {
      answer = await answerFor(context, route, url, request, observed);
    }
  } catch (error) {
    answer = refused(
      error instanceof Refusal ? error : new Refusal(500, "Internal Server Error"),
      request.headers.accept,
    );
    if (!(error instanceof Refusal)) answer = { ...answer, reason: String(error) };
  }
  try {
    await deliver(context, response, answer, fault, method === "HEAD");
  } catch {
    // The client went away, or the image did; what was begun cannot be mended.
    response.destroy();
  }

  // The page looks at what goes on, and is no part of it.
  if (route.name === "page") return;
  const status = response.headersSent ? response.statusCode : 0;
  if (route.name === "result" && method === "GET" && (status === 200 || status === 206)) log.counts.downloads++;
  log.add({
    event: "request",
    at: time.now(),
    requestId,
    method,
    path: url.pathname,
    status,
    key: observed.key,
    ...(observed.body === undefined ? {} : { body: observed.body }),
    ...(answer?.reason === undefined ? {} : { reason: answer.reason }),
    ...(fault === undefined ? {} : { fault: fault.kind }),
  });
}

async function answerFor(
  context: ExchangeContext,
  route: Route,
  url: URL,
  request: IncomingMessage,
  observed: Observed,
): Promise<Answer> {
  if (route.name === "page") return await context.page(url, request);
  if (route.name === "result") return await answerResult(context, route.taskId ?? "", url, request.headers);
  if (route.name !== "unknown") return await answerApi(context, route, request, observed);
  if (route.allow === undefined) throw new Refusal(404, "Not found");
  throw new Refusal(405, "Method not allowed", { headers: { allow: route.allow.join(", ") } });
}

async function deliver(
  context: ExchangeContext,
  response: ServerResponse,
  answer: Answer | undefined,
  fault: Fault | undefined,
  withoutBody: boolean,
): Promise<void> {
  if (fault?.kind === "reset" || fault?.kind === "stall") return await breakOff(response, fault, answer);
  if (fault?.kind === "delay") await context.sleep(fault.ms);
  const instead = fault === undefined ? undefined : replacement(fault);
  const whole = instead ?? answer;
  if (whole === undefined) return;
  await send(response, fault?.kind === "truncated" ? await truncated(whole) : whole, withoutBody);
}

function takesEffect(fault: Fault): boolean {
  return fault.handled === true || fault.kind === "truncated" || fault.kind === "delay" || breaksWithin(fault);
}

/** To stop within an answer, there must be one. */
function breaksWithin(fault: Fault): boolean {
  return (fault.kind === "reset" || fault.kind === "stall") && fault.afterBytes !== undefined;
}

function faultOf({ faults }: ExchangeContext, route: Route, request: IncomingMessage): Fault | undefined {
  const header = request.headers[FAULT_HEADER];
  if (header === undefined) return faults.take(route.name);
  const fault = parseFault(String(header));
  if (fault !== undefined) return fault;
  const reason = `Header '${FAULT_HEADER}' is neither the name of a fault nor a fault as JSON`;
  throw new Refusal(400, reason, { params: [{ name: FAULT_HEADER, reason }] });
}

/** The request's target; one that is no path leads nowhere. */
function urlOf(target: string): URL {
  try {
    return new URL(`http://sandbox${target.startsWith("/") ? target : "/unknown"}`);
  } catch {
    return new URL("http://sandbox/unknown");
  }
}
