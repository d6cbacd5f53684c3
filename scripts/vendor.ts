/** `npm run vendor`: takes pages in or removes one, and writes everything that follows from it. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runVendor } from "./intake/command.js";
import type { Plan } from "./intake/plan.js";
import type { Derived } from "./intake/verify.js";

/** The contract suite's lock: the facts of the documents, and the cases that follow from them. */
async function deriveCases(root: string, { vendored, applied }: Plan): Promise<Derived> {
  const folder = join(root, "contract-tests", "lock");
  if (!existsSync(folder)) return { files: new Map(), lines: [] };
  const { Contract } = await import("../contract-tests/contract.js");
  const { factsText } = await import("../contract-tests/lock/lock.js");
  const cases = new Contract(vendored, applied).cases.map((one) => one.id);
  const path = join(folder, "cases.txt");
  const old = new Set(existsSync(path) ? readFileSync(path, "utf8").split("\n").filter(Boolean) : []);
  const added = cases.filter((id) => !old.has(id)).length;
  const removed = old.size - (cases.length - added);
  return {
    files: new Map([
      ["contract-tests/lock/document.lock.json", factsText(vendored)],
      ["contract-tests/lock/cases.txt", `${cases.join("\n")}\n`],
    ]),
    lines: added + removed > 0 ? [`contract-tests/lock/cases.txt: ${added} contract cases more, ${removed} fewer`] : [],
  };
}

process.exitCode = await runVendor(process.argv.slice(2), {
  out: (text) => console.log(text),
  err: (text) => console.error(text),
  derive: deriveCases,
});
