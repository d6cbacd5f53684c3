import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { intakeOf } from "../../../scripts/intake/intake.js";
import { sha256 } from "../hash.js";
import { loadVendored, OPENAPI_DIR } from "../load.js";
import { type Lock, lockEntry } from "../lock.js";
import { documentOfPage } from "../page.js";
import { parseYaml } from "../yaml.js";

const lock = JSON.parse(readFileSync(join(OPENAPI_DIR, "vendor.lock.json"), "utf8")) as Lock;

describe("the vendored documents", () => {
  it("are each in the lock, and the lock names no other", () => {
    expect(Object.keys(lock).sort()).toEqual(
      loadVendored()
        .map((vendored) => vendored.name)
        .sort(),
    );
  });

  for (const { name, text } of loadVendored()) {
    const entry = lock[name];
    // A plain document is its own page; one of the older form of pages was converted.
    const path = join(OPENAPI_DIR, entry?.form === "document" ? name : join("pages", name.replace(/\.yaml$/, ".md")));
    const page = readFileSync(path);

    it(`${name}: the page is byte for byte the one that was taken in`, () => {
      expect(sha256(page)).toBe(entry?.page_sha256);
    });

    it(`${name}: the document is byte for byte the text inside the page's fence`, () => {
      const source = { bytes: page, ending: entry?.form === "document" ? ".yaml" : ".md" };
      expect(text).toBe(intakeOf(source, name).text);
      expect(Buffer.from(text).equals(readFileSync(join(OPENAPI_DIR, name)))).toBe(true);
    });

    it(`${name}: the lock's hashes are those of page and document`, () => {
      expect(entry).toBeDefined();
      const raw = parseYaml(text, name);
      expect(entry).toMatchObject(lockEntry(entry?.source ?? "", page, text, raw, entry?.date ?? ""));
    });
  }
});

describe("documentOfPage", () => {
  const page = (fence: string, info = "yaml post /v1/x") =>
    `# Title\n\n${fence}${info}\nopenapi: 3.0.0\npaths: {}\n\n${fence}\n\nText.\n`;

  it("takes the text between the fences, its blank last line included", () => {
    expect(documentOfPage(page("````"))).toEqual({ operation: "post /v1/x", text: "openapi: 3.0.0\npaths: {}\n\n" });
    expect(documentOfPage(page("```")).text).toBe("openapi: 3.0.0\npaths: {}\n\n");
  });

  it("passes over shorter fences inside the document and YAML fences that hold no document", () => {
    const text = "````yaml get /a\nopenapi: 3.0.0\ninfo: |\n```\nx\n```\n````\n";
    expect(documentOfPage(`\`\`\`yaml\nkey: value\n\`\`\`\n${text}`).text).toBe(
      "openapi: 3.0.0\ninfo: |\n```\nx\n```\n",
    );
  });

  it("refuses a page without a document, with two, or cut off", () => {
    expect(() => documentOfPage("# Only prose\n")).toThrow(/no OpenAPI document/);
    expect(() => documentOfPage(page("```") + page("```"))).toThrow(/2 OpenAPI documents/);
    expect(() => documentOfPage("````yaml get /a\nopenapi: 3.0.0\n")).toThrow(/never closed/);
  });
});

describe("parseYaml", () => {
  it("reads by the core schema: no dates, no yes/no", () => {
    expect(parseYaml("a: 2024-01-01\nb: no\nc: 1", "x")).toEqual({ a: "2024-01-01", b: "no", c: 1 });
  });

  it("gives each alias a copy of its own", () => {
    const value = parseYaml("a: &x {n: 1}\nb: *x", "x");
    expect(value.a).toEqual(value.b);
    expect(value.a).not.toBe(value.b);
  });

  it("keeps keys as they are written, and refuses one that is there twice in another spelling", () => {
    expect(parseYaml("200: a\n1.0: b\nnull: c\ntrue: d", "x")).toEqual({
      "200": "a",
      "1.0": "b",
      null: "c",
      true: "d",
    });
    expect(() => parseYaml('200: a\n"200": b', "f.yaml")).toThrow(/"200" at line 2 is there twice/);
  });

  it("takes many keys in one mapping, and many uses of one anchor, in a time that grows with them", () => {
    const keys = Array.from({ length: 20_000 }, (_, index) => `k${index}: 1`).join("\n");
    expect(Object.keys(parseYaml(keys, "x"))).toHaveLength(20_000);
    const uses = `a: &a {n: 1}\nlist:\n${"  - *a\n".repeat(5000)}`;
    expect(parseYaml(uses, "x").list).toHaveLength(5000);
  });

  it("names the file for duplicate keys, broken syntax, alias bombs and what is no mapping", () => {
    expect(() => parseYaml("a: 1\na: 2", "f.yaml")).toThrow(/f\.yaml: .*unique/s);
    expect(() => parseYaml("a: [", "f.yaml")).toThrow(/f\.yaml/);
    expect(() => parseYaml("- 1", "f.yaml")).toThrow(/f\.yaml: expected a mapping/);
    const bomb = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
    for (let level = 1; level < 8; level++)
      bomb.push(
        `a${level}: &a${level} [${Array(10)
          .fill(`*a${level - 1}`)
          .join(", ")}]`,
      );
    expect(() => parseYaml(bomb.join("\n"), "f.yaml")).toThrow(/alias/i);
  });
});
