/** A provider on loopback that answers by script, and a client of it whose pauses pass at once. */
import { Magnific } from "../client.js";
import type { MagnificOptions } from "../options.js";
import { TASK_ID } from "./client-context.js";
import type { Loopback, Serve } from "./loopback.js";
import { SteppingTime } from "./stepping-time.js";

export const json =
  (body: unknown, status = 200, headers: Record<string, string> = {}): Serve =>
  (response, _n, request) => {
    request.resume();
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
  };
export const task = (status: string, generated: string[] = []): Serve =>
  json({ data: { task_id: TASK_ID, status, generated } });
/** Makes the task once it has the whole request. */
export const created: Serve = (response, n, request) => {
  request.resume();
  request.on("end", () => task("CREATED")(response, n, request));
};
export const list = json({ data: [{ task_id: TASK_ID, status: "CREATED" }] });
/** One answer after the other; the last one for ever. */
export const script =
  (...answers: Serve[]): Serve =>
  (response, n, request) =>
    (answers[n] ?? answers.at(-1))?.(response, n, request);

const TIMEOUT = 59_999;
/** What else is a deadline by default: of a wait, of a download, of a silence in one. */
export const DEADLINES = [TIMEOUT, 1_800_000, 600_000, 30_000];

export function clientOf(
  server: Loopback,
  options: MagnificOptions = {},
  deadlines: readonly number[] = [],
): { magnific: Magnific; time: SteppingTime } {
  const time = new SteppingTime([...DEADLINES, ...deadlines]);
  return {
    magnific: new Magnific({ apiKey: "key", baseUrl: server.origin, time, timeout: TIMEOUT, ...options }),
    time,
  };
}
