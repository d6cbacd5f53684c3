/**
 * Makes a bundled module small. What stands at its top level keeps its name, so that stack traces and printed errors keep
 * theirs: within functions, where no name is ever seen, names become short.
 */
import { transform } from "esbuild";
import ts from "typescript";
import { decodeMappings, type Segment } from "./mappings.js";

const STRICT = '"use strict";';
/** Characters a line: an uncaught error prints the line it was thrown in. */
const WIDTH = 160;

export interface Minified {
  readonly code: string;
  readonly sources: readonly string[];
  readonly lines: readonly (readonly Segment[])[];
}

/** @param code A module with its source map in it, as a comment. */
export async function minified(code: string): Promise<Minified> {
  const { imports, body, exports } = parted(code);
  const options = { target: "es2022", lineLimit: WIDTH, legalComments: "none" } as const;
  // esbuild gives a script's top level no new names, since other scripts could use the old ones.
  const result = await transform(STRICT + body, {
    ...options,
    minify: true,
    sourcemap: "external",
    sourcesContent: false,
    tsconfigRaw: { compilerOptions: { alwaysStrict: true } },
  });
  if (!result.code.startsWith(STRICT)) throw new Error("The minified script does not begin as expected.");
  const { mappings, sources } = JSON.parse(result.map) as { mappings: string; sources: string[] };
  const lines = decodeMappings(mappings).map((segments, line) =>
    line > 0 ? segments : segments.map((each) => ({ ...each, column: Math.max(0, each.column - STRICT.length) })),
  );
  const head = (await transform(imports, { ...options, minifyWhitespace: true })).code.trim();
  const before = head === "" ? [] : head.split("\n").map(() => []);
  // The names that esbuild would look for stand in the script.
  const parts = [
    head,
    result.code.slice(STRICT.length).trimEnd(),
    exports.replace(/\s+/g, " ").replace(/ ?([{},;]) ?/g, "$1"),
  ];
  return { code: parts.filter((part) => part !== "").join("\n"), sources, lines: [...before, ...lines] };
}

/** The imports, the code as a script in the lines where it was, and the exports. */
function parted(code: string): { readonly imports: string; readonly body: string; readonly exports: string } {
  let imports = "";
  let exports = "";
  let body = code;
  const file = ts.createSourceFile("module.js", code, ts.ScriptTarget.Latest);
  for (const statement of file.statements) {
    const isImport = ts.isImportDeclaration(statement);
    if (!isImport && !ts.isExportDeclaration(statement)) continue;
    const start = statement.getStart(file);
    const text = code.slice(start, statement.end);
    if (isImport) imports += `${text}\n`;
    else exports += text;
    body = body.slice(0, start) + text.replace(/[^\n]/g, " ") + body.slice(statement.end);
  }
  return { imports, body, exports };
}
