/** What is built: the entry points that package.json names, by the files that they come from. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../openapi/document/load.js";

export interface Entries {
  /** What programs import, without extension, e.g. `src/webhook/index`: built from `.ts`, to `.js` and `.d.ts`. */
  readonly library: readonly string[];
  /** What needs no names in stack traces and no source maps: the command, and the sandbox. */
  readonly tools: readonly string[];
}

export function entriesOfPackage(): Entries {
  const { exports, bin } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    exports: Record<string, string | { readonly default: string }>;
    bin: Record<string, string>;
  };
  const name = (path: string): string => path.replace(/^(?:\.\/)?dist\//, "").replace(/\.js$/, "");
  const imported = Object.values(exports).flatMap((target) =>
    typeof target === "string" ? [] : [name(target.default)],
  );
  const isTool = (entry: string): boolean => entry.startsWith("src/sandbox/");
  return {
    library: imported.filter((entry) => !isTool(entry)),
    tools: [...imported.filter(isTool), ...Object.values(bin).map(name)],
  };
}
