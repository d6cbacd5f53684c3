import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { parseYaml } from "../../openapi/document/yaml.js";
import { tempFolder } from "../../src/test-support/temp-folder.js";
import { typeErrors } from "../intake/type-check.js";
import { filesOf } from "./files.js";

const fixture = (name: string) => readFileSync(join(import.meta.dirname, "constructs", name), "utf8");
const USES = fixture("uses.ts.txt");
const folder = tempFolder("constructs-");

let files: ReadonlyMap<string, string>;
let validators: Record<string, (value: unknown) => boolean>;
beforeAll(async () => {
  files = await filesOf(parseYaml(fixture("document.yaml"), "constructs.yaml"));
  writeFileSync(join(folder, "validators.mjs"), files.get("validators.js") ?? "");
  validators = await import(pathToFileURL(join(folder, "validators.mjs")).href);
});

describe("the types of every construct", () => {
  it("compile, for each validator too, and say what they should", () => {
    const values = /export const (\w+)(?=: [^\n]*= \["yes", "'no'"\])/.exec(files.get("schema.ts") ?? "")?.[1];
    expect(values).toBeDefined();
    const uses = USES.replaceAll("choose2xValues", values ?? "");
    expect(typeErrors(folder, new Map([...files, ["../uses.ts", uses]])).generated).toEqual([]);
  });

  it("would not compile with one word wrong: the check is on", () => {
    const wrong = USES.replace('state: "on"', 'state: "onn"');
    const { generated } = typeErrors(folder, new Map([...files, ["../uses.ts", wrong]]));
    expect(generated.join("\n")).toMatch(/uses\.ts:\d+ Type '"onn"' is not assignable/);
  });
});

const TASK = { id: "1", state: "on", size: null, parent: null };
const FILE = { file: new Blob(["x"]) };
const STRAY_QUOTES = ["'square_1_1", 'wide"', "it's", "back\\slash", "new\nline"];
type Row = readonly [what: string, validator: string, good: readonly unknown[], bad: readonly unknown[]];
const ROWS: readonly Row[] = [
  ["an operation without an operationId", "getV1AnonymousTaskIdResponse202", [TASK], [{ state: "on" }]],
  ["the default response", "getV1AnonymousTaskIdResponsedefault", [{ message: "" }], [{ message: 1 }]],
  ["a range of statuses", "chooseResponse2XX", [[TASK]], [[{}]]],
  ["a shared response", "sharedResponse400", [TASK], [{}]],
  [
    "null with enum and with allOf",
    "postBy_hyphenRequest",
    [TASK],
    [
      { ...TASK, size: "medium" },
      { ...TASK, parent: {} },
    ],
  ],
  [
    "null with enum and with allOf, closed",
    "postBy_hyphenRequestClosed",
    [{ ...TASK, parent: { id: "2" } }],
    [
      { id: "1", parent: { id: "2", more: 1 } },
      { id: "1", more: 1 },
    ],
  ],
  ["a choice at the top of a body", "chooseRequest", [{ image: "x" }], [{}]],
  [
    "a closed choice",
    "chooseRequestClosed",
    [{ url: "x", "2x": "'no'" }],
    [
      { url: "x", "2x": "no" },
      { url: "x", more: 1 },
    ],
  ],
  ["a form", "sendFormRequestXWwwFormUrlencoded", [{ name: "x" }], [{ name: "" }]],
  ["a form with a Blob where octets are", "uploadRequestMultipartFormData", [FILE], [{}]],
  ["a closed form", "uploadRequestMultipartFormDataClosed", [FILE], [{ ...FILE, more: "x" }]],
  ["stray quotes, which are part of the value", "sharedRequest", STRAY_QUOTES, ["square_1_1"]],
  ["a media type", "searchResponse200", [{}], [1]],
  ["the same media type but for a parameter", "searchResponse2002", [{}], [[]]],
];

describe("the validator of every construct", () => {
  for (const [what, name, good, bad] of ROWS)
    it(`accepts and refuses the right values: ${what}`, () => {
      expect(Object.keys(validators)).toContain(name);
      expect(good.filter((value) => !validators[name]?.(value))).toEqual([]);
      expect(bad.filter((value) => validators[name]?.(value))).toEqual([]);
    });
});
