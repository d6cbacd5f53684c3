/** Writes a report: what `--json` and `--report` ask for, without key or image. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Contract } from "../contract.js";
import type { SuiteReport } from "../run/suite.js";
import { ctrfReport } from "./ctrf.js";
import { harReport } from "./har.js";
import { htmlReport } from "./html.js";
import { junitReport } from "./junit.js";
import { markdownReport } from "./markdown.js";
import type { Matrix } from "./matrix.js";

/** The matrix as Markdown and as a page, the results as JUnit and CTRF, the exchanges as HAR. @returns the Markdown. */
export function writeMatrix(
  folder: string,
  contract: Contract,
  report: SuiteReport,
  matrix: Matrix,
  redacted: (text: string) => string,
): string {
  const markdown = redacted(markdownReport(report, matrix));
  writeText(join(folder, "matrix.md"), markdown);
  writeText(join(folder, "matrix.html"), redacted(htmlReport(contract, report, matrix)));
  writeText(join(folder, "junit.xml"), redacted(junitReport(contract, report)));
  writeText(join(folder, "ctrf.json"), redacted(ctrfReport(contract, report)));
  writeText(join(folder, "exchanges.har"), redacted(harReport(report)));
  return markdown;
}

export function writeText(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
