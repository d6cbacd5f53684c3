/**
 * Whether the package's source maps resolve: each has the sources it names in it, line for line as they stand here; and an
 * error thrown by the built code shows the line of the source that throws it.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "../../openapi/document/load.js";
import { withoutComments } from "../build/comments.js";
import { decodeMappings } from "../build/mappings.js";

const DIST = join(ROOT, "dist");
/** Programs that end in an error thrown by the package, and what stands in the source's line that throws it. */
const THROWS: readonly (readonly [entry: string, program: string, line: RegExp, file: string])[] = [
  [
    "src/index",
    'new at.Magnific({ apiKey: "k", baseUrl: "http://example.com" })',
    /new ConfigurationError\(/,
    "src/options.ts",
  ],
  ["src/node", 'await at.imageFile("/nowhere/at/all.png")', /new FileError\(/, "src/files/image-file.ts"],
  [
    "src/webhook/index",
    'await at.verify({ headers: {}, body: "{}" }, { secret: "s" })',
    /new WebhookError\(/,
    "src/webhook/",
  ],
];

const faults: string[] = [];
let maps = 0;
let sources = 0;
for (const name of readdirSync(DIST, { recursive: true, encoding: "utf8" })) {
  if (!name.endsWith(".js.map")) continue;
  maps++;
  checkMap(name);
}
if (maps === 0) faults.push("There is no source map.");
for (const [entry, program, line, file] of THROWS) checkThrow(entry, program, line, file);

console.log(`${maps} source maps with ${sources} sources, ${THROWS.length} errors thrown.`);
for (const fault of faults) console.error(fault);
process.exitCode = faults.length === 0 ? 0 : 1;

function checkMap(name: string): void {
  const path = join(DIST, name);
  const map = JSON.parse(readFileSync(path, "utf8")) as {
    sources: string[];
    sourcesContent?: (string | null)[];
    mappings: string;
  };
  const lengths = map.sources.map((source, index) => {
    sources++;
    const file = resolve(path, "..", source);
    const content = map.sourcesContent?.[index];
    if (!file.startsWith(join(ROOT, "src")) || !existsSync(file))
      faults.push(`${name} names ${source}, which is nowhere`);
    else if (content !== withoutComments(file, readFileSync(file, "utf8")))
      faults.push(`${name} has another ${source} in it than stands here`);
    return content?.split("\n").length ?? 0;
  });
  const generated = readFileSync(path.slice(0, -".map".length), "utf8").split("\n");
  for (const [line, segments] of decodeMappings(map.mappings).entries())
    for (const { column, origin } of segments)
      if (
        column > (generated[line]?.length ?? -1) ||
        (origin !== undefined && origin.line >= (lengths[origin.source] ?? 0))
      )
        faults.push(`${name} maps what is not there: line ${line + 1}, column ${column}`);
}

function checkThrow(entry: string, program: string, line: RegExp, file: string): void {
  const folder = mkdtempSync(join(ROOT, "reports/.throw-"));
  try {
    const path = join(folder, "program.mjs");
    const module = pathToFileURL(join(DIST, `${entry}.js`)).href;
    writeFileSync(
      path,
      `const at = await import(${JSON.stringify(module)});\ntry { ${program}; } catch (error) { console.log(error.stack); }\n`,
    );
    const stack = execFileSync(process.execPath, ["--enable-source-maps", path], { encoding: "utf8" });
    const [, source = "", at = ""] =
      /\((?:file:\/\/)?([^()]+\.ts):(\d+):\d+\)|at (?:async )?(?:file:\/\/)?([^ ()]+\.ts):(\d+)/.exec(stack) ?? [];
    const text = existsSync(source) ? (readFileSync(source, "utf8").split("\n")[Number(at) - 1] ?? "") : "";
    if (!source.startsWith(join(ROOT, file)) || !line.test(text))
      faults.push(
        `${entry}: an error is thrown in ${file}, but the map says ${source}:${at} (${text.trim()})\n${stack}`,
      );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
