/** A document of no provider: one operation for each shape that cases are derived for. */
import { readFileSync } from "node:fs";
import { sliceOf } from "../../openapi/document/slice.js";
import type { JsonObject } from "../../openapi/document/types.js";
import { parseYaml } from "../../openapi/document/yaml.js";
import { Contract } from "../contract.js";
import type { Result } from "../run/run.js";
import type { SuiteReport } from "../run/suite.js";

const text = readFileSync(new URL("./shapes.yaml", import.meta.url), "utf8");
export const shapes = new Contract([{ name: "shapes.yaml", text, document: parseYaml(text, "shapes.yaml") }], []);

export function contractOf(document: JsonObject): Contract {
  return new Contract([{ name: "test.yaml", text: JSON.stringify(document, null, 2), document }], []);
}

/** A small part of it: things are listed, made, read, changed and deleted. */
export const things = contractOf(sliceOf(shapes.document, ["/things", "/things/{id}"]));

/** What a run found wrong, a line each. */
export function violationsOf(results: readonly Result[]): string[] {
  return results
    .filter((each) => each.outcome === "violates")
    .map((each) => `${each.case.id}: ${each.violations.map((one) => one.message).join("; ")}`);
}

export function wrongIn({ results, violations }: SuiteReport): string[] {
  return [...violations.map((each) => each.message), ...violationsOf(results)];
}
