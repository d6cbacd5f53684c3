/** Whether `npm run vendor` is replacing files, or was killed while it did: what is on disk is then neither old nor new. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** In the folder that holds `openapi/`, while files are replaced. */
export const RUN_FOLDER = ".vendor-run";

/** @param dir an `openapi/` folder. @throws {Error} when it must not be read now. */
export function requireWhole(dir: string): void {
  if (existsSync(join(dirname(dir), RUN_FOLDER)))
    throw new Error(
      "A run of `npm run vendor` is under way, or was killed half-way: `npm run vendor -- --recover` undoes what it left.",
    );
}
