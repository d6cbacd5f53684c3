/** Flaws that Redocly finds and that are known: `.redocly.lint-ignore.yaml`, with patterns for the pages of a provider. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { matching } from "../../openapi/document/pointer.js";
import { objectOf } from "../../openapi/document/types.js";
import { parseYaml } from "../../openapi/document/yaml.js";

const FILE = ".redocly.lint-ignore.yaml";

/** What Redocly says of a document. */
export interface Problem {
  readonly rule: string;
  /** With a `#` before it. */
  readonly pointer: string;
}

/**
 * Whether a problem of a document in `openapi/` is known. In the file, `openapi/*.yaml` stands for every document and a step
 * `*` for any step; what is below a pointer is known with it.
 */
export function knownProblems(root: string): (document: string, problem: Problem) => boolean {
  const path = join(root, FILE);
  const known = existsSync(path) ? parseYaml(readFileSync(path, "utf8"), FILE) : {};
  return (document, { rule, pointer }) => {
    const patterns = ["openapi/*.yaml", `openapi/${document}`].flatMap((file) => objectOf(known[file])[rule] ?? []);
    const steps = pointer.split("/");
    return patterns.map(String).some((pattern) => {
      const place = steps.slice(0, pattern.split("/").length).join("/");
      return matching(pattern)(place);
    });
  };
}
