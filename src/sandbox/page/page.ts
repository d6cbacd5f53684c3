/** The page at `/`: the tasks as they advance, and their images. */
import { isAddress, isLoopback } from "../../util/address.js";
import type { Call, RequestContext } from "../call.js";
import { json, Refusal, response } from "../response.js";
import { nameOf } from "../store.js";
import { infoOf } from "../task.js";
import { CSS } from "./css.js";
import { HTML } from "./html.js";
import { SCRIPT } from "./script.js";

/** How many tasks are shown, the newest. */
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
export async function pageResponse(context: RequestContext, { url }: Call): Promise<Response> {
  // Another site whose name was pointed at this machine sends its own name here, and must not read anything.
  if (!isLoopback(url.hostname) && !isAddress(url.hostname)) throw new Refusal(403, "Access denied");
  const page = await contentOf(context, url.pathname);
  for (const [name, value] of Object.entries(GUARD)) page.headers.set(name, value);
  return page;
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
    return json(200, { tasks: views, counts: log.counts });
  }
  const task = tasks.get(/^\/sandbox\/source\/([0-9a-f-]{36})$/.exec(path)?.[1] ?? "");
  const image = task && (await store.read(nameOf("images", task.id, "source")));
  if (image === undefined || task?.image.type === undefined) throw new Refusal(404, "Not found");
  return response(200, task.image.type, image);
}
