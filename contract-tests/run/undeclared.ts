/** Fields that the document does not know: of a provider, which may be ahead of its document, a report; of a mock violations. */
import { undeclaredField } from "../checks/form.js";
import { grouped } from "./group.js";
import type { Result } from "./run.js";

export interface Undeclared {
  readonly message: string;
  /** Ids of the cases that show it. */
  readonly cases: readonly string[];
}

/** Takes them out of the violations. */
export function setAside(results: readonly Result[]): {
  readonly results: readonly Result[];
  readonly undeclared: readonly Undeclared[];
} {
  const found: { message: string; id: string }[] = [];
  const left = results.map((result): Result => {
    const own = result.violations.filter(({ check }) => check === undeclaredField.name);
    if (own.length === 0) return result;
    for (const { message } of own) found.push({ message, id: result.case.id });
    const violations = result.violations.filter((each) => !own.includes(each));
    return { ...result, violations, outcome: violations.length === 0 ? "conforms" : result.outcome };
  });
  const undeclared = [...grouped(found, ({ message }) => message.replace(/\/\d+(?=[/ ])/g, "/*"))].map(
    ([message, all]) => ({ message, cases: [...new Set(all.map(({ id }) => id))] }),
  );
  return { results: left, undeclared };
}
