import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { emptyRoot, snapshot } from "../intake/test/roots.js";
import { writeAll } from "./write.js";

function tree(): string {
  const root = emptyRoot();
  mkdirSync(join(root, "openapi"));
  writeFileSync(join(root, "openapi", "a.yaml"), "old a");
  writeFileSync(join(root, "openapi", "b.yaml"), "old b");
  return root;
}
const FILES = new Map([
  ["openapi/a.yaml", "new a"],
  ["openapi/pages/deep/c.md", "new c"],
  ["openapi/b.yaml", null],
]);

describe("writeAll", () => {
  it("writes, makes folders, deletes, and leaves nothing else", () => {
    const root = tree();
    writeAll(root, FILES);
    expect(snapshot(root)).toEqual({ "openapi/a.yaml": "new a", "openapi/pages/deep/c.md": "new c" });
    expect(readdirSync(root)).toEqual(["openapi"]);
  });

  it("changes nothing when a file cannot be prepared, as on a full disk", () => {
    const root = tree();
    const before = snapshot(root);
    const unwritable = new Map([...FILES, ["openapi/c.yaml", { not: "text" } as unknown as string]]);
    expect(() => writeAll(root, unwritable)).toThrow(/^Nothing was changed: /);
    expect(snapshot(root)).toEqual(before);
    expect(readdirSync(root)).toEqual(["openapi"]);
  });

  it("says how to restore the files when it fails between two of them", () => {
    const root = tree();
    mkdirSync(join(root, "generated", "schema.ts"), { recursive: true });
    expect(() => writeAll(root, new Map([...FILES, ["generated/schema.ts", "new"]]))).toThrow(
      /Only some files were written: .*git checkout -- openapi generated/,
    );
    expect(snapshot(root)["openapi/a.yaml"]).toBe("new a");
  });
});
