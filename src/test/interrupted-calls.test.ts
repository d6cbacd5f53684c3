/** Calls that are aborted where nothing is under way: before the first attempt, in the queue, in the pause between two. */
import { describe, expect, it } from "vitest";
import { Magnific } from "../client.js";
import { MagnificError } from "../errors/magnific-error.js";
import type { MagnificOptions } from "../options.js";
import { TASK_ID } from "../test-support/client-context.js";
import { loopback, type Serve } from "../test-support/loopback.js";
import { pngOf } from "../test-support/png.js";
import { rejection } from "../test-support/rejection.js";

const image = pngOf(5_000);
const clientOf = (baseUrl: string, options: MagnificOptions = {}): Magnific =>
  new Magnific({ apiKey: "key", baseUrl, ...options });
const answering =
  (status: number, headers: Record<string, string> = {}): Serve =>
  (response, _n, request) => {
    request.resume();
    request.on("end", () => {
      response.writeHead(status, { "content-type": "application/json", ...headers });
      const made = { data: { task_id: TASK_ID, status: "CREATED", generated: [] } };
      response.end(JSON.stringify(status === 200 ? made : { message: "no" }));
    });
  };

describe("a call that is aborted", () => {
  it("before it begins tells nobody and asks nobody", async () => {
    const server = await loopback(answering(200));
    const told: unknown[] = [];
    const magnific = clientOf(server.origin, { onRequest: (event) => told.push(event) });
    const signal = AbortSignal.abort(new Error("too late"));
    const submit = await rejection(magnific.submit({ image }, { signal }), MagnificError);
    expect(submit).toMatchObject({ code: "aborted", submission: "not_sent", cause: { message: "too late" } });
    const read = await rejection(magnific.task(TASK_ID).get({ signal }), MagnificError);
    expect(read).toMatchObject({ code: "aborted", taskId: TASK_ID, cause: { message: "too late" } });
    expect(read.submission).toBeUndefined();
    expect([told, server.requests]).toEqual([[], []]);
  });

  it("while it waits for the rate was not sent", async () => {
    const server = await loopback(answering(200));
    const magnific = clientOf(server.origin, { rate: 1 });
    await magnific.submit({ image });
    const controller = new AbortController();
    const waiting = [
      rejection(magnific.submit({ image }, { signal: controller.signal }), MagnificError),
      rejection(magnific.task(TASK_ID).get({ signal: controller.signal }), MagnificError),
    ];
    await new Promise((done) => setTimeout(done, 30));
    controller.abort(new Error("enough"));
    const [submit, read] = await Promise.all(waiting);
    expect(submit).toMatchObject({
      code: "aborted",
      submission: "not_sent",
      attempts: 0,
      operation: "POST /v1/ai/image-upscaler-precision",
      cause: { message: "enough" },
    });
    expect(submit?.message).toMatch(/was aborted before it was sent\.$/);
    expect(read).toMatchObject({ code: "aborted", attempts: 0, taskId: TASK_ID, cause: { message: "enough" } });
    expect(read?.submission).toBeUndefined();
    expect(server.requests.length).toBe(1);
  });

  it("in the pause between two attempts says what became of the first", async () => {
    const server = await loopback(answering(429, { "retry-after": "30" }));
    const controller = new AbortController();
    const magnific = clientOf(server.origin, { onRetry: () => controller.abort(new Error("enough")) });
    const error = await rejection(magnific.submit({ image }, { signal: controller.signal }), MagnificError);
    expect(error).toMatchObject({ code: "aborted", submission: "rejected", attempts: 1, cause: { message: "enough" } });
    expect(error.message).toMatch(/was aborted before it was retried\.$/);
    expect(server.requests.length).toBe(1);
  });
});
