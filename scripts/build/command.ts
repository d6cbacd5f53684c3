/** Makes the command run without any package but those that the library needs: its argument parser is built in. */
import { chmodSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { ROOT } from "../document/load.js";

/** @param dist Where the compiler has put the library. */
export function buildCommand(dist: string): void {
  const parser = join(ROOT, "node_modules/commander");
  const licence = readFileSync(join(parser, "LICENSE"), "utf8").trim();
  const { version } = JSON.parse(readFileSync(join(parser, "package.json"), "utf8")) as { version: string };
  const outfile = join(dist, "src/cli/commander.js");
  buildSync({
    entryPoints: [join(ROOT, "src/cli/commander.ts")],
    outfile,
    allowOverwrite: true,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    banner: {
      // The parser is CommonJS, which asks for Node's own modules by `require`.
      js: `/*! commander ${version}\n${licence}\n*/\nimport { createRequire as __createRequire } from "node:module";\nconst require = __createRequire(import.meta.url);`,
    },
  });
  // What the compiler made of it points elsewhere.
  rmSync(`${outfile}.map`, { force: true });
  // Nobody imports the command, and its types would need the parser's.
  for (const name of readdirSync(join(dist, "src/cli"), { recursive: true, encoding: "utf8" }))
    if (name.endsWith(".d.ts")) rmSync(join(dist, "src/cli", name));
  chmodSync(join(dist, "src/cli/main.js"), 0o755);
}
