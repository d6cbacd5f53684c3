/** `npm run contract`: the contract suite. Exit 0: conforms. 1: violations. 2: could not run. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { Contract } from "../contract-tests/contract.js";
import { KNOWN_FINDINGS, MOCK_DEFECTS } from "../contract-tests/known/known.js";
import { lockViolations, writeLock } from "../contract-tests/lock/lock.js";
import { jsonReport } from "../contract-tests/report/json.js";
import { terminalReport } from "../contract-tests/report/terminal.js";
import { behindTheMock } from "../contract-tests/run/mock-document.js";
import { redact } from "../contract-tests/run/redact.js";
import { runSuite } from "../contract-tests/run/suite.js";
import { MockTarget } from "../contract-tests/targets/mock.js";
import type { Target } from "../contract-tests/targets/target.js";
import { loadOverlays, loadVendored } from "./document/load.js";

const HELP = `npm run contract [-- options]
  --mock-document <file>  another version of the vendored document behind the mock; the cases stay ours
  --vendored-only         the provider's own word alone, without our overlays
  --json <file>           the report as JSON
  --accept                take the document and the cases derived from it into the lock
  --list                  print the derived cases
  --body <case id>        print the request body of a case`;

const CANNOT_RUN = 2;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      "mock-document": { type: "string" },
      "vendored-only": { type: "boolean", default: false },
      json: { type: "string" },
      accept: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      body: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const vendored = loadVendored();
  const overlays = values["vendored-only"] ? [] : loadOverlays();
  const contract = new Contract(vendored, overlays);
  if (values.body !== undefined) {
    const one = contract.cases.find((each) => each.id === values.body);
    if (!one) throw new Error(`There is no case "${values.body}".`);
    process.stdout.write(one.request.body ?? "");
    return 0;
  }
  if (values.list) {
    for (const one of contract.cases) console.log(one.id);
    return 0;
  }
  if (values.accept) {
    writeLock(vendored, new Contract(vendored, loadOverlays()).cases);
    console.log("The lock says what the documents say. Review the difference and commit it.");
    return 0;
  }
  const behind =
    values["mock-document"] === undefined
      ? { documents: vendored, document: contract.document, violations: [] }
      : behindTheMock(vendored, overlays, values["mock-document"]);
  const target: Target = await MockTarget.start(behind.document);
  try {
    const report = await runSuite({
      contract,
      target,
      known: { findings: KNOWN_FINDINGS, defects: MOCK_DEFECTS },
      before: [...behind.violations, ...lockViolations(behind.documents)],
      foreignDocument: values["mock-document"] !== undefined,
    });
    process.stdout.write(redact(terminalReport(contract, report)));
    if (values.json !== undefined) {
      mkdirSync(dirname(values.json), { recursive: true });
      writeFileSync(values.json, redact(jsonReport(contract, report)));
    }
    return report.conforms ? 0 : 1;
  } finally {
    await target.close();
  }
}

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const) {
  // The mock ends with this process, however it ends.
  process.once(signal, () => process.exit(code));
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(
    redact(
      `contract: could not run: ${error instanceof Error ? error.message : String(error)}`,
      process.env.MAGNIFIC_API_KEY,
    ),
  );
  process.exitCode = CANNOT_RUN;
}
