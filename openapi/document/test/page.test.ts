import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sha256 } from "../hash.js";
import { loadVendored, OPENAPI_DIR } from "../load.js";
import { lockEntry, readLock } from "../lock.js";
import { documentOfPage } from "../page.js";
import { parseYaml } from "../yaml.js";

const lock = readLock(OPENAPI_DIR);

describe("the vendored documents", () => {
  it("are each in the lock, and the lock names no other", () => {
    expect(Object.keys(lock).sort()).toEqual(
      loadVendored()
        .map(({ name }) => name)
        .sort(),
    );
  });

  for (const { name, text } of loadVendored()) {
    it(`are as they came: page, document and lock of ${name} agree byte for byte`, () => {
      const entry = lock[name];
      // A plain document is its own page.
      const plain = entry?.form === "document";
      const page = readFileSync(join(OPENAPI_DIR, plain ? name : join("pages", name.replace(/\.yaml$/, ".md"))));
      expect(sha256(page)).toBe(entry?.page_sha256);
      expect(text).toBe(plain ? page.toString() : documentOfPage(page.toString()).text);
      expect(Buffer.from(text).equals(readFileSync(join(OPENAPI_DIR, name)))).toBe(true);
      const made = lockEntry(entry?.source ?? "", page, text, parseYaml(text, name), entry?.date ?? "");
      expect(entry).toMatchObject(made);
    });
  }
});

describe("documentOfPage", () => {
  it("takes the text between the fences with its blank last line, and shorter fences as part of it", () => {
    const text = "openapi: 3.0.0\ninfo: |\n```\nx\n```\npaths: {}\n\n";
    const page = `# Title\n\n\`\`\`yaml\nkey: value\n\`\`\`\n\n\`\`\`\`yaml post /v1/x\n${text}\`\`\`\`\n\nText.\n`;
    expect(documentOfPage(page)).toEqual({ operation: "post /v1/x", text });
  });
});

describe("parseYaml", () => {
  it("gives each alias a copy of its own", () => {
    const value = parseYaml("a: &x {n: 1}\nb: *x", "x");
    expect(value.a).toEqual(value.b);
    expect(value.a).not.toBe(value.b);
  });

  it("takes an alias for the last anchor before it", () => {
    expect(parseYaml("a: &x 1\nb: &y {c: &x 2}\nd: &x 3\ne: *y\nf: *x", "x")).toMatchObject({ e: { c: 2 }, f: 3 });
    expect(() => parseYaml("a: *x\nb: &x 1", "f.yaml")).toThrow(/alias/i);
  });

  it("keeps keys as they are written, and refuses one that is there twice in another spelling", () => {
    const keys = { "200": "a", "1.0": "b", null: "c", true: "d" };
    expect(parseYaml("200: a\n1.0: b\nnull: c\ntrue: d", "x")).toEqual(keys);
    expect(() => parseYaml('200: a\n"200": b', "f.yaml")).toThrow(/f\.yaml: .*"200" at line 2 is there twice/);
    expect(() => parseYaml("- 1", "f.yaml")).toThrow(/f\.yaml: expected a mapping/);
  });

  it("takes many keys in one mapping, and many uses of one anchor, in a time that grows with them", () => {
    const keys = Array.from({ length: 20_000 }, (_, index) => `k${index}: 1`).join("\n");
    expect(Object.keys(parseYaml(keys, "x"))).toHaveLength(20_000);
    expect(parseYaml(`a: &a {n: 1}\nlist:\n${"  - *a\n".repeat(5000)}`, "x").list).toHaveLength(5000);
  });
});
