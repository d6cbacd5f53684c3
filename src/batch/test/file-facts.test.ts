import { mkdtemp, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { factsOf, sameFacts, steadyImage, unchanged } from "../file-facts.js";

const facts = { size: 1, mtimeMs: 10, ctimeMs: 20 };

describe("equal facts", () => {
  it("are those of size and both times", () => {
    expect(sameFacts(facts, { ...facts })).toBe(true);
    for (const name of ["size", "mtimeMs", "ctimeMs"] as const)
      expect(sameFacts(facts, { ...facts, [name]: 99 })).toBe(false);
  });

  it("prove equal content from two seconds after the last change on", () => {
    for (const then of [facts, { size: 1, mtimeMs: 20, ctimeMs: 10 }]) {
      expect(unchanged(then, then, 2_021)).toBe(true);
      expect(unchanged(then, then, 2_020)).toBe(false);
      expect(unchanged({ ...then, size: 2 }, then, 9_999)).toBe(false);
    }
  });
});

describe("a steady image", () => {
  let folder = "";
  let path = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "magnific-facts-"));
    path = join(folder, "a.png");
    await writeFile(path, "12345");
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const read = async (meanwhile?: () => Promise<void>): Promise<string> => {
    const image = await steadyImage(path, await factsOf(path));
    expect(image).toMatchObject({ size: 5, name: "a.png", replayable: true });
    let text = "";
    for await (const chunk of image.open() as AsyncIterable<Uint8Array>) {
      text += Buffer.from(chunk).toString();
      await meanwhile?.();
    }
    return text;
  };
  const changed = () =>
    expect.objectContaining({
      fault: "source_changed",
      path,
      message: `${path} changed while it was read. Run the batch again.`,
    });

  it("has the facts that the system tells, and is read as it is", async () => {
    const { size, mtimeMs, ctimeMs } = await stat(path);
    expect(await factsOf(path)).toEqual({ size, mtimeMs, ctimeMs });
    expect(await read()).toBe("12345");
  });

  it("fails before its first byte when it changed since it was looked at", async () => {
    const image = await steadyImage(path, await factsOf(path));
    await utimes(path, new Date(0), new Date(0));
    await expect((image.open() as AsyncGenerator).next()).rejects.toEqual(changed());
  });

  it("fails at its end when it changed while it was read", async () => {
    await expect(read(() => utimes(path, new Date(0), new Date(0)))).rejects.toEqual(changed());
  });
});
