/** Requests to a sandbox as any HTTP client would make them, for its tests. */
import { readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { tempFolder } from "../../test-support/temp-folder.js";
import type { LogEntry, Sandbox } from "../index.js";

export const TASKS = "/v1/ai/image-upscaler-precision";
export const UNKNOWN_ID = "046b6c7f-0b8a-43b9-b35d-6489e6daee91";
export const PROBLEM = { accept: "application/problem+json" };

/** A PNG of 2 by 2 pixels, of 98 bytes. */
export const TINY =
  "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAFElEQVQI12P4z8DAAMIM/////w8AH+4F+5iFu/UAAAAASUVORK5CYII=";

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

interface Detail {
  readonly task_id: string;
  readonly status: string;
  readonly generated: readonly string[];
}

/** With the sandbox's key, unless there is another; a header set to "" is not sent. */
export async function call(sandbox: Sandbox, path: string, init: RequestInit = {}): Promise<Reply> {
  const headers = new Headers({ "x-magnific-api-key": sandbox.key });
  for (const [name, value] of new Headers(init.headers)) {
    if (value === "") headers.delete(name);
    else headers.set(name, value);
  }
  const hasServer = !sandbox.url.endsWith("sandbox.localhost");
  const send = hasServer ? fetch : sandbox.fetch;
  const response = await send(sandbox.url + path, { redirect: "manual", ...init, headers });
  const text = await response.text();
  const isJson = text !== "" && /json/.test(response.headers.get("content-type") ?? "");
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

export async function submit(sandbox: Sandbox, body: unknown = { image: TINY }, headers = {}): Promise<Reply> {
  return await call(sandbox, TASKS, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" || body instanceof Uint8Array ? (body as BodyInit) : JSON.stringify(body),
  });
}

export function dataOf(reply: Reply): Detail {
  return (reply.body as { data: Detail }).data;
}

/** Reads the task, which counts as a response. */
export async function look(sandbox: Sandbox, id: string): Promise<Detail> {
  return dataOf(await call(sandbox, `${TASKS}/${id}`));
}

/** Submits, and reads the task until it has ended. */
export async function finished(sandbox: Sandbox, body?: unknown): Promise<Detail> {
  let task = dataOf(await submit(sandbox, body));
  while (task.status !== "COMPLETED" && task.status !== "FAILED") task = await look(sandbox, task.task_id);
  return task;
}

export function entries<Event extends LogEntry["event"]>(sandbox: Sandbox, event: Event) {
  return sandbox.log.filter((entry): entry is Extract<LogEntry, { event: Event }> => entry.event === event);
}

/** Waits for what happens in the background. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** Lets everything run that waits for nothing but its turn. */
export async function idle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** A folder that is removed when the test has ended. */
export async function temporaryFolder(): Promise<string> {
  const folder = tempFolder("sandbox-test-");
  return folder;
}

/** What a crash leaves: the lock of a process that is gone. */
export async function crash(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    if (name.startsWith("lock."))
      await rename(join(folder, name), join(folder, name.replace(/\.\d+\./, ".999999999.")));
}
