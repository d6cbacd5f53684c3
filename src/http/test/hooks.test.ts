// @tests Hooks
import { inspect } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { TASK_ID } from "../../test-support/client-context.js";
import { loopback } from "../../test-support/loopback.js";
import { pngOf } from "../../test-support/png.js";
import { clientOf, json, script, task } from "../../test-support/provider.js";
import type { ContractViolation, RequestEvent, ResponseEvent, RetryEvent } from "../hooks.js";

const image = pngOf(200);

describe("a hook", () => {
  it("onRequest: gets every attempt, with the body as type and length", async () => {
    const server = await loopback(script(json({}, 429), task("CREATED")));
    const events: RequestEvent[] = [];
    await clientOf(server, { onRequest: (event) => events.push(event) }).magnific.submit({ image });
    const operation = "POST /v1/ai/image-upscaler-precision";
    const length = JSON.stringify({ image: Buffer.from(image).toString("base64") }).length;
    const body = { type: "application/json", length };
    expect(events).toEqual([1, 2].map((attempt) => ({ operation, taskId: undefined, attempt, body })));
  });

  it("onResponse: gets every response, or that there was none, with durations", async () => {
    const facts = {
      "x-request-id": "ak-1",
      "x-ratelimit-limit": "50",
      "x-ratelimit-remaining": "9",
      "x-ratelimit-reset": "60",
    };
    const server = await loopback(
      script((response) => response.destroy(), json({ message: "busy" }, 503, facts), json({ data: [] }, 200, facts)),
    );
    const events: ResponseEvent[] = [];
    const { magnific } = clientOf(server, { onResponse: (event) => events.push(event) });
    const tasks = await magnific.tasks();
    const rate = { limit: 50, remaining: 9, reset: 60 };
    expect(events).toMatchObject([
      { attempt: 1, status: undefined, code: "connection_lost", duration: 0, total: 0 },
      { attempt: 2, status: 503, code: "server_error", requestId: "ak-1", rate, duration: 0, total: 250 },
      { attempt: 3, status: 200, code: undefined, requestId: "ak-1", rate, length: 11, duration: 0, total: 750 },
    ]);
    expect(tasks).toMatchObject({ requestId: "ak-1", rate });
  });

  it("onRetry: gets the reason and the pause", async () => {
    const server = await loopback(script(json({}, 429, { "retry-after": "3" }), task("CREATED")));
    const events: RetryEvent[] = [];
    await clientOf(server, { onRetry: (event) => events.push(event) }).magnific.submit({ image });
    expect(events).toMatchObject([
      { attempt: 1, status: 429, code: "rate_limited", submission: "rejected", after: 3_000 },
    ]);
  });

  it("onContractViolation: gets the place where a response differs, and the call continues", async () => {
    const odd = { data: { task_id: "not-a-uuid", status: "NEW", generated: ["no url", 7], extra: true } };
    const server = await loopback(json(odd, 202, { "content-type": "text/plain; charset=latin1" }));
    const events: ContractViolation[] = [];
    const { magnific } = clientOf(server, { onContractViolation: (event) => events.push(event) });
    expect((await magnific.submit({ image })).id).toBe("not-a-uuid");
    expect(events.map(({ place }) => place).sort()).toEqual(
      [
        "",
        "header:content-type",
        "header:content-type",
        "/data/task_id",
        "/data/status",
        "/data/generated/0",
        "/data/generated/1",
      ].sort(),
    );
    expect(events[0]).toMatchObject({ operation: "POST /v1/ai/image-upscaler-precision", status: 202 });
  });

  it("that throws, or rejects, does not touch the call", async () => {
    const complaints = vi.spyOn(console, "error").mockImplementation(() => undefined);
    try {
      const server = await loopback(task("CREATED"));
      const bad = (): never => {
        throw new Error("marked");
      };
      const { magnific } = clientOf(server, { onRequest: bad, onResponse: (async () => bad()) as () => void });
      expect((await magnific.submit({ image })).id).toBe(TASK_ID);
      await vi.waitFor(() => expect(complaints).toHaveBeenCalledTimes(2));
      expect(inspect(complaints.mock.calls)).not.toContain("marked");
    } finally {
      complaints.mockRestore();
    }
  });
});
