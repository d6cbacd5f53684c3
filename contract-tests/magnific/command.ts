/** The contract suite as a command. Exit 0: conforms. 1: violations. 2: could not run, or no verdict. */
import { appendFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { loadOverlays, loadVendored } from "../../openapi/document/load.js";
import { Contract } from "../contract.js";
import { caseViolations, lockViolations, writeLock } from "../lock/lock.js";
import { writeMatrix, writeText } from "../report/files.js";
import { jsonReport } from "../report/json.js";
import { matrixOf } from "../report/matrix.js";
import { matrixText, terminalReport } from "../report/terminal.js";
import { acceptFinding, readFindings } from "../run/findings.js";
import { lint } from "../run/lint.js";
import { behindTheMock } from "../run/mock-document.js";
import { loadOnly, type Vendored } from "../run/only.js";
import { redact } from "../run/redact.js";
import { type Failures, failuresIn } from "../run/replay.js";
import { runSuite } from "../run/suite.js";
import { MockTarget } from "../targets/mock.js";
import { MOCK_DEFECTS } from "../targets/mock-defects.js";
import { ProviderTarget } from "../targets/provider.js";
import { judgeTraffic, trafficCode, trafficText } from "../traffic/traffic.js";
import { facadeColumn } from "./facade.js";
import { FINDINGS_FILE } from "./known-findings.js";
import { sandboxColumn } from "./sandbox.js";

const HELP = `npm run contract [-- options]
  --mock-document <file>  put another version of the vendored document behind the mock; the cases stay the same
  --only <document>       test one of the vendored documents, with its overlays, as if it were vendored alone
  --vendored-only         test the provider's document without our overlays
  --target <url>          test a provider instead of the mock, with the key from MAGNIFIC_API_KEY
  --allow-paid <n>        how many requests may start something that costs (default 0); never exceeded
  --require <percent>     how much of what can be sent to the provider must have been tested (default 0), else exit 2
  --undeclared <report|fail>  whether fields of responses that the document does not know are violations (default: report
                          for a provider, fail for the mock)
  --deadline <ms>         for each exchange with a provider (default 10000)
  --json <file>           write the report as JSON
  --report <folder>       write the contract matrix as matrix.md and matrix.html, the results as junit.xml and ctrf.json,
                          and the exchanges as exchanges.har
  --traffic <file>        judge recorded exchanges (.har, or .ndjson with one a line) instead of playing cases
  --matrix                print the contract matrix
  --replay <file>         play only the cases that failed in the run whose --json report this is
  --doctor                lint the vendored documents with Redocly (redocly.yaml)
  --known <file>          the list of known findings (default contract-tests/magnific/known-findings.json)
  --accept-finding <pointer>  take what the document states wrongly there into that list; needs --reason <text>
  --accept                write the documents and the cases derived from them to the lock
  --list                  print the derived cases
  --body <case id>        print the request body of a case`;

const KEY = "MAGNIFIC_API_KEY";
const CANNOT_RUN = 2;

interface Writer {
  write(text: string | Uint8Array): unknown;
}

/** What the command takes from its process. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Writer;
  readonly stderr: Writer;
}

function readOptions(args: readonly string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean", default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ "mock-document": text, only: text, target: text, deadline: text, json: text, report: text, body: text },
      ...{ "vendored-only": flag, doctor: flag, accept: flag, list: flag, help: flag, matrix: flag },
      ...{
        require: text,
        known: text,
        undeclared: text,
        replay: text,
        traffic: text,
        "accept-finding": text,
        reason: text,
      },
      "allow-paid": { type: "string", default: "0" },
    },
  });
  if (values.target !== undefined && values["mock-document"] !== undefined)
    throw new Error("--mock-document is for the mock and --target for a provider: use one of them.");
  const others = ["target", "mock-document", "replay", "json", "report"] as const;
  const other = values.traffic === undefined ? undefined : others.find((name) => values[name] !== undefined);
  if (other !== undefined) throw new Error(`--traffic judges a file: it does not go with --${other}.`);
  if (values.undeclared !== undefined && !/^(?:report|fail)$/.test(values.undeclared))
    throw new Error(`--undeclared takes report or fail, not ${JSON.stringify(values.undeclared)}.`);
  return values;
}

type Options = ReturnType<typeof readOptions>;

function wholeNumber(text: string, option: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${option} takes a whole number, not ${JSON.stringify(text)}.`);
  return Number(text);
}

function providerAt(url: string, values: Options, key = "", failures?: Failures): ProviderTarget {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new Error(`--target takes an http or https URL, not ${url}.`);
  if (!key) throw new Error(`Set ${KEY} to the provider's key.`);
  return new ProviderTarget({
    url,
    key,
    keyVariable: KEY,
    allowPaid: wholeNumber(values["allow-paid"], "--allow-paid"),
    wholeDocument: !values["vendored-only"],
    ...(failures ? { known: failures.known } : {}),
    limits: values.deadline === undefined ? {} : { deadline: wholeNumber(values.deadline, "--deadline") },
  });
}

async function main(args: readonly string[], at: Surroundings): Promise<number> {
  const values = readOptions(args);
  if (values.help) {
    at.stdout.write(`${HELP}\n`);
    return 0;
  }
  const whole = values.accept || values.only === undefined;
  const chosen = whole ? { vendored: loadVendored(), overlays: loadOverlays() } : loadOnly(values.only ?? "");
  if (values.accept) {
    writeLock(chosen.vendored, new Contract(chosen.vendored, chosen.overlays).cases);
    at.stdout.write("The lock now says what the documents say. Review the difference and commit it.\n");
    return 0;
  }
  if (values.doctor) return await lint(chosen.vendored);
  const file = values.known ?? FINDINGS_FILE;
  const overlays = values["vendored-only"] ? [] : chosen.overlays;
  const contract = new Contract(chosen.vendored, overlays);
  if (values["accept-finding"] !== undefined) {
    const reason = values.reason?.trim() ?? "";
    if (reason === "") throw new Error("--accept-finding needs --reason: why may it stay?");
    const { pointer, checks } = acceptFinding(file, contract.flaws, { pointer: values["accept-finding"], reason });
    at.stdout.write(`${pointer} (${checks.join(", ")}) is a known finding now, in ${file}.\n`);
    return 0;
  }
  if (values.list) {
    for (const one of contract.cases) at.stdout.write(`${one.id}\n`);
    return 0;
  }
  if (values.body !== undefined) {
    const one = contract.cases.find((each) => each.id === values.body);
    if (!one) throw new Error(`There is no case "${values.body}"; --list prints them.`);
    at.stdout.write(one.request.body ?? "");
    return 0;
  }
  if (values.traffic !== undefined) {
    const [report, fail] = [await judgeTraffic(contract, values.traffic), values.undeclared === "fail"];
    at.stdout.write(redact(trafficText(report, fail), at.env[KEY]));
    return trafficCode(report, fail);
  }
  return await run(values, contract, { ...chosen, overlays }, at);
}

async function run(
  values: Options,
  contract: Contract,
  chosen: Vendored,
  { env, stdout }: Surroundings,
): Promise<number> {
  const { "mock-document": copy, target: url, json, report: folder } = values;
  const behind = copy === undefined ? undefined : behindTheMock(chosen.vendored, chosen.overlays, copy);
  const listed = values.only === undefined && !values["vendored-only"];
  const failures = values.replay === undefined ? undefined : failuresIn(values.replay);
  const target =
    url === undefined
      ? await MockTarget.start(behind?.document ?? contract.document)
      : providerAt(url, values, env[KEY], failures);
  // The sandbox where a matrix is wanted, unless the document leaves out what the sandbox offers.
  const all = folder === undefined || values["vendored-only"] ? [facadeColumn] : [facadeColumn, sandboxColumn];
  const columns = failures?.columns.every((column) => column === target.name) ? [] : all;
  const redacted = (text: string): string => redact(text, url === undefined ? undefined : env[KEY]);
  try {
    const report = await runSuite({
      contract,
      target,
      known: { findings: readFindings(values.known ?? FINDINGS_FILE), defects: MOCK_DEFECTS },
      before: [
        ...(behind?.violations ?? []),
        ...lockViolations(behind?.documents ?? chosen.vendored),
        ...(listed ? caseViolations(contract.cases) : []),
      ],
      foreignDocument: behind !== undefined,
      columns: url === undefined ? columns : [],
      exchanges: folder !== undefined,
      only: failures && ((column, id) => failures.has(column, id)),
      undeclared: (values.undeclared ?? (url === undefined ? "fail" : "report")) === "report" ? "report" : "fail",
      require: wholeNumber(values.require ?? "0", "--require"),
    });
    const matrix = matrixOf(contract, report);
    if (values.matrix) stdout.write(`${matrixText(matrix)}\n`);
    stdout.write(redacted(terminalReport(contract, report)));
    if (json !== undefined) writeText(json, redacted(jsonReport(contract, report)));
    if (folder !== undefined) {
      const markdown = writeMatrix(folder, contract, report, matrix, redacted);
      if (env.GITHUB_STEP_SUMMARY) appendFileSync(env.GITHUB_STEP_SUMMARY, markdown);
    }
    if (report.inconclusive !== undefined) return CANNOT_RUN;
    return report.conforms ? 0 : 1;
  } finally {
    await target.close();
  }
}

/** Returns the exit code. */
export async function contract(args: readonly string[], at: Surroundings): Promise<number> {
  try {
    return await main(args, at);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    at.stderr.write(`${redact(`contract: could not run: ${reason}`, at.env[KEY])}\n`);
    return CANNOT_RUN;
  }
}
