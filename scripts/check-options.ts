/** Lists every documented option that no test names, and every option without a word of documentation. Exit 1 if any. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../openapi/document/load.js";
import { documentedOptions } from "./options/documented.js";
import { testedOptions } from "./options/tested.js";

const ENTRIES = ["src/index.ts", "src/node.ts", "src/webhook/index.ts", "src/sandbox/index.ts"];

const options = documentedOptions(ROOT, ENTRIES);
const files = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" }).filter((one) =>
  one.endsWith(".test.ts"),
);
const tested = new Set(files.flatMap((file) => testedOptions(file, readFileSync(join(ROOT, "src", file), "utf8"))));

const untested = options.filter(({ owner, name }) => !tested.has(`${owner}.${name}`));
const undocumented = options.filter(({ documented }) => !documented);
for (const { owner, name, place } of untested) console.log(`no test: ${owner}.${name} (${place})`);
for (const { owner, name, place } of undocumented) console.log(`no documentation: ${owner}.${name} (${place})`);
console.log(
  `${options.length} options, ${untested.length} without a test, ${undocumented.length} without documentation.`,
);
if (options.length === 0 || untested.length + undocumented.length > 0) process.exitCode = 1;
