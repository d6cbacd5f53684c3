import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { JOURNAL_NAME } from "../../batch/job.js";
import { asNobody, CAN_BE_NOBODY } from "../../test-support/as-nobody.js";
import { UsageError } from "../exit.js";
import { inputsOf } from "../inputs.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "magnific-inputs-"));
  await chmod(folder, 0o755);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function files(...names: string[]): Promise<void> {
  for (const name of names) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), "");
  }
}

async function found(arg: string, out = "out"): Promise<string[]> {
  await using inputs = await inputsOf([join(folder, arg)], join(folder, out));
  return inputs.files.map(({ path }) => relative(folder, path));
}

it("passes by the results of other batches, unless their folder is named", async () => {
  await files("photos/a.png", "photos/big/a.png", `photos/big/${JOURNAL_NAME}`, "photos/sub/b.jpg");
  expect(await found("photos")).toEqual(["photos/a.png", "photos/sub/b.jpg"]);
  expect(await found("photos/**/*.png")).toEqual(["photos/a.png"]);
  expect(await found("photos/big")).toEqual(["photos/big/a.png"]);
  expect(await found("photos", "photos/sub")).toEqual(["photos/a.png"]);
});

it("refuses a folder whose results would be its sources", async () => {
  await files("photos/a.png");
  await expect(found("photos", "photos")).rejects.toThrow(UsageError);
});

it.skipIf(!CAN_BE_NOBODY)("leaves no folder out in silence, and looks into no other than it must", async () => {
  await files("photos/a.png", "photos/closed/b.png");
  await chmod(join(folder, "photos/closed"), 0);
  await asNobody(async () => {
    await expect(found("photos")).rejects.toThrow(/closed cannot be read \(EACCES\)/);
    expect(await found("photos/*.png")).toEqual(["photos/a.png"]);
  });
});
