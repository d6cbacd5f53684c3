import { readdirSync, readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { transform } from "esbuild";
import fc from "fast-check";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../openapi/document/load.js";
import { withoutComments } from "./comments.js";
import { compatible } from "./declarations.js";
import { entriesOfPackage } from "./entries.js";
import { byLine, decodeMappings, encodeMappings, type Segment } from "./mappings.js";
import { minified } from "./minify.js";
import { withoutRunTimeFacts } from "./validators.js";

const segment = fc.record(
  {
    column: fc.nat(300),
    origin: fc.record({ source: fc.nat(3), line: fc.nat(40), column: fc.nat(120) }),
  },
  { requiredKeys: ["column"] },
);
const lines = fc.array(
  fc
    .uniqueArray(segment, { selector: ({ column }) => column, maxLength: 8 })
    .map((segments) => segments.sort((a, b) => a.column - b.column)),
  { minLength: 1, maxLength: 6 },
);

describe("mappings of a source map", () => {
  it("come back as they were written", () => {
    fc.assert(
      fc.property(lines, (given) => {
        expect(decodeMappings(encodeMappings(given))).toEqual(given);
      }),
    );
  });

  it("are read by Node as they were meant", () => {
    fc.assert(
      fc.property(lines, (given) => {
        const map = new SourceMap({
          version: 3,
          file: "out.js",
          sourceRoot: "",
          sources: ["a", "b", "c", "d"],
          sourcesContent: [],
          names: [],
          mappings: encodeMappings(given),
        });
        for (const [line, segments] of given.entries())
          for (const { column, origin } of segments) {
            if (origin === undefined) continue;
            expect(map.findEntry(line, column)).toMatchObject({
              originalSource: ["a", "b", "c", "d"][origin.source],
              originalLine: origin.line,
              originalColumn: origin.column,
            });
          }
      }),
    );
  });

  it("keep each place's line when they are thinned out", () => {
    const lineAt = (segments: readonly Segment[], column: number): string => {
      const origin = segments.findLast((each) => each.column <= column)?.origin;
      return origin === undefined ? "nowhere" : `${origin.source}:${origin.line}`;
    };
    fc.assert(
      fc.property(lines, fc.nat(320), (given, column) => {
        const thin = byLine(given);
        for (const [line, segments] of given.entries())
          expect(lineAt(thin[line] ?? [], column)).toBe(lineAt(segments, column));
        expect(thin.flat().length).toBeLessThanOrEqual(given.flat().length);
      }),
    );
  });
});

describe("declarations", () => {
  it("say of bytes what they are, without the types of a browser or of Node", () => {
    const text = compatible(
      "declare const bytes: Uint8Array<ArrayBuffer>; export const buffer: ArrayBuffer = bytes.buffer; export const none: string = bytes;",
    );
    const host = ts.createCompilerHost({});
    const { getSourceFile } = host;
    host.getSourceFile = (name, ...rest) =>
      name === "bytes.ts" ? ts.createSourceFile(name, text, ts.ScriptTarget.ES2022) : getSourceFile(name, ...rest);
    const program = ts.createProgram(["bytes.ts"], { lib: ["lib.es2022.d.ts"], types: [], strict: true }, host);
    const faults = ts.getPreEmitDiagnostics(program).map(({ messageText }) => messageText);
    expect(faults).toEqual(["Type 'Uint8Array<ArrayBuffer>' is not assignable to type 'string'."]);
  });
});

describe("withoutComments", () => {
  const code = async (text: string): Promise<string> =>
    (await transform(text, { loader: "ts", minify: true, legalComments: "none" })).code;

  it("leaves what a comment only looks like", () => {
    const text = [
      'const a = "// no"; // yes',
      `const b = \`/* no \${/* yes */ a} // no\`;`,
      "const c = /\\/\\* no/;",
      "/** yes",
      " *  yes */ const d = a /* yes */ + b;",
    ].join("\n");
    expect(withoutComments("a.ts", text)).toBe(
      [
        'const a = "// no";',
        `const b = \`/* no \${ a} // no\`;`,
        "const c = /\\/\\* no/;",
        "",
        " const d = a  + b;",
      ].join("\n"),
    );
  });

  it("changes neither the code nor the lines of any source", async () => {
    const files = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" }).filter(
      (name) => name.endsWith(".ts") && !name.includes("test"),
    );
    expect(files.length).toBeGreaterThan(100);
    let shorter = 0;
    for (const name of files) {
      const text = readFileSync(join(ROOT, "src", name), "utf8");
      const bare = withoutComments(name, text);
      expect(bare.split("\n").length, name).toBe(text.split("\n").length);
      expect(await code(bare), name).toBe(await code(text));
      if (bare.length < text.length) shorter++;
    }
    expect(shorter).toBeGreaterThan(100);
  });
});

