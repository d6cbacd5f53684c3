import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { loadDefault, requireEffectiveDocument } from "../../openapi/document/load.js";
import { operationsOf } from "../../openapi/document/operations.js";
import { isObject, type Json } from "../../openapi/document/types.js";

/** Of the default operation: what else is taken in may by chance use a name that stands here. */
const { vendored, overlays } = loadDefault();
const document = requireEffectiveDocument(vendored, overlays);
const operations = operationsOf(document);
const root = fileURLToPath(new URL("../", import.meta.url));

function* fieldNames(value: Json): Generator<string> {
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === "properties" && isObject(inner)) yield* Object.keys(inner).filter((name) => name.includes("_"));
    yield* fieldNames(inner);
  }
}

it("Only contract-tests/magnific/ names the provider, its operations, paths, schemas or fields", () => {
  const schemas = Object.keys(
    isObject(document.components) && isObject(document.components.schemas) ? document.components.schemas : {},
  );
  const names = [
    /magnific/i,
    ...[
      ...operations.flatMap(({ id, path }) => [id, path]),
      ...schemas.filter((name) => /[-_]/.test(name)),
      ...fieldNames(document),
    ].map((name) => new RegExp(`(?<![\\w-])${name.replace(/[^\w-]/g, "\\$&")}(?![\\w-])`)),
  ];
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter(
    (file) =>
      /\.(?:ts|mjs|yaml)$/.test(file) && !/^(?:magnific|lock)\//.test(file) && !file.endsWith("general.test.ts"),
  );
  const found = files.flatMap((file) => {
    const text = readFileSync(join(root, file), "utf8");
    return names.flatMap((name) => (name.test(text) ? [`${file}: ${name.exec(text)?.[0]}`] : []));
  });
  expect(found).toEqual([]);
});

it("Nothing in src/ names an operation of the provider, comments aside", () => {
  const src = fileURLToPath(new URL("../../src/", import.meta.url));
  const names = operations.flatMap(({ id, path }) => [id, path]);
  const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".ts") && !/(?:^|\/)(?:test|test-support)\//.test(file),
  );
  const found = files.flatMap((file) => {
    const code = readFileSync(join(src, file), "utf8").replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
    return names.filter((name) => code.includes(name)).map((name) => `${file}: ${name}`);
  });
  expect(found).toEqual([]);
});
