/** What a program loads at its start does not grow with the documents that it does not use. */
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { scaleDocument } from "../../bench/scale/document.js";
import { effectiveDocuments, loadDefault, ownersOf, ROOT } from "../../openapi/document/load.js";
import type { NamedDocument } from "../../openapi/document/merge.js";
import { tempFolder } from "../../src/test-support/temp-folder.js";
import { allFiles } from "../generate/files.js";
import { loadedBy } from "./measure.js";

// All that the provider has; the short form shows the same.
const OPERATIONS = process.env.LONG_TESTS ? 436 : 40;

it(`a program that submits once starts with the same modules when ${OPERATIONS} operations of another document are generated`, async () => {
  const copy = tempFolder("further-");
  cpSync(join(ROOT, "src"), join(copy, "src"), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
  const program = join(copy, "program.ts");
  writeFileSync(program, 'import { Magnific } from "./src/index.js"; await new Magnific().submit({ image: "AAAA" });');
  const { vendored, overlays } = loadDefault();
  const { documents } = effectiveDocuments(vendored, overlays);
  const generate = async (...further: readonly NamedDocument[]) => {
    const files = await allFiles([...documents, ...further], ownersOf(vendored));
    for (const [name, text] of files) {
      mkdirSync(dirname(join(copy, "generated", name)), { recursive: true });
      writeFileSync(join(copy, "generated", name), text);
    }
    return files;
  };
  await generate();
  const alone = await loadedBy(program);
  // The intake would refuse the undefined response among the flaws of that document.
  const text = JSON.stringify(scaleDocument(OPERATIONS)).replaceAll(
    /\{"\$ref":"[^"]*undefined"\}/g,
    '{"description":""}',
  );
  const files = await generate({ name: "further.yaml", document: JSON.parse(text) });
  const loaded = await loadedBy(program);
  expect(files.get("index.ts")?.match(/import\(/g)?.length).toBeGreaterThan(OPERATIONS / 5);
  expect(loaded.flatMap(({ moduleIds }) => moduleIds)).toEqual(alone.flatMap(({ moduleIds }) => moduleIds));
  const size = (chunks: typeof loaded) => chunks.reduce((sum, { code }) => sum + code.length, 0);
  expect(Math.abs(size(loaded) - size(alone))).toBeLessThan(16);
});
