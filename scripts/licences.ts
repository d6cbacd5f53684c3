/**
 * The licences of all code that a user of the package gets: the dependencies as installed, and what generators and build put
 * into the package's own files. Fails for a dependency that is not on the list, and for a licence that is not permissive.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../openapi/document/load.js";

const PERMISSIVE = new Set(["MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "0BSD"]);
/** Everything that may come along. A new one is a decision: it is made here. */
const EXPECTED = ["openapi-fetch", "openapi-typescript-helpers"];
/** Code of others that the build puts into the package's own files, and where. */
const BUNDLED: readonly (readonly [name: string, where: string])[] = [
  ["ajv", "in generated/"],
  ["ajv-formats", "in generated/"],
  ["fast-deep-equal", "in generated/"],
  ["commander", "in the command"],
];

interface Manifest {
  readonly version?: string;
  readonly license?: string;
  readonly dependencies?: Record<string, string>;
}
const manifest = (name: string): Manifest =>
  JSON.parse(readFileSync(join(ROOT, name === "" ? "" : `node_modules/${name}`, "package.json"), "utf8")) as Manifest;

const shipped = new Set<string>();
const visit = (name: string): void => {
  for (const dependency of Object.keys(manifest(name).dependencies ?? {})) {
    if (shipped.has(dependency)) continue;
    shipped.add(dependency);
    visit(dependency);
  }
};
visit("");

const faults: string[] = [];
for (const [name, how] of [...[...shipped].map((one) => [one, "dependency"]), ...BUNDLED]) {
  if (name === undefined) continue;
  const { license = "none", version } = manifest(name);
  console.log(`${name} ${version}: ${license}, ${how}`);
  if (!PERMISSIVE.has(license)) faults.push(`${name} has the licence ${license}`);
  if (how === "dependency" && !EXPECTED.includes(name)) faults.push(`${name} is a dependency that nobody decided on`);
}
for (const fault of faults) console.error(fault);
process.exitCode = faults.length === 0 ? 0 : 1;
