import { expect, it } from "vitest";
import { Flowing, Gathering } from "../incoming.js";

it("what flows says when there is enough, asks for more, and ends", async () => {
  let asked = 0;
  const flowing = new Flowing(() => void asked++);
  expect(flowing.push(new Uint8Array(10))).toBe(true);
  expect(flowing.push(new Uint8Array(1_000_000))).toBe(false);
  expect(asked).toBe(0);
  flowing.end();
  let bytes = 0;
  for await (const chunk of flowing.stream) bytes += (chunk as Uint8Array).length;
  expect(bytes).toBe(1_000_010);
  const waiting = new Flowing(() => void asked++);
  waiting.stream.read();
  expect(asked).toBeGreaterThan(0);
  waiting.stream.destroy();
});

it.each<[unknown, string]>([
  [new Error("reset"), "reset"],
  ["text", "text"],
])("what flows fails with %s", async (reason, message) => {
  const flowing = new Flowing(() => {});
  flowing.fail(reason);
  const error = await new Promise((resolve) => flowing.stream.once("error", resolve));
  expect(error).toBeInstanceOf(Error);
  expect((error as Error).message).toBe(message);
  if (reason instanceof Error) expect(error).toBe(reason);
});

it.each([[[]], [["one"]], [["one", "two"]], [["one", "two", "three", "four"]]])(
  "what is gathered is whole: %j",
  async (pieces) => {
    const gathering = new Gathering();
    for (const piece of pieces) expect(gathering.push(Buffer.from(piece))).toBe(true);
    gathering.end();
    expect(Buffer.from(await gathering.whole).toString()).toBe(pieces.join(""));
  },
);

it("what is gathered fails as it is told", async () => {
  const gathering = new Gathering();
  gathering.push(CHUNK);
  const reason = new Error("reset");
  gathering.fail(reason);
  await expect(gathering.whole).rejects.toBe(reason);
});

const CHUNK = Uint8Array.of(1);
