/** Talking to a sandbox the way any HTTP client would, for its tests. */
import type { Sandbox } from "../sandbox.js";
import type { TaskDetail } from "../task.js";

export const TASKS = "/v1/ai/image-upscaler-precision";

/** A PNG of 2 by 2 pixels. */
export const TINY =
  "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAFElEQVQI12P4z8DAAMIM/////w8AH+4F+5iFu/UAAAAASUVORK5CYII=";

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

export async function talk(sandbox: Sandbox, path: string, init: RequestInit = {}): Promise<Reply> {
  const headers = new Headers({ "x-magnific-api-key": sandbox.key });
  for (const [name, value] of new Headers(init.headers)) {
    if (value === "") headers.delete(name);
    else headers.set(name, value);
  }
  const response = await fetch(sandbox.url + path, { redirect: "manual", ...init, headers });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get("content-type") ?? "");
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

export async function submit(sandbox: Sandbox, body: unknown = { image: TINY }, headers = {}): Promise<Reply> {
  return await talk(sandbox, TASKS, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

export function dataOf(reply: Reply): TaskDetail {
  return (reply.body as { data: TaskDetail }).data;
}

/** The task as it stands; an answer counts. */
export async function look(sandbox: Sandbox, id: string): Promise<TaskDetail> {
  return dataOf(await talk(sandbox, `${TASKS}/${id}`));
}

/** Submits, and looks until the task is at its end. */
export async function finished(sandbox: Sandbox, body?: unknown): Promise<TaskDetail> {
  let task = dataOf(await submit(sandbox, body));
  while (task.status !== "COMPLETED" && task.status !== "FAILED") task = await look(sandbox, task.task_id);
  return task;
}

/** Waits until the condition holds; for what goes on in the background. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}
