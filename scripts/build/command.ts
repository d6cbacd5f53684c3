/** Makes the command run without any package but those that the library needs: its argument parser is built in. */
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { ROOT } from "../../openapi/document/load.js";

export function buildCommand(dist: string): void {
  const parser = join(ROOT, "node_modules/commander");
  const licence = readFileSync(join(parser, "LICENSE"), "utf8").trim();
  const { version } = JSON.parse(readFileSync(join(parser, "package.json"), "utf8")) as { version: string };
  buildSync({
    entryPoints: [join(ROOT, "src/cli/commander.ts")],
    outfile: join(dist, "src/cli/commander.js"),
    bundle: true,
    minify: true,
    keepNames: true,
    lineLimit: 160,
    platform: "node",
    format: "esm",
    target: "node20",
    banner: {
      // The parser is CommonJS, which asks for Node's own modules by `require`.
      js: `/*! commander ${version}\n${licence}\n*/\nimport { createRequire as __createRequire } from "node:module";\nconst require = __createRequire(import.meta.url);`,
    },
  });
  chmodSync(join(dist, "src/cli/main.js"), 0o755);
}
