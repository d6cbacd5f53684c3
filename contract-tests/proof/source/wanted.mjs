/** Keeps Stryker from running mutants that are not wanted: others in the same place, or outside a sample. Plain JavaScript, as Stryker loads it. */
import { readFileSync } from "node:fs";

/** The variable that names the file with what is wanted: `{"keys": […]}` or `{"every": n}`. */
export const WANTED = "MUTANTS_WANTED";

/** The variable that names the files of tests, a line each. */
export const TESTS = "MUTANTS_TESTS";

/** The same for a mutant before it is run and for its result, whose lines and columns count from 1. */
export function keyOf({ fileName, location: { start, end }, mutatorName, replacement }, from = 1) {
  const file = fileName.replaceAll("\\", "/").replace(/^.*\/src\//, "src/");
  const places = [start.line, start.column, end.line, end.column].map((each) => each + 1 - from);
  return [file, ...places, mutatorName, replacement].join(":");
}

/** One in `every`, chosen by what the mutant is: the same each time, whatever else there is. */
export function isInSample(key, every) {
  let hash = 2166136261;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 16777619);
  // The last bits of such a hash are the weakest.
  return ((hash ^ (hash >>> 15)) >>> 0) % every === 0;
}

class Wanted {
  async init() {
    const { keys, every = 1 } = JSON.parse(readFileSync(process.env[WANTED] ?? "", "utf8"));
    this.wants = keys === undefined ? (key) => isInSample(key, every) : Set.prototype.has.bind(new Set(keys));
  }

  async group(mutants) {
    return [mutants.map(({ id }) => id)];
  }

  async check(mutants) {
    const verdict = (mutant) =>
      this.wants(keyOf(mutant, 0)) ? { status: "passed" } : { status: "compileError", reason: "not wanted" };
    return Object.fromEntries(mutants.map((mutant) => [mutant.id, verdict(mutant)]));
  }
}
Wanted.inject = [];

export const strykerPlugins = [{ kind: "Checker", name: "wanted", injectableClass: Wanted }];
