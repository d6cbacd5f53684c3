import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { ROOT } from "../../openapi/document/load.js";
import { documentedOptions } from "./documented.js";
import { testedOptions } from "./tested.js";

const folder = mkdtempSync(join(tmpdir(), "options-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("documentedOptions", () => {
  it("lists the members of every exported interface of options, inherited ones by their owner", () => {
    writeFileSync(join(folder, "tsconfig.json"), "{}");
    writeFileSync(
      join(folder, "index.ts"),
      `interface Hooks {
         /** Said. */
         onRequest?: () => void;
       }
       export interface ClientOptions extends Hooks {
         /** Said. */
         key?: string;
         unsaid?: number;
       }
       export interface Task {
         id: string;
       }`,
    );
    const options = documentedOptions(folder, ["index.ts"]);
    const found = options.map(({ owner, name, documented }) => [owner, name, documented]);
    const [key] = options;
    expect([key?.type, key?.comment]).toEqual(["string", "Said."]);
    expect(found).toEqual([
      ["ClientOptions", "key", true],
      ["ClientOptions", "unsaid", false],
      ["Hooks", "onRequest", true],
    ]);
  });
});

describe("testedOptions", () => {
  it("reads titles where the file says whose options they are, and markers that name one", () => {
    const titles = `// @tests AOptions, BOptions\nit("key: does", f); it("min and max: do", f); it("no option", f); describe("x: y", f);`;
    const each = ["AOptions", "BOptions"].flatMap((owner) => ["key", "min", "max"].map((name) => `${owner}.${name}`));
    expect(testedOptions("a.test.ts", titles)).toEqual(each);
    expect(testedOptions("b.test.ts", `  // @tests sandbox/COptions.key\n  it("does", f);`)).toEqual([
      "sandbox/COptions.key",
    ]);
    expect(testedOptions("c.test.ts", `it("key: does", f);`)).toEqual([]);
  });
});

it("every option of the package has a test and a word of documentation", () => {
  const run = spawnSync(process.execPath, ["--import", "tsx", "scripts/check-options.ts"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  expect(run.stdout).toMatch(/^\d+ options, 0 without a test, 0 without documentation\.\n$/);
  expect(run.status).toBe(0);
}, 120_000);
