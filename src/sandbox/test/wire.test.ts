import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { type Answer, json } from "../answer.js";
import type { Fault } from "../faults.js";
import { breakOff, replacement, send, truncated } from "../wire.js";

const text = (answer: Answer | undefined): string => String(answer?.body);
const streamed = (pieces: string[], headers: Record<string, string> = {}): Answer => ({
  status: 200,
  headers,
  body: Readable.from(pieces.map((piece) => Buffer.from(piece))),
});

/** What a request is answered with by `play`, read to its end, however that comes. */
async function over(
  play: (response: ServerResponse) => Promise<void>,
  method = "GET",
): Promise<{ status: number; headers: Headers; body: string; cut: boolean }> {
  const server = createServer((_, response) => void play(response)).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const response = await fetch(url, { method });
    let body = "";
    let cut = false;
    try {
      for await (const chunk of response.body ?? []) body += Buffer.from(chunk as Uint8Array).toString();
    } catch {
      cut = true;
    }
    return { status: response.status, headers: response.headers, body, cut };
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

describe("what a fault answers instead", () => {
  it.each([
    [{ kind: "error" }, 503, "Service Unavailable. Please try again later."],
    [{ kind: "error", status: 503 }, 503, "Service Unavailable. Please try again later."],
    [{ kind: "error", status: 500 }, 500, "Internal Server Error"],
    [{ kind: "error", status: 418 }, 418, "Answered with 418, as scripted"],
    [{ kind: "error", status: 402, message: "no credits" }, 402, "no credits"],
    [{ kind: "rate_limited" }, 429, "Too many requests. Please slow down."],
    [{ kind: "rate_limited", message: "trial over" }, 429, "trial over"],
  ] satisfies [Fault, number, string][])("%j", (fault, status, message) => {
    const answer = replacement(fault);
    expect(answer?.status).toBe(status);
    expect(JSON.parse(text(answer))).toEqual({ message });
  });

  it.each([
    [{}, { "x-ratelimit-reset": "1", "retry-after": "1" }],
    [{ reset: 30 }, { "x-ratelimit-reset": "30", "retry-after": "1" }],
    [
      { retryAfter: "7", reset: 0 },
      { "x-ratelimit-reset": "0", "retry-after": "7" },
    ],
    [{ retryAfter: "" }, { "x-ratelimit-reset": "1" }],
  ])("with the headers of a rate limit: %j", (more, headers) => {
    expect(replacement({ kind: "rate_limited", ...more })?.headers).toEqual({
      "content-type": "application/json",
      "x-ratelimit-limit": "50",
      "x-ratelimit-remaining": "0",
      ...headers,
    });
  });

  it("is an edge's page, or a redirect", () => {
    const page = replacement({ kind: "html" });
    expect([page?.status, page?.headers]).toEqual([502, { "content-type": "text/html" }]);
    expect(text(page)).toMatch(/^<html>.*<\/html>\n$/);
    expect(replacement({ kind: "html", status: 504 })?.status).toBe(504);
    const moved = replacement({ kind: "redirect" });
    expect([moved?.status, moved?.headers]).toEqual([302, { location: "/moved", "content-type": "text/plain" }]);
    expect(text(moved)).toBe("Moved\n");
    const elsewhere = replacement({ kind: "redirect", status: 308, location: "https://example.com/" });
    expect([elsewhere?.status, elsewhere?.headers.location]).toEqual([308, "https://example.com/"]);
  });

  it.each([{ kind: "reset" }, { kind: "stall" }, { kind: "truncated" }, { kind: "delay", ms: 1 }] satisfies Fault[])(
    "is nothing for %j",
    (fault) => expect(replacement(fault)).toBeUndefined(),
  );
});

it("cuts the body of an answer in half, and does not announce the whole", async () => {
  const headers = { "content-type": "image/png", "content-length": "7" };
  const half = await truncated({ status: 206, headers, body: Buffer.from("abcdefg") });
  expect([half.status, half.headers, text(half)]).toEqual([206, { "content-type": "image/png" }, "abc"]);
  expect(text(await truncated(streamed(["abc", "def", "gh"])))).toBe("abcd");
});

describe("an answer on the wire", () => {
  it("has its length, its headers and its bytes", async () => {
    const seen = await over((response) => send(response, json(404, { message: "é" }, { "x-one": "1" }), false));
    expect([seen.status, seen.body, seen.cut]).toEqual([404, '{"message":"é"}', false]);
    expect([seen.headers.get("content-length"), seen.headers.get("x-one")]).toEqual(["16", "1"]);
  });

  it("is streamed with the length that is known, or without", async () => {
    const known = await over((response) => send(response, streamed(["abc", "de"], { "content-length": "5" }), false));
    expect([known.body, known.headers.get("content-length")]).toEqual(["abcde", "5"]);
    const unknown = await over((response) => send(response, streamed(["abc", "de"]), false));
    expect([unknown.body, unknown.headers.get("content-length")]).toEqual(["abcde", null]);
  });

  it("keeps its headers without its body, and lets go of the file", async () => {
    const answer = streamed(["abc"], { "content-length": "3" });
    const head = await over((response) => send(response, answer, true), "HEAD");
    expect([head.headers.get("content-length"), head.body]).toEqual(["3", ""]);
    expect((answer.body as Readable).destroyed).toBe(true);
    let reads = 0;
    const body = new Readable({ read: () => void reads++ });
    await over((response) => send(response, { status: 200, headers: { "content-length": "9" }, body }, true), "HEAD");
    expect([reads, body.destroyed]).toEqual([0, true]);
    const small = await over((response) => send(response, json(200, {}), true), "HEAD");
    expect(small.headers.get("content-length")).toBe("2");
  });

  it("is not begun where the client has gone, and lets go of the file", async () => {
    const answer = streamed(["abc"]);
    await expect(
      over(async (response) => {
        response.destroy();
        await send(response, answer, false);
        await send(response, json(200, {}), false);
      }),
    ).rejects.toThrow();
    expect((answer.body as Readable).destroyed).toBe(true);
  });
});

describe("an answer that breaks off", () => {
  it.each([() => json(200, { data: 1 }), () => streamed(['{"da', 'ta":1}'], { "content-length": "10" })])(
    "sends so many bytes of what it announced, and resets",
    async (make) => {
      const answer = make();
      const seen = await over((response) => breakOff(response, { kind: "reset", afterBytes: 6 }, answer));
      expect([seen.status, seen.headers.get("content-length")]).toEqual([200, "10"]);
      expect([seen.body, seen.cut]).toEqual(['{"data', true]);
    },
  );

  it("sends nothing without a number of bytes, and lets go of the file", async () => {
    const answer = streamed(["abc"]);
    await expect(over((response) => breakOff(response, { kind: "reset" }, answer))).rejects.toThrow();
    expect((answer.body as Readable).destroyed).toBe(true);
    await expect(over((response) => breakOff(response, { kind: "reset", afterBytes: 3 }, undefined))).rejects.toThrow();
  });

  it("that stalls leaves the connection open", async () => {
    const states: unknown[] = [];
    await over(async (response) => {
      await breakOff(response, { kind: "stall", afterBytes: 1 }, json(200, {}));
      states.push(response.destroyed, response.socket?.destroyed, response.writableEnded);
      response.end("}");
    });
    expect(states).toEqual([false, false, false]);
  });
});
