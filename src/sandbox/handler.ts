/** The sandbox as one function: a request, what goes wrong with it, its response, and its entry in the log. */
import { randomBytes } from "node:crypto";
import { KEY_HEADER } from "../contract/default.js";
import { orAborted, sleep } from "../util/abort-scope.js";
import type { Call, RequestContext } from "./call.js";
import { isHandled, parseFault, type SandboxFault } from "./faults.js";
import { callOperation } from "./operations.js";
import { pageResponse } from "./page/page.js";
import { connectionReset, playFault } from "./play-fault.js";
import { Refusal, readHeader, refusalResponse } from "./response.js";
import { resultResponse } from "./results.js";

/** Rejects where the client sees no response: the connection is reset, or the client or the sandbox is gone. */
export async function handleRequest(context: RequestContext, request: Request): Promise<Response> {
  const url = new URL(request.url);
  const key = request.headers.get(KEY_HEADER) ?? "";
  const owner = context.keys(key);
  const verdict = key === "" ? "absent" : owner === undefined ? "invalid" : "valid";
  const call: Call = {
    request,
    url,
    route: context.routeOf(request.method, url.pathname),
    owner,
    seen: { key: verdict },
  };
  // The page shows what happens and is not part of it: it is not logged, and no fault applies to it.
  const isPage = call.route.name === "page";
  const response = await (isPage ? settled(call, () => pageResponse(context, call)) : logged(context, call));
  return request.method === "HEAD" ? new Response(null, response) : response;
}

async function logged(context: RequestContext, call: Call): Promise<Response> {
  const { log, time, latencyMs, closing } = context;
  const { method, signal } = call.request;
  const { name } = call.route;
  const requestId = `ak-${randomBytes(16).toString("hex")}`;
  log.counts.requests++;
  if (name === "submit") log.counts.submits++;

  const ended = AbortSignal.any([closing, signal]);
  const stall = (): Promise<never> => orAborted(ended, new Promise<never>(() => {}));
  let fault: SandboxFault | undefined;
  let outcome: Response | "reset" | "stall" | undefined;
  try {
    if (latencyMs > 0) await sleep(time, latencyMs, ended);
    outcome = await settled(call, async () => {
      fault = faultOf(context, call);
      return fault === undefined || isHandled(fault) ? await responseTo(context, call) : undefined;
    });
    if (fault?.kind === "delay") await sleep(time, fault.ms, ended);
    if (fault !== undefined) outcome = await playFault(fault, outcome, stall);
  } catch (error) {
    outcome = undefined;
    throw error;
  } finally {
    const status = outcome instanceof Response ? outcome.status : 0;
    if (name === "result" && method === "GET" && (status === 200 || status === 206)) log.counts.downloads++;
    const played = fault === undefined ? {} : { fault: fault.kind };
    const { pathname: path } = call.url;
    log.add({ event: "request", at: time.now(), requestId, method, path, status, ...call.seen, ...played });
  }
  if (outcome === "stall") return await stall();
  if (!(outcome instanceof Response)) throw connectionReset("fetch failed");
  outcome.headers.set("x-request-id", requestId);
  return outcome;
}

/** A response in any case: an error becomes one, and its reason goes to the log. */
async function settled<T>({ request, seen }: Call, work: () => Promise<T>): Promise<T | Response> {
  try {
    return await work();
  } catch (error) {
    const refusal = error instanceof Refusal ? error : new Refusal(500, "Internal Server Error");
    seen.reason = error instanceof Refusal ? error.message : String(error);
    return refusalResponse(refusal, request.headers.get("accept") ?? "");
  }
}

async function responseTo(context: RequestContext, call: Call): Promise<Response> {
  const { name, allow } = call.route;
  if (name === "result") return await resultResponse(context, call);
  if (name !== "unknown") return await callOperation(context, call);
  if (allow === undefined) throw new Refusal(404, "Not found");
  throw new Refusal(405, "Method not allowed", { allow: allow.join(", ") });
}

function faultOf({ plan, log }: RequestContext, { request, route }: Call): SandboxFault | undefined {
  const fault = readHeader(request, "x-sandbox-fault", parseFault) ?? plan.take(route.name);
  if (fault !== undefined) log.counts.faults++;
  return fault;
}
