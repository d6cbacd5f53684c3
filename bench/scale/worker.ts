/** One step on a document of some size, in a process of its own, so that its memory can be told. Prints JSON. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Document } from "yaml";
import { Contract } from "../../contract-tests/contract.js";
import { runCases } from "../../contract-tests/run/run.js";
import { MockTarget } from "../../contract-tests/targets/mock.js";
import { slicesOf } from "../../scripts/document/slice.js";
import type { JsonObject } from "../../scripts/document/types.js";
import { parseYaml } from "../../scripts/document/yaml.js";
import { filesOf } from "../../scripts/generate/files.js";
import { diffDocuments } from "../../scripts/vendor/diff/diff.js";
import { structureFaults } from "../../scripts/vendor/structure.js";
import { typeErrors } from "../../scripts/vendor/type-check.js";
import { FULL_SIZE, partOf, scaleDocument } from "./document.js";

const PATHS_IN_A_SLICE = 16;

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
    case "contract":
      return await contract(document);
    default:
      throw new Error(`There is no step "${step}".`);
  }
}

/** Every case against the mock, which gets the document in slices: the time it takes for a request grows with its size. */
async function contract(document: JsonObject): Promise<Record<string, number>> {
  const counts = { cases: 0, conforms: 0, violates: 0, untestable: 0, slices: 0 };
  for (const slice of slicesOf(document, PATHS_IN_A_SLICE)) {
    const part = new Contract([{ name: "scale.yaml", text: JSON.stringify(slice), document: slice }], []);
    const target = await MockTarget.start(part.document);
    try {
      for (const { outcome } of await runCases(part, part.cases, target)) {
        counts.cases++;
        if (outcome === "conforms" || outcome === "violates" || outcome === "untestable") counts[outcome]++;
      }
    } finally {
      await target.close();
    }
    counts.slices++;
  }
  return counts;
}
