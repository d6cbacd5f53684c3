/** `npm run contract`: the contract suite. Exit 0: conforms. 1: violations. 2: could not run. */
import { appendFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { Contract } from "../contract-tests/contract.js";
import { diagnosisOf, ownFlaws, redoclyFlaws } from "../contract-tests/doctor/doctor.js";
import type { Flaw } from "../contract-tests/doctor/flaw.js";
import { doctorReport } from "../contract-tests/doctor/report.js";
import { KNOWN_FINDINGS, MOCK_DEFECTS } from "../contract-tests/known/known.js";
import { lockViolations, writeLock } from "../contract-tests/lock/lock.js";
import { only } from "../contract-tests/only.js";
import { htmlReport } from "../contract-tests/report/html.js";
import { jsonReport } from "../contract-tests/report/json.js";
import { junitReport } from "../contract-tests/report/junit.js";
import { markdownReport } from "../contract-tests/report/markdown.js";
import { matrixOf } from "../contract-tests/report/matrix.js";
import { matrixText } from "../contract-tests/report/matrix-text.js";
import { terminalReport } from "../contract-tests/report/terminal.js";
import { behindTheMock } from "../contract-tests/run/mock-document.js";
import { redact } from "../contract-tests/run/redact.js";
import { runSuite } from "../contract-tests/run/suite.js";
import { facadeColumn } from "../contract-tests/targets/facade.js";
import { ProviderTarget } from "../contract-tests/targets/provider.js";
import { sandboxColumn } from "../contract-tests/targets/sandbox.js";
import { startMock } from "../contract-tests/targets/sliced-mock.js";
import type { Target } from "../contract-tests/targets/target.js";
import { loadOverlays, loadVendored } from "../openapi/document/load.js";
import { makeFolder } from "../src/files/make-folder.js";

const HELP = `npm run contract [-- options]
  --mock-document <file>  another version of the vendored document behind the mock; the cases stay ours
  --only <document>       one of the vendored documents, with its overlays, as if it were vendored alone
  --vendored-only         the provider's own word alone, without our overlays
  --target <url>          any provider instead of the mock, with the key from MAGNIFIC_API_KEY
  --allow-paid <n>        how many requests may start something that costs (default 0); never exceeded
  --deadline <ms>         for each exchange with a provider (default 10000)
  --json <file>           the report as JSON
  --report <folder>       the contract matrix as matrix.md, matrix.html, and junit.xml
  --doctor                lint the vendored documents and say their flaws
  --accept                take the documents and the cases derived from them into the lock
  --list                  print the derived cases
  --body <case id>        print the request body of a case`;

const CANNOT_RUN = 2;

function options() {
  const { values } = parseArgs({
    options: {
      "mock-document": { type: "string" },
      only: { type: "string" },
      "vendored-only": { type: "boolean", default: false },
      target: { type: "string" },
      "allow-paid": { type: "string", default: "0" },
      deadline: { type: "string" },
      json: { type: "string" },
      report: { type: "string" },
      doctor: { type: "boolean", default: false },
      accept: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      body: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.target !== undefined && values["mock-document"] !== undefined)
    throw new Error("--mock-document is for the mock, --target for a provider: give one of them.");
  return values;
}

type Options = ReturnType<typeof options>;

function wholeNumber(text: string, option: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${option} takes a whole number, not ${JSON.stringify(text)}.`);
  return Number(text);
}

function provider(values: Options, url: string): Target {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new Error(`--target takes an http or https address, not ${url}.`);
  const key = process.env.MAGNIFIC_API_KEY;
  if (key === undefined || key === "") throw new Error("Set MAGNIFIC_API_KEY to the provider's key.");
  return new ProviderTarget({
    url,
    key,
    allowPaid: wholeNumber(values["allow-paid"], "--allow-paid"),
    wholeDocument: !values["vendored-only"],
    ...(values.deadline === undefined ? {} : { limits: { deadline: wholeNumber(values.deadline, "--deadline") } }),
  });
}

async function main(): Promise<number> {
  const values = options();
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const everything = { vendored: loadVendored(), overlays: loadOverlays() };
  if (values.accept) {
    writeLock(everything.vendored, new Contract(everything.vendored, everything.overlays).cases);
    console.log("The lock says what the documents say. Review the difference and commit it.");
    return 0;
  }
  const chosen = values.only === undefined ? everything : only(values.only, everything);
  const { vendored } = chosen;
  const overlays = values["vendored-only"] ? [] : chosen.overlays;
  const contract = new Contract(vendored, overlays);
  if (values.list) {
    for (const one of contract.cases) console.log(one.id);
    return 0;
  }
  if (values.doctor) {
    const flaws: Flaw[] = [];
    for (const each of vendored) flaws.push(...(await redoclyFlaws(each)), ...ownFlaws(each));
    const diagnosis = diagnosisOf(flaws);
    process.stdout.write(doctorReport(contract, diagnosis));
    return diagnosis.fresh.length + diagnosis.vanished.length === 0 ? 0 : 1;
  }
  if (values.body !== undefined) {
    const one = contract.cases.find((each) => each.id === values.body);
    if (!one) throw new Error(`There is no case "${values.body}".`);
    process.stdout.write(one.request.body ?? "");
    return 0;
  }
  const behind =
    values["mock-document"] === undefined
      ? { documents: vendored, document: contract.document, violations: [] }
      : behindTheMock(vendored, overlays, values["mock-document"]);
  // The lock is on everything that is vendored.
  const locked = everything.vendored.map((each) => behind.documents.find(({ name }) => name === each.name) ?? each);
  const target = values.target === undefined ? await startMock(behind.document) : provider(values, values.target);
  try {
    const report = await runSuite({
      contract,
      target,
      known: { findings: KNOWN_FINDINGS, defects: MOCK_DEFECTS },
      before: [...behind.violations, ...lockViolations(locked)],
      foreignDocument: values["mock-document"] !== undefined,
      columns: target.ground === "mock" ? columnsBeside(values) : [],
    });
    const key = values.target === undefined ? undefined : process.env.MAGNIFIC_API_KEY;
    process.stdout.write(redact(terminalReport(contract, report), key));
    if (values.json !== undefined) await write(values.json, redact(jsonReport(contract, report), key));
    if (values.report !== undefined) {
      const matrix = matrixOf(contract, report);
      const files = {
        "matrix.md": markdownReport(report, matrix),
        "matrix.html": htmlReport(contract, report, matrix),
        "junit.xml": junitReport(contract, report),
      };
      for (const [name, text] of Object.entries(files)) await write(join(values.report, name), redact(text, key));
      process.stdout.write(`\n${matrixText(matrix)}`);
      if (process.env.GITHUB_STEP_SUMMARY)
        appendFileSync(process.env.GITHUB_STEP_SUMMARY, redact(files["matrix.md"], key));
    }
    return report.conforms ? 0 : 1;
  } finally {
    await target.close();
  }
}

/** The facade always; the sandbox where a matrix is wanted, unless the document leaves out what the sandbox offers. */
function columnsBeside(values: Options): (typeof facadeColumn | typeof sandboxColumn)[] {
  return values.report === undefined || values["vendored-only"] ? [facadeColumn] : [facadeColumn, sandboxColumn];
}

async function write(file: string, text: string): Promise<void> {
  await makeFolder(dirname(file));
  writeFileSync(file, text);
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
