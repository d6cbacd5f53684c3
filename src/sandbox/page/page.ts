/** The page at `/`: the tasks as they live, and what became of their images. */
import type { IncomingMessage } from "node:http";
import { type Answer, json, Refusal } from "../answer.js";
import type { Counts } from "../log.js";
import type { Store } from "../store.js";
import { infoOf } from "../task.js";
import type { Tasks } from "../tasks.js";
import { isLoopback } from "../webhooks.js";
import { CSS } from "./css.js";
import { HTML } from "./html.js";
import { SCRIPT } from "./script.js";

export interface PageContext {
  readonly tasks: Tasks;
  readonly store: Store;
  readonly counts: Counts;
}

/** So many tasks are shown, the newest. */
const SHOWN = 200;

const GUARD = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'",
  "cross-origin-resource-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
};

export async function answerPage(context: PageContext, url: URL, request: IncomingMessage): Promise<Answer> {
  // A page elsewhere whose name was pointed at this machine would have its own name here, and reads nothing.
  if (!isLoopback(new URL(`http://${request.headers.host ?? ""}`).hostname)) throw new Refusal(403, "Access denied");
  const answer = await answerFor(context, url.pathname);
  return { ...answer, headers: { ...answer.headers, ...GUARD } };
}

async function answerFor({ tasks, store, counts }: PageContext, path: string): Promise<Answer> {
  if (path === "/") return text("text/html", HTML);
  if (path === "/sandbox/page.css") return text("text/css", CSS);
  if (path === "/sandbox/page.js") return text("text/javascript", SCRIPT);
  if (path === "/sandbox/state") {
    const shown = tasks.list().slice(0, SHOWN);
    const views = shown.map((task) => ({
      ...infoOf(task, ""),
      ...(task.image.type === undefined ? {} : { source: `/sandbox/source/${task.id}` }),
    }));
    return json(200, { tasks: views, counts });
  }
  const task = tasks.get(/^\/sandbox\/source\/([0-9a-f-]{36})$/.exec(path)?.[1] ?? "");
  const file = task?.image.type === undefined ? undefined : await store.file(task.id, "source");
  if (task?.image.type === undefined || file === undefined) throw new Refusal(404, "Not found");
  const headers = { "content-type": task.image.type, "content-length": String(file.size) };
  return { status: 200, headers, body: file.read(0, file.size - 1) };
}

function text(type: string, content: string): Answer {
  return { status: 200, headers: { "content-type": `${type}; charset=utf-8` }, body: Buffer.from(content) };
}
