/** Whether the entry points, as built, belong together: one copy of each class, which prints by its name wherever it comes from. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "../../openapi/document/load.js";

const { exports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  exports: Record<string, string | { readonly default: string }>;
};
const faults: string[] = [];
const known = new Map<string, { readonly entry: string; readonly value: unknown }>();
let shared = 0;
for (const [entry, target] of Object.entries(exports)) {
  if (typeof target === "string") continue;
  const module = (await import(pathToFileURL(join(ROOT, target.default)).href)) as Record<string, unknown>;
  for (const [name, value] of Object.entries(module)) {
    if (typeof value === "function" && value.name !== name)
      faults.push(`${entry}: ${name} calls itself "${value.name}"`);
    const other = known.get(name);
    if (other === undefined) known.set(name, { entry, value });
    else if (other.value === value) shared++;
    else faults.push(`${name} is not the same in "${other.entry}" and in "${entry}"`);
  }
}
const errors = [...known.values()].filter(
  ({ value }) => typeof value === "function" && value.prototype instanceof Error,
);
if (errors.length === 0 || shared === 0) faults.push("No error, or nothing that two entry points share, was found.");

console.log(`${known.size} exports, ${errors.length} of them errors, ${shared} the same in more than one entry point.`);
for (const fault of faults) console.error(fault);
process.exitCode = faults.length === 0 ? 0 : 1;
