import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { RECYCLE, TAKE } from "../../image/text-body.js";
import { nodeFetch } from "../node-fetch.js";

const fetch = nodeFetch();
const open: Server[] = [];

/** A server that reads with pauses and answers with what it was sent. */
async function echo(): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      request.pause();
      setImmediate(() => request.resume());
    });
    request.on("end", () => response.end(Buffer.concat(chunks)));
  });
  open.push(server);
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

afterEach(async () => {
  fetch.close();
  for (const server of open.splice(0)) await new Promise((resolve) => server.close(resolve));
});

const post = async (url: string, body: object, length?: number): Promise<Uint8Array> => {
  const headers: Record<string, string> = length === undefined ? {} : { "content-length": String(length) };
  const response = await fetch(new fetch.LightRequest(url, { method: "POST", headers, body: body as BodyInit }));
  return new Uint8Array(await response.arrayBuffer());
};

describe("a body that takes its memory back", () => {
  it("gets a piece only once its bytes are with the kernel", async () => {
    const PIECES = 60;
    const SIZE = 300_000;
    const spare: Uint8Array[] = [];
    let made = 0;
    const body = {
      [RECYCLE]: (piece: Uint8Array) => {
        // What were still to be sent would arrive as this.
        spare.push(piece.fill(255));
      },
      async *[Symbol.asyncIterator]() {
        for (let i = 0; i < PIECES; i++) {
          let piece = spare.pop();
          if (piece === undefined) {
            made++;
            piece = new Uint8Array(SIZE);
          }
          yield piece.fill(i);
        }
      },
    };
    const received = await post(await echo(), body, PIECES * SIZE);
    expect(received.length).toBe(PIECES * SIZE);
    for (let i = 0; i < PIECES; i++)
      expect(received.subarray(i * SIZE, (i + 1) * SIZE).every((byte) => byte === i)).toBe(true);
    expect(made).toBeLessThan(4);
  });
});

describe("a body that is one text", () => {
  const text = (value: string): { taken: number; [TAKE](): string; [Symbol.asyncIterator](): never } => ({
    taken: 0,
    [TAKE]() {
      this.taken++;
      return value;
    },
    [Symbol.asyncIterator](): never {
      throw new Error("It is not iterated.");
    },
  });

  it("arrives as UTF-8, announced or not", async () => {
    const url = await echo();
    for (const value of ["plain", "größer ✓", ""]) {
      const bytes = new TextEncoder().encode(value);
      expect(await post(url, text(value), bytes.length)).toEqual(bytes);
      expect(await post(url, text(value))).toEqual(bytes);
    }
  });

  it("of another length than announced is not sent", async () => {
    const url = await echo();
    for (const [value, length] of [
      ["größer", 6],
      ["long", 3],
      ["short", 6],
    ] as const)
      await expect(post(url, text(value), length)).rejects.toMatchObject({ code: "ERR_CONTENT_LENGTH_MISMATCH" });
  });

  it("is not taken before a connection stands", async () => {
    const url = await echo();
    const [server] = open.splice(0);
    await new Promise((resolve) => server?.close(resolve));
    const body = text("never");
    await expect(post(url, body, 5)).rejects.toMatchObject({ code: "ECONNREFUSED", connected: false });
    expect(body.taken).toBe(0);
  });
});
