import { writeFileSync } from "node:fs";
import { chmod, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { asNobody, CAN_BE_NOBODY } from "../../test-support/as-nobody.js";
import { CAN_MOUNT, smallDisk } from "../../test-support/small-disk.js";
import { readJournal } from "../journal/journal.js";
import type { BatchEvent } from "../options.js";
import { bench, tally } from "./bench.js";

describe.skipIf(!CAN_MOUNT)("a disk for results, with the journal elsewhere,", () => {
  it("that is full ends the batch, and keeps the task for the next run", async () => {
    await using place = await bench();
    const paths = await place.images("a.png", "b.png");
    const journal = join(place.folder, "j.jsonl");
    await using disk = await smallDisk(place.out);
    disk.fill();
    const run = place.run(paths, { journal, concurrency: 1 });
    await expect(run).rejects.toMatchObject({ fault: "disk_full", path: join(place.out, "a.png") });
    expect(place.sandbox.counts.paid).toBe(1);
    disk.clear();
    expect(tally(await place.run(paths, { journal }))).toEqual({ done: 2 });
    expect(place.sandbox.counts.paid).toBe(2);
  });

  it("that becomes read-only ends the batch, and keeps the task for the next run", async () => {
    await using place = await bench();
    const paths = await place.images("a.png", "b.png");
    const journal = join(place.folder, "j.jsonl");
    await using disk = await smallDisk(place.out);
    const onEvent = ({ type }: BatchEvent): void => {
      if (type === "saving") disk.makeReadOnly();
    };
    await expect(place.run(paths, { journal, concurrency: 1, onEvent })).rejects.toMatchObject({
      fault: "journal_unwritable",
      path: place.out,
      summary: expect.stringMatching(/^Results can no longer be written: [^\n]*EROFS[^\n]*$/),
    });
    expect(place.sandbox.counts.paid).toBe(1);
  });
});

describe("where nothing can be written", () => {
  it.skipIf(!CAN_BE_NOBODY)("a read-only folder ends the batch before anything is sent", async () => {
    await using place = await bench();
    await mkdir(place.out);
    await chmod(place.out, 0o555);
    await chmod(place.folder, 0o755);
    await asNobody(() =>
      expect(place.run([place.a])).rejects.toMatchObject({
        fault: "journal_unwritable",
        message: expect.stringMatching(/read-only/),
      }),
    );
    expect(place.sandbox.counts.requests).toBe(0);
  });

  it.skipIf(!CAN_MOUNT)("a full disk stops the sending, and the batch continues when there is room", async () => {
    await using place = await bench();
    const paths = await place.images(...Array.from({ length: 12 }, (_, n) => `${n}.png`));
    await using _disk = await smallDisk(place.out);
    const ballast = join(place.out, "ballast");
    writeFileSync(ballast, Buffer.alloc(40 * 1024));
    const first = await collect(place.run.bind(place, paths, { concurrency: 2 }));
    expect(first).toMatchObject({ fault: "disk_full", message: expect.stringContaining("disk is full") });
    const { paid } = place.sandbox.counts;
    expect(paid).toBeLessThan(12);
    await rm(ballast);
    const second = tally(await place.run(paths));
    // Of what was paid only that may be unknown whose task could not be written down.
    expect((second.done ?? 0) + (second.skipped ?? 0) + (second.unknown ?? 0)).toBe(12);
    expect(place.sandbox.counts.paid).toBeLessThanOrEqual(12);
  });

  it.skipIf(!CAN_MOUNT)("a read-only file system is called so, also where the folder is still to be made", async () => {
    await using place = await bench();
    const paths = await place.images("a.png");
    await using _disk = await smallDisk(place.out, "size=64k,ro");
    for (const out of [place.out, join(place.out, "deep", "er")]) {
      const error = await collect(() => place.run(paths, { out }));
      expect(error).toMatchObject({ fault: "journal_unwritable", message: expect.stringContaining("EROFS") });
    }
    expect(place.sandbox.counts.requests).toBe(0);
  });

  it("a file or folder in its place is named", async () => {
    await using place = await bench();
    const paths = await place.images("a.png");
    await mkdir(place.journal, { recursive: true });
    const folder = { fault: "journal_unwritable", message: expect.stringMatching(/EISDIR/) };
    expect(await collect(() => place.run(paths))).toMatchObject(folder);
    await expect(readJournal(place.journal)).rejects.toMatchObject(folder);
    const file = {
      fault: "journal_unwritable",
      message: expect.stringMatching(/there is a file where its folder should be/),
    };
    for (const out of [paths[0] ?? "", join(paths[0] ?? "", "deep")])
      expect(await collect(() => place.run(paths, { out }))).toMatchObject(file);
    expect(place.sandbox.counts.requests).toBe(0);
  });
});

async function collect(run: () => Promise<unknown>): Promise<unknown> {
  try {
    return await run();
  } catch (error) {
    return error;
  }
}
