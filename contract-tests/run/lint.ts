/** Redocly's lint by the rules of `redocly.yaml`; known flaws stand in `.redocly.lint-ignore.yaml`. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "../../openapi/document/load.js";

/** Prints what is wrong with vendored documents. @returns the exit code; `null` when it was ended by a signal. */
export function lint(vendored: readonly { readonly name: string }[]): number | null {
  const command = join(ROOT, "node_modules", "@redocly", "cli", "bin", "cli.js");
  const files = vendored.map(({ name }) => join("openapi", name));
  const env = { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" };
  return spawnSync(process.execPath, [command, "lint", ...files], { cwd: ROOT, env, stdio: "inherit" }).status;
}