describe("minified", () => {
  const source = [
    'import { readFileSync as read } from "node:fs";',
    "",
    "// a comment",
    "var Thrown = class extends Error {};",
    "function callIt(longArgumentName) {",
    "  const localValue = longArgumentName + 1;",
    "  if (localValue > 2) throw new Thrown(String(localValue));",
    "  return read;",
    "}",
    "export {",
    "  Thrown,",
    "  callIt as call",
    "};",
  ].join("\n");

  it("keeps the names that show, shortens the others, and says which line is which", async () => {
    const { code, lines: mapped } = await minified(source);
    expect(code).not.toMatch(/comment|longArgumentName|localValue|use strict/);
    expect(code).toMatch(/^import\{readFileSync as read\}from"node:fs";\n.*export\{Thrown,callIt as call\};$/s);
    const module = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as {
      Thrown: typeof Error;
      call: (value: number) => unknown;
    };
    expect(module.Thrown.name).toBe("Thrown");
    expect(module.call.name).toBe("callIt");
    expect(() => module.call(2)).toThrow(module.Thrown);
    const generated = code.split("\n");
    const line = generated.findIndex((text) => text.includes("throw new Thrown"));
    const column = (generated[line] ?? "").indexOf("throw new Thrown");
    expect(mapped[line]?.findLast((each) => each.column <= column)?.origin?.line).toBe(6);
  });
});

describe("withoutRunTimeFacts", () => {
  type Validators = Record<string, ((value: unknown) => boolean) & { errors?: unknown }>;
  const path = join(ROOT, "generated/validators.js");

  it("judges as before, and lets a bundler leave out what is not used", async () => {
    const text = readFileSync(path, "utf8");
    const slim = withoutRunTimeFacts(text);
    expect(slim).not.toContain("evaluated0");
    expect(slim.length).toBeLessThan(text.length * 0.95);
    const before = (await import(pathToFileURL(path).href)) as Validators;
    const after = (await import(`data:text/javascript,${encodeURIComponent(slim)}`)) as Validators;
    expect(Object.keys(after)).toEqual(Object.keys(before));
    const task = fc.record(
      {
        task_id: fc.oneof(fc.uuid(), fc.string(), fc.integer()),
        status: fc.constantFrom("CREATED", "COMPLETED", "done", null),
        generated: fc.oneof(fc.array(fc.webUrl()), fc.string()),
        image: fc.constantFrom("iVBO", "no", 1),
        sharpen: fc.oneof(fc.integer({ min: -5, max: 105 }), fc.string()),
        message: fc.oneof(fc.string(), fc.integer()),
        invalid_params: fc.array(fc.record({ name: fc.string(), reason: fc.oneof(fc.string(), fc.integer()) })),
        other: fc.anything(),
      },
      { requiredKeys: [] },
    );
    const body = fc.oneof(
      task,
      fc.record({ data: fc.oneof(task, fc.array(task)) }),
      fc.record({ problem: task }),
      fc.anything(),
    );
    for (const [name, validate] of Object.entries(after))
      fc.assert(
        fc.property(body, (value) => {
          expect(validate(value), name).toBe(before[name]?.(value));
          expect(validate.errors, name).toEqual(before[name]?.errors);
        }),
        { numRuns: 60 },
      );
  });

  it("leaves a validator alone whose facts are only known at run time, or are asked for", () => {
    const known = 'validate1.evaluated = { "props": true, "dynamicProps": false, "dynamicItems": false };\n';
    const asked = `${known}const props = validate1.evaluated.props;\n`;
    const changing = 'validate2.evaluated = { "dynamicProps": true, "dynamicItems": false };\n';
    expect(withoutRunTimeFacts(known)).toBe("");
    expect(withoutRunTimeFacts(asked)).toBe(asked);
    expect(withoutRunTimeFacts(changing)).toBe(changing);
  });
});

describe("entriesOfPackage", () => {
  it("has each of the package's entry points once, by a source that is there", () => {
    const { library, tools } = entriesOfPackage();
    expect([...library, ...tools].sort()).toEqual([
      "src/cli/main",
      "src/index",
      "src/node",
      "src/sandbox/index",
      "src/webhook/index",
    ]);
    expect(library).toContain("src/index");
    expect(tools).toContain("src/cli/main");
  });
});
