import { appendFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FileError } from "../../errors/file-error.js";
import { MagnificError } from "../../errors/magnific-error.js";
import { Magnific } from "../../index.js";
import { jobOf, placesOf } from "../context.js";
import { factsOf } from "../file-facts.js";
import { digestOf, lookedAt, orChanged } from "../source-digest.js";
import { bench } from "./bench.js";

const places = placesOf({ out: "/out", client: new Magnific({ apiKey: "key" }) });

describe("a look at a source", () => {
  it.each([
    ["/none/a.png", "ENOENT"],
    ["/a\0.png", "an unknown error"],
  ])("that cannot be had says why: %j", async (path, why) => {
    await expect(lookedAt(jobOf(places, path))).rejects.toEqual(
      new FileError(`${path} could not be opened: ${why}.`, { cause: expect.any(Error) }),
    );
  });
});

describe("the digest of a source", () => {
  it("ends with the signal, and is none of what is no image", async () => {
    await using place = await bench();
    const [a = "", b = ""] = await place.images("a.png", "b.png");
    await writeFile(b, "no image");
    const digest = async (path: string, signal?: AbortSignal) => {
      const job = jobOf(places, path);
      return digestOf(place, job, await lookedAt(job), signal);
    };
    expect(await digest(a)).toMatch(/^[\da-f]{64}$/);
    await expect(digest(a, AbortSignal.abort())).rejects.toMatchObject({ code: "aborted" });
    await expect(digest(b)).rejects.toMatchObject({ code: "invalid_request" });
  });

  it("is none of a source that changed since it was looked at", async () => {
    await using place = await bench();
    const [a = ""] = await place.images("a.png");
    const job = jobOf(places, { path: a, as: "mine.png" });
    const facts = await lookedAt(job);
    await appendFile(a, "x");
    await expect(digestOf(place, job, facts)).rejects.toMatchObject({
      fault: "source_changed",
      path: a,
      message: "mine.png changed while it was read. Run the batch again when it is whole.",
      cause: { code: "image_unreadable" },
    });
  });
});

describe("an error of a read", () => {
  const facts = { submission: "not_sent", taskId: "t", digest: "d" } as const;
  const unread = new MagnificError("image_unreadable", "It failed.", facts);

  it("stays what it is while the source is as it was, or where it is another error", async () => {
    await using place = await bench();
    const [a = ""] = await place.images("a.png");
    const job = jobOf(places, a);
    const now = await factsOf(a);
    expect(await orChanged(unread, job, now)).toBe(unread);
    await rm(a);
    for (const other of [new Error("x"), new MagnificError("timeout", "x", facts), "x", undefined])
      expect(await orChanged(other, job, now)).toBe(other);
  });

  it("is that the source changed where it did, or is gone, with all that was known", async () => {
    await using place = await bench();
    const [a = ""] = await place.images("a.png");
    const job = jobOf(places, a);
    const then = await factsOf(a);
    const changed = { ...facts, code: "batch_failed", fault: "source_changed", path: a, cause: unread };
    await appendFile(a, "x");
    expect(await orChanged(unread, job, then)).toMatchObject(changed);
    await rm(a);
    expect(await orChanged(unread, job, then)).toMatchObject(changed);
    expect(await orChanged(unread, jobOf(places, join(place.folder, "none")), then)).toMatchObject({
      fault: "source_changed",
    });
  });
});
