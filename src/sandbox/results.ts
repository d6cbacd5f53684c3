/** Result downloads, as from the provider's edge: no key, a signed URL that expires, ranges. */

import type { IncomingMessage } from "node:http";
import type { Time } from "../util/time.js";
import { type Answer, Refusal } from "./answer.js";
import { byteRange } from "./byte-range.js";
import { checkToken } from "./result-url.js";
import type { Store } from "./store.js";
import type { Tasks } from "./tasks.js";

export interface ResultsContext {
  readonly time: Time;
  readonly store: Store;
  readonly tasks: Tasks;
  readonly signingSecret: string;
}

export async function answerResult(
  { time, store, tasks, signingSecret }: ResultsContext,
  taskId: string,
  url: URL,
  headers: IncomingMessage["headers"],
): Promise<Answer> {
  const verdict = checkToken(url.pathname, url.searchParams.get("token"), time.now(), signingSecret);
  if (verdict !== "good") throw new Refusal(403, verdict === "expired" ? "The URL has expired" : "Access denied");
  const task = tasks.get(taskId);
  const file = await store.file(taskId, "result");
  if (file === undefined || task?.result === undefined) throw new Refusal(404, "Not found");

  // A task's image never changes, so its id names this version of it.
  const etag = `"${taskId}"`;
  const common = {
    "content-type": task.result.type,
    "accept-ranges": "bytes",
    "cache-control": "private, max-age=3600",
    etag,
  };
  const ifRange = headers["if-range"];
  const range = ifRange === undefined || ifRange === etag ? byteRange(headers.range, file.size) : "all";
  if (range === "unsatisfiable") {
    throw new Refusal(416, "The range lies outside the image", {
      headers: { "content-range": `bytes */${file.size}` },
    });
  }
  if (range === "all") {
    const body = file.size === 0 ? Buffer.alloc(0) : file.read(0, file.size - 1);
    return { status: 200, headers: { ...common, "content-length": String(file.size) }, body };
  }
  const { start, end } = range;
  return {
    status: 206,
    headers: {
      ...common,
      "content-length": String(end - start + 1),
      "content-range": `bytes ${start}-${end}/${file.size}`,
    },
    body: file.read(start, end),
  };
}
