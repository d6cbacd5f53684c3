/**
 * One step: `document <operations>` prints the document of the comparison; `generate`, `cases` and `contract` work on the
 * `openapi/` of this folder, as `npm run vendor` left it, and print what they counted as JSON.
 */
import { stringify } from "yaml";
import { Contract } from "../../contract-tests/contract.js";
import { KNOWN_FINDINGS } from "../../contract-tests/magnific/known-findings.js";
import { runSuite } from "../../contract-tests/run/suite.js";
import { MockTarget } from "../../contract-tests/targets/mock.js";
import { MOCK_DEFECTS } from "../../contract-tests/targets/mock-defects.js";
import { effectiveDocument, loadOverlays, loadVendored } from "../../openapi/document/load.js";
import { filesOf } from "../../scripts/generate/files.js";
import { CUT, scaleDocument } from "./document.js";

const [step, operations] = process.argv.slice(2);
if (step === "document")
  process.stdout.write(stringify(scaleDocument(Number(operations)), { aliasDuplicateObjects: false }));
else console.log(JSON.stringify(step === "generate" ? await generate() : await suite()));

async function generate(): Promise<number> {
  return (await filesOf(effectiveDocument(loadVendored("openapi"), loadOverlays("openapi")).document)).size;
}

async function suite(): Promise<Record<string, number>> {
  const contract = new Contract(loadVendored("openapi"), loadOverlays("openapi"));
  const { cases, operations } = contract;
  const tested = new Set(cases.map((one) => one.operation)).size;
  const counts = { cases: cases.length, operations: operations.length, tested };
  if (step === "cases") return counts;
  const target = await MockTarget.start(contract.document);
  const known = { findings: [...KNOWN_FINDINGS, CUT], defects: MOCK_DEFECTS };
  const { results, violations } = await runSuite({ contract, target, known, before: [], foreignDocument: false });
  await target.close();
  const wrong = results.filter(({ outcome }) => outcome === "violates");
  for (const one of wrong.slice(0, 20)) console.error(one.case.id, one.violations[0]?.message);
  for (const one of violations.slice(0, 20)) console.error(one.message);
  return { ...counts, wrong: violations.length + wrong.length };
}
