/** Whatever a server says, a call ends with its result or with a typed error. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Magnific } from "../client.js";
import { MagnificError } from "../errors/magnific-error.js";
import { TASK_ID } from "../test-support/client-context.js";
import { pngOf } from "../test-support/png.js";
import { SteppingTime } from "../test-support/stepping-time.js";

const image = pngOf(100);

/** JSON that is nearly, or not at all, what is declared. */
const json = fc
  .oneof(
    fc.jsonValue(),
    fc.record({ data: fc.jsonValue() }),
    fc.record({
      data: fc.oneof(
        fc.record(
          {
            task_id: fc.oneof(fc.constant(TASK_ID), fc.uuid(), fc.string(), fc.jsonValue()),
            status: fc.oneof(fc.constantFrom("CREATED", "COMPLETED", "FAILED", "PAUSED", ""), fc.jsonValue()),
            generated: fc.oneof(fc.array(fc.oneof(fc.webUrl(), fc.string(), fc.jsonValue())), fc.jsonValue()),
          },
          { requiredKeys: [] },
        ),
        fc.array(fc.oneof(fc.record({ task_id: fc.uuid(), status: fc.string() }), fc.jsonValue())),
      ),
    }),
    fc.record(
      { message: fc.jsonValue(), problem: fc.jsonValue(), invalid_params: fc.jsonValue() },
      { requiredKeys: [] },
    ),
  )
  .map((value) => new TextEncoder().encode(JSON.stringify(value)));

const body = fc.oneof(
  { weight: 3, arbitrary: json },
  fc.uint8Array({ maxLength: 300 }),
  fc.string().map((text) => new TextEncoder().encode(text)),
  json.chain((bytes) => fc.nat(bytes.byteLength).map((end) => bytes.subarray(0, end))),
);

const value = fc.oneof(
  fc.constantFrom(
    "",
    "0",
    "-1",
    "1e999",
    "9".repeat(40),
    "Sun, 31 Feb 1994 08:49:37 GMT",
    "Thu, 01 Jan 1970 00:00:00 GMT",
  ),
  fc.string({ unit: "grapheme-ascii" }).map((text) => text.replace(/[^\x20-\x7e]/g, "").trim()),
);
const type = fc.oneof(
  fc.constantFrom(
    "application/json",
    "application/problem+json",
    "text/html",
    "application/json; charset=utf-16",
    'application/json; charset="klingon"',
    "application/json; charset=",
    ";",
  ),
  value,
);
const headers = fc.record(
  {
    "content-type": type,
    "retry-after": value,
    "x-ratelimit-limit": value,
    "x-ratelimit-remaining": value,
    "x-ratelimit-reset": value,
    "x-request-id": value,
    "content-length": value,
  },
  { requiredKeys: [] },
);
const status = fc.oneof(fc.constant(200), fc.integer({ min: 200, max: 599 }));

const RUNS = process.env.LONG_TESTS ? 10_000 : 2_000;

describe("random responses", () => {
  it("never crash, hang or escape as an untyped error", async () => {
    let errors = 0;
    await fc.assert(
      fc.asyncProperty(
        status,
        headers,
        body,
        fc.constantFrom("submit", "get", "list"),
        async (code, fields, bytes, operation) => {
          const empty = code === 204 || code === 205 || code === 304;
          const fetch = async (): Promise<Response> =>
            new Response(empty ? null : new Uint8Array(bytes), { status: code, headers: { ...fields } });
          let requests = 0;
          const time = new SteppingTime([60_000]);
          const magnific = new Magnific({ apiKey: "key", fetch, time, onRequest: () => void requests++ });
          const calls = {
            submit: () => magnific.submit({ image }),
            get: () => magnific.task(TASK_ID).get(),
            list: () => magnific.tasks(),
          };
          const error = await calls[operation]().then(
            () => undefined,
            (one: unknown) => one,
          );
          expect(time.pending).toBe(0);
          expect(requests).toBeLessThanOrEqual(3);
          if (error === undefined) return;
          errors += 1;
          expect(error).toBeInstanceOf(MagnificError);
          const { submission, message } = error as MagnificError;
          expect(message.length).toBeLessThan(1_500);
          if (operation !== "submit") expect(submission).toBeUndefined();
          else {
            // One that names a task may have made it.
            const certain = code >= 400 && code < 500 && code !== 408 && (error as MagnificError).taskId === undefined;
            expect(submission).toBe(certain ? "rejected" : "unknown");
            // Only what was refused for the rate may be retried.
            if (code !== 429) expect(requests).toBe(1);
          }
        },
      ),
      { numRuns: RUNS },
    );
    expect(errors).toBeGreaterThan(RUNS / 2);
  }, 60_000);
});
