/** A wait through the whole client, over real connections. */
import { describe, expect, it } from "vitest";
import { Magnific } from "../../client.js";
import { TASK_ID } from "../../test-support/client-context.js";
import { CompressedTime } from "../../test-support/compressed-time.js";
import { loopback, type Serve } from "../../test-support/loopback.js";

const task = (status: string, generated: readonly string[] = []): string =>
  JSON.stringify({ data: { task_id: TASK_ID, status, generated } });
const json =
  (body: string, status = 200): Serve =>
  (response) =>
    void response.writeHead(status, { "content-type": "application/json" }).end(body);

async function ground(...serves: readonly Serve[]) {
  const server = await loopback((response, n, request) =>
    serves[Math.min(n, serves.length - 1)]?.(response, n, request),
  );
  const time = new CompressedTime(50);
  const magnific = new Magnific({ apiKey: "test", baseUrl: server.origin, time, retry: 0, rate: false });
  return { server, time, task: magnific.task(TASK_ID) };
}

describe("a wait", () => {
  it("survives everything that a provider's edge does", async () => {
    const {
      server,
      time,
      task: handle,
    } = await ground(
      json("", 500),
      (response) => response.destroy(),
      (response) => void response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html>"),
      json('{"data":{"task_id":'),
      json("", 503),
      json(task("IN_PROGRESS")),
      (response) => void response.writeHead(200, { "content-length": 999 }).write("{", () => response.destroy()),
      json(task("RESTING")),
      json(task("COMPLETED")),
      json(task("COMPLETED", ["https://ai-statics.freepik.com/a.jpg"])),
    );
    const seen: string[] = [];
    const done = await handle.wait({ onStatus: ({ status }) => void seen.push(status) });
    expect(done.images[0].url).toBe("https://ai-statics.freepik.com/a.jpg");
    expect(seen).toEqual(["IN_PROGRESS", "UNKNOWN", "COMPLETED"]);
    expect(server.requests).toHaveLength(10);
    expect(server.requests.every(({ path }) => path === `/v1/ai/image-upscaler-precision/${TASK_ID}`)).toBe(true);
    expect(time.pending).toBe(0);
  });

  it.each(["deadline", "signal"])("closes the connection of a poll that stalls: %s", async (end) => {
    const controller = new AbortController();
    const {
      server,
      time,
      task: handle,
    } = await ground(() => {
      if (end === "signal") setTimeout(() => controller.abort(), 10);
    });
    const waiting = handle.wait({ timeout: end === "deadline" ? 5000 : 50_000, signal: controller.signal });
    const code = end === "deadline" ? "wait_timeout" : "aborted";
    await expect(waiting).rejects.toMatchObject({ code, taskId: TASK_ID });
    await server.idle();
    expect(server.requests).toHaveLength(1);
    expect(time.pending).toBe(0);
  });

  it("ends at once where waiting does not help", async () => {
    for (const [status, code] of [
      [401, "authentication_failed"],
      [402, "credits_exhausted"],
      [403, "forbidden"],
      [404, "not_found"],
    ] as const) {
      const { server, task: handle } = await ground(json('{"message":"no"}', status));
      await expect(handle.wait()).rejects.toMatchObject({ code, taskId: TASK_ID });
      expect(server.requests).toHaveLength(1);
    }
  });
});
