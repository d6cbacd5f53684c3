import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { tempFolder } from "../../test-support/temp-folder.js";
import { isDiskFull } from "../error-code.js";
import { writeFileAtomically } from "../output.js";
import { placeFile } from "../place-file.js";

function folder(): string {
  const path = tempFolder("magnific-output-");
  return path;
}

/** A file system on which linking fails, as on FAT. */
function withoutLinks(replaced: object = {}): void {
  const builtin = process.getBuiltinModule.bind(process) as (name: string) => object;
  const link = () => Promise.reject(Object.assign(new Error("no links"), { code: "EPERM" }));
  vi.spyOn(process, "getBuiltinModule").mockImplementation(((name: string) =>
    name === "node:fs/promises" ? { ...builtin(name), link, ...replaced } : builtin(name)) as never);
  onTestFinished(() => void vi.restoreAllMocks());
}

describe.each([true, false])("a finished file, on a file system with links: %s,", (links) => {
  it("gets its name from exactly one of many that want it, and replaces nothing", async () => {
    const here = folder();
    if (!links) withoutLinks();
    const drafts = Array.from({ length: 10 }, (_, n) => join(here, `draft-${n}`));
    for (const draft of drafts) writeFileSync(draft, draft);
    const placed = await Promise.all(drafts.map((draft) => placeFile(draft, join(here, "name"), false)));
    expect(placed.filter(Boolean)).toHaveLength(1);
    expect(readFileSync(join(here, "name"), "utf8")).toBe(drafts[placed.indexOf(true)]);
    expect(readdirSync(here)).toHaveLength(10);
  });

  it("replaces another where it may, and leaves no draft", async () => {
    const here = folder();
    const name = join(here, "name");
    if (!links) withoutLinks();
    writeFileSync(name, "old");
    expect([await writeFileAtomically(name, "new", false), readFileSync(name, "utf8")]).toEqual([false, "old"]);
    expect([await writeFileAtomically(name, "new", true), readFileSync(name, "utf8")]).toEqual([true, "new"]);
    await expect(writeFileAtomically(join(here, "missing", "x"), "", true)).rejects.toMatchObject({ code: "ENOENT" });
    expect(readdirSync(here)).toEqual(["name"]);
  });
});

it("a name that was claimed is given back when the file cannot be moved to it", async () => {
  const here = folder();
  writeFileSync(join(here, "draft"), "");
  withoutLinks({ rename: () => Promise.reject(Object.assign(new Error("full"), { code: "ENOSPC" })) });
  const error = await placeFile(join(here, "draft"), join(here, "name"), false).catch((thrown: unknown) => thrown);
  const found = [error, new Error("of", { cause: error }), "ENOSPC"].map(isDiskFull);
  expect(found).toEqual([true, true, false]);
  expect(readdirSync(here)).toEqual(["draft"]);
});
