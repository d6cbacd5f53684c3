/** One step on a document of some size, in a process of its own, so that its memory can be told. Prints JSON. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Document } from "yaml";
import { Contract } from "../../contract-tests/contract.js";
import { parseYaml } from "../../scripts/document/yaml.js";
import { filesOf } from "../../scripts/generate/files.js";
import { diffDocuments } from "../../scripts/vendor/diff/diff.js";
import { structureFaults } from "../../scripts/vendor/structure.js";
import { typeErrors } from "../../scripts/vendor/type-check.js";
import { FULL_SIZE, partOf, scaleDocument } from "./document.js";

const [step = "", part = "1", folder = "."] = process.argv.slice(2);
const file = join(folder, `document-${part}.yaml`);
const started = performance.now();
const found = await measured();
const milliseconds = performance.now() - started;
console.log(JSON.stringify({ milliseconds, peak: process.resourceUsage().maxRSS * 1024, ...found }));

async function measured(): Promise<Record<string, number>> {
  if (step === "make") {
    const document = scaleDocument(1, partOf(FULL_SIZE, Number(part)));
    const text = new Document(document, { aliasDuplicateObjects: false }).toString();
    writeFileSync(file, text);
    return { bytes: text.length };
  }
  const text = readFileSync(file, "utf8");
  const document = parseYaml(text, "scale.yaml");
  switch (step) {
    case "read": {
      const faults = structureFaults(document);
      if (faults.length > 0) throw new Error(faults.join("\n"));
      const paths = Object.values(document.paths as Record<string, Record<string, unknown>>);
      return { operations: paths.flatMap((item) => Object.keys(item).filter((key) => key !== "parameters")).length };
    }
    case "compare": {
      const other = parseYaml(text.replaceAll("maximum: 100", "maximum: 90"), "scale.yaml");
      return { changes: diffDocuments(document, other).changes.length };
    }
    case "generate": {
      const files = await filesOf(document);
      return { bytes: [...files.values()].reduce((sum, each) => sum + each.length, 0) };
    }
    case "types": {
      const { generated } = typeErrors(folder, await filesOf(document));
      return { errors: generated.length };
    }
    case "cases":
      return { cases: new Contract([{ name: "scale.yaml", text, document }], []).cases.length };
    default:
      throw new Error(`There is no step "${step}".`);
  }
}
