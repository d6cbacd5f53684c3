/** One step on a document of some size, in a process of its own, so that its memory can be told. Prints JSON. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text as textOf } from "node:stream/consumers";
import { Document } from "yaml";
import { Contract } from "../../contract-tests/contract.js";
import { MOCK_DEFECTS } from "../../contract-tests/known/known.js";
import { runSuite } from "../../contract-tests/run/suite.js";
import { SlicedMock, startMock } from "../../contract-tests/targets/sliced-mock.js";
import { ROOT } from "../../openapi/document/load.js";
import type { JsonObject } from "../../openapi/document/types.js";
import { parseYaml } from "../../openapi/document/yaml.js";
import { filesOf } from "../../scripts/generate/files.js";
import { diffDocuments } from "../../scripts/intake/diff/diff.js";
import { lint } from "../../scripts/intake/lint.js";
import { typeErrors } from "../../scripts/intake/type-check.js";
import { costMeter } from "./cost.js";
import { FULL_SIZE, partOf, scaleDocument } from "./document.js";

const MOST_SHOWN = 20;

const [step = "", part = "1", folder = "."] = process.argv.slice(2);
const file = join(folder, `document-${part}.yaml`);
const started = performance.now();
const cost = costMeter();
const found = await measured();
const milliseconds = performance.now() - started;
console.log(JSON.stringify({ milliseconds, ...cost(), ...found }));

async function measured(): Promise<Record<string, number>> {
  if (step === "make") {
    const document = scaleDocument(1, partOf(FULL_SIZE, Number(part)));
    const text = new Document(document, { aliasDuplicateObjects: false }).toString();
    writeFileSync(file, text);
    return { bytes: text.length };
  }
  if (step === "vendor") return await vendor();
  const text = readFileSync(file, "utf8");
  const document = parseYaml(text, "scale.yaml");
  switch (step) {
    case "read": {
      await lint(document, "scale.yaml");
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
      return casesOf(new Contract([{ name: "scale.yaml", text, document }], []));
    case "contract":
      return await contract(text, document);
    default:
      throw new Error(`There is no step "${step}".`);
  }
}

function casesOf({ cases, operations }: Contract): Record<string, number> {
  const met = new Set(cases.map((one) => one.operation));
  return { cases: cases.length, operations: operations.length, met: operations.filter(({ id }) => met.has(id)).length };
}

/** The command itself, into an empty folder: lint, types and contract cases among it. */
async function vendor(): Promise<Record<string, number>> {
  const root = join(folder, `root-${part}`);
  mkdirSync(join(root, "openapi"), { recursive: true });
  mkdirSync(join(root, "contract-tests", "lock"), { recursive: true });
  const program = join(ROOT, "scripts", "vendor.ts");
  const child = spawn(process.execPath, ["--import", "tsx", program, file, "--root", root, "--json"], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(child, "close");
  const [json, said] = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  const [code] = (await ended) as [number | null];
  if (code !== 0) throw new Error(said);
  const { files } = JSON.parse(json) as { readonly files: readonly string[] };
  return { files: files.length };
}

/** A whole run against the mock, as `npm run contract` makes it. */
async function contract(text: string, document: JsonObject): Promise<Record<string, number>> {
  const whole = new Contract([{ name: "scale.yaml", text, document }], []);
  const target = await startMock(whole.document);
  try {
    const known = { findings: [], defects: MOCK_DEFECTS };
    const report = await runSuite({ contract: whole, target, known, before: [], foreignDocument: false });
    const counts = { conforms: 0, violates: 0, known: 0, untestable: 0 };
    for (const { outcome } of report.results) counts[outcome]++;
    const wrong = report.results.filter((each) => each.outcome === "violates");
    const lines = [
      ...report.violations.map(({ message }) => message),
      ...wrong.map((each) => `${each.case.id}: ${each.violations.map(({ message }) => message).join("; ")}`),
    ];
    for (const line of lines.slice(0, MOST_SHOWN)) console.error(line);
    if (lines.length > MOST_SHOWN) console.error(`and ${lines.length - MOST_SHOWN} more`);
    return {
      cases: report.results.length,
      ...counts,
      others: report.violations.length,
      slices: target instanceof SlicedMock ? target.slices : 1,
    };
  } finally {
    await target.close();
  }
}
