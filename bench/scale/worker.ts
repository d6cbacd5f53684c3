/** One step on the document in a file. Prints what it counted as JSON. */
import { readFileSync } from "node:fs";
import { Contract } from "../../contract-tests/contract.js";
import { runSuite } from "../../contract-tests/run/suite.js";
import { MockTarget } from "../../contract-tests/targets/mock.js";
import { MOCK_DEFECTS } from "../../contract-tests/targets/mock-defects.js";
import { parseYaml } from "../../openapi/document/yaml.js";
import { filesOf } from "../../scripts/generate/files.js";

const [step, file = ""] = process.argv.slice(2);
const text = readFileSync(file, "utf8");
const document = parseYaml(text, "scale.yaml");
console.log(JSON.stringify(step === "generate" ? (await filesOf(document)).size : await suite()));

async function suite(): Promise<Record<string, number>> {
  const contract = new Contract([{ name: "scale.yaml", text, document }], []);
  const { cases, operations } = contract;
  const tested = new Set(cases.map((one) => one.operation)).size;
  const counts = { cases: cases.length, operations: operations.length, tested };
  if (step === "cases") return counts;
  const target = await MockTarget.start(contract.document);
  const known = { findings: [], defects: MOCK_DEFECTS };
  const { results, violations } = await runSuite({ contract, target, known, before: [], foreignDocument: false });
  await target.close();
  const wrong = results.filter(({ outcome }) => outcome === "violates");
  for (const one of wrong.slice(0, 20)) console.error(one.case.id, one.violations[0]?.message);
  return { ...counts, wrong: violations.length + wrong.length };
}
