/**
 * The JavaScript of the package: each entry point one file, what they share in files beside them, so that each class exists
 * once. The library keeps its names and has source maps with the sources in them; the command and the sandbox do without.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, posix, relative, resolve } from "node:path";
import { build, type Metafile, type Plugin, transform } from "esbuild";
import { ROOT } from "../../openapi/document/load.js";
import { withoutComments } from "./comments.js";
import type { Entries } from "./entries.js";
import { byLine, encodeMappings } from "./mappings.js";
import { type Minified, minified } from "./minify.js";
import { withoutRunTimeFacts } from "./validators.js";

/**
 * No entry points, but built as if they were: what they need stands apart then, and a program that makes bare calls gets no
 * more than the calls. (A bundler leaves out whole files easily, but of a file that it takes it keeps whatever computes
 * something at its top level.)
 */
const APART = ["src/api", "src/header-facts", "src/answer", "src/sending"];

export async function bundle(dist: string, { library, tools }: Entries): Promise<void> {
  const result = await build({
    entryPoints: Object.fromEntries(
      [...APART, ...library, ...tools].map((entry) => [entry, join(ROOT, `${entry}.ts`)]),
    ),
    outdir: dist,
    absWorkingDir: ROOT,
    chunkNames: "shared/[hash]",
    bundle: true,
    splitting: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "es2022",
    legalComments: "none",
    sourcemap: "inline",
    sourcesContent: false,
    metafile: true,
    write: false,
    plugins: [parserApart, validators],
  });
  const inLibrary = reachedFrom([...library, ...APART], result.metafile, dist);
  for (const file of result.outputFiles) {
    mkdirSync(dirname(file.path), { recursive: true });
    if (inLibrary.has(file.path)) writeWithMap(dist, file.path, await minified(file.text));
    else writeFileSync(file.path, (await transform(file.text, TOOL)).code);
  }
  for (const name of APART) for (const end of ["js", "js.map"]) rmSync(join(dist, `${name}.${end}`), { force: true });
}

const TOOL = { minify: true, keepNames: true, target: "es2022", lineLimit: 160, legalComments: "none" } as const;

/** The command's argument parser is built for itself, with its licence. */
const parserApart: Plugin = {
  name: "parser-apart",
  setup: (build) => {
    build.onResolve({ filter: /\/commander\.js$/ }, () => ({ path: "./commander.js", external: true }));
  },
};

const validators: Plugin = {
  name: "validators",
  setup: (build) => {
    build.onLoad({ filter: /\/generated\/validators\.js$/ }, ({ path }) => ({
      contents: withoutRunTimeFacts(readFileSync(path, "utf8")),
    }));
  },
};

/** The files that a program loads at once when it imports these entry points. */
function reachedFrom(entries: readonly string[], { outputs }: Metafile, dist: string): Set<string> {
  const reached = new Set<string>();
  const visit = (output: string): void => {
    const path = resolve(ROOT, output);
    if (reached.has(path)) return;
    reached.add(path);
    for (const { path: imported, external } of outputs[output]?.imports ?? []) if (!external) visit(imported);
  };
  for (const entry of entries) visit(relative(ROOT, join(dist, `${entry}.js`)));
  return reached;
}

function writeWithMap(dist: string, path: string, { code, sources, lines }: Minified): void {
  const files = sources.map((source) => posix.relative(ROOT, resolve(dirname(path), source)));
  // Generated code and what the bundler adds have no source that would say more.
  const written = new Set(files.flatMap((file, index) => (/^src\/.*\.ts$/.test(file) ? [index] : [])));
  const kept = byLine(
    lines.map((segments) =>
      segments.map((each) =>
        each.origin === undefined || written.has(each.origin.source) ? each : { column: each.column },
      ),
    ),
  );
  const used = [...new Set(kept.flat().flatMap(({ origin }) => (origin === undefined ? [] : [origin.source])))];
  if (used.length === 0) {
    writeFileSync(path, code);
    return;
  }
  const place = new Map(used.map((source, index) => [source, index]));
  const map = {
    version: 3,
    // Seen from where the file comes to lie.
    sources: used.map((source) => posix.relative(dirname(join("dist", relative(dist, path))), files[source] ?? "")),
    sourcesContent: used.map((source) => {
      const name = files[source] ?? "";
      return withoutComments(name, readFileSync(join(ROOT, name), "utf8"));
    }),
    names: [],
    mappings: encodeMappings(
      kept.map((segments) =>
        segments.map(({ column, origin }) =>
          origin === undefined ? { column } : { column, origin: { ...origin, source: place.get(origin.source) ?? 0 } },
        ),
      ),
    ),
  };
  writeFileSync(path, `${code}\n//# sourceMappingURL=${basename(path)}.map\n`);
  writeFileSync(`${path}.map`, JSON.stringify(map));
}
