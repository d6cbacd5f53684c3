/** The page at `/`: the tasks as they advance, their images, the log, and controls. */
import { readFileSync } from "node:fs";
import { isAddress, isLoopback } from "../../util/address.js";
import type { Call, RequestContext } from "../call.js";
import { FAULT_KINDS, FAULT_TARGETS, type SandboxFault } from "../faults.js";
import { type LifeCycle, lifeCycles, script } from "../life-cycle.js";
import { json, Refusal, response } from "../response.js";
import { nameOf } from "../store.js";
import { readJson } from "../submit-body.js";
import { infoOf } from "../task.js";

/** How many tasks and entries of the log are shown, the newest. */
const SHOWN = 200;

/** A file next to this one. The build puts its content in place of the call. */
const content = (name: string): string => readFileSync(new URL(name, import.meta.url), "utf8");
const CHOICES = { kinds: FAULT_KINDS, targets: FAULT_TARGETS, lifeCycles: Object.keys(lifeCycles) };
const optionsOf = (_: string, name: keyof typeof CHOICES): string =>
  CHOICES[name].map((each) => `<option>${each}</option>`).join("");
const FILES: Readonly<Record<string, () => readonly [type: string, text: string]>> = {
  "/": () => ["text/html; charset=utf-8", content("view.html").replace(/\{\{(\w+)\}\}/g, optionsOf)],
  "/sandbox/page.css": () => ["text/css; charset=utf-8", content("view.css")],
  "/sandbox/page.js": () => ["text/javascript; charset=utf-8", content("view.js")],
};

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
  const file = Object.hasOwn(FILES, path) ? FILES[path]?.() : undefined;
  if (file !== undefined) return response(200, ...file);
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
