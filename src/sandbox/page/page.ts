/** The page at `/`: the tasks as they advance, their images, the log, and controls. */
import { isAddress, isLoopback } from "../../util/address.js";
import type { Call, RequestContext } from "../call.js";
import type { SandboxFault } from "../faults.js";
import { type LifeCycle, script } from "../life-cycle.js";
import { json, Refusal, response } from "../response.js";
import { nameOf } from "../store.js";
import { readJson } from "../submit-body.js";
import { infoOf } from "../task.js";
import { CSS } from "./css.js";
import { HTML } from "./html.js";
import { SCRIPT } from "./script.js";

/** How many tasks and entries of the log are shown, the newest. */
const SHOWN = 200;

const GUARD = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'",
  "cross-origin-resource-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
};

/** @throws {Refusal} */
export async function pageResponse(context: RequestContext, call: Call): Promise<Response> {
  const { request, url } = call;
  // Another site whose name was pointed at this machine sends its own name here, and must not read anything.
  if (!isLoopback(url.hostname) && !isAddress(url.hostname)) throw new Refusal(403, "Access denied");
  const page = await (request.method === "POST" ? control(context, call) : contentOf(context, url.pathname));
  for (const [name, value] of Object.entries(GUARD)) page.headers.set(name, value);
  return page;
}

/** Sets what a control says. A page of another site can send here, and a browser then names that site. @throws {Refusal} */
async function control({ plan, scripts }: RequestContext, { request, url }: Call): Promise<Response> {
  if ((request.headers.get("origin") ?? url.origin) !== url.origin) throw new Refusal(403, "Access denied");
  const body = await readJson(request, 100_000);
  try {
    if (url.pathname === "/sandbox/fault") plan.add(body as SandboxFault);
    else {
      const { lifeCycle, times = 1 } = body as { lifeCycle: LifeCycle; times?: number };
      script(scripts, lifeCycle, Math.min(times, 1000));
    }
  } catch (error) {
    throw new Refusal(400, (error as Error).message);
  }
  return json(200, {});
}

async function contentOf({ tasks, store, log }: RequestContext, path: string): Promise<Response> {
  if (path === "/") return response(200, "text/html; charset=utf-8", HTML);
  if (path === "/sandbox/page.css") return response(200, "text/css; charset=utf-8", CSS);
  if (path === "/sandbox/page.js") return response(200, "text/javascript; charset=utf-8", SCRIPT);
  if (path === "/sandbox/state") {
    const shown = tasks.list().slice(0, SHOWN);
    const views = shown.map((task) => ({
      ...infoOf(task, ""),
      ...(task.image.type === undefined ? {} : { source: `/sandbox/source/${task.id}` }),
    }));
    return json(200, { tasks: views, counts: log.counts, log: log.entries.slice(-SHOWN).reverse() });
  }
  const task = tasks.get(/^\/sandbox\/source\/([0-9a-f-]{36})$/.exec(path)?.[1] ?? "");
  const image = task && (await store.read(nameOf("images", task.id, "source")));
  if (image === undefined || task?.image.type === undefined) throw new Refusal(404, "Not found");
  return response(200, task.image.type, image);
}
