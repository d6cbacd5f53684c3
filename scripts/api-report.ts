/**
 * The public face as text: every export of every entry point with its declaration, in scripts/check/public-api.txt. Fails when
 * the build says something else than the file; `--update` writes it, and the review sees what changed. Needs a build.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { ROOT } from "../openapi/document/load.js";

const REPORT = join(ROOT, "scripts/check/public-api.txt");

const { exports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  exports: Record<string, string | { readonly types?: string }>;
};
const entries = Object.entries(exports).flatMap(([name, target]) =>
  typeof target === "object" && target.types !== undefined ? [{ name, path: join(ROOT, target.types) }] : [],
);
const program = ts.createProgram({
  rootNames: entries.map(({ path }) => path),
  options: { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, skipLibCheck: true },
});
const checker = program.getTypeChecker();
const printer = ts.createPrinter({ removeComments: true });

/** Declarations of this package that have been printed or wait for it: what an export is made of belongs to the face too. */
const seen = new Set<ts.Symbol>();
const waiting: ts.Symbol[] = [];

const original = (symbol: ts.Symbol): ts.Symbol =>
  symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;

function declarations(symbol: ts.Symbol): string {
  seen.add(original(symbol));
  return (original(symbol).declarations ?? [])
    .map((declaration) => {
      const statement = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
      collect(statement);
      return printer.printNode(ts.EmitHint.Unspecified, statement, statement.getSourceFile());
    })
    .join("\n");
}

/** Types that a declaration names: a base interface's options are options of the export. */
function collect(node: ts.Node): void {
  if (ts.isIdentifier(node)) {
    const symbol = checker.getSymbolAtLocation(node);
    const target = symbol === undefined ? undefined : original(symbol);
    const [declaration] = target?.declarations ?? [];
    const named =
      declaration !== undefined &&
      (ts.isInterfaceDeclaration(declaration) ||
        ts.isTypeAliasDeclaration(declaration) ||
        ts.isClassDeclaration(declaration));
    const ours = named && declaration.getSourceFile().fileName.startsWith(join(ROOT, "dist"));
    if (target !== undefined && ours && !seen.has(target)) {
      seen.add(target);
      waiting.push(target);
    }
  }
  ts.forEachChild(node, collect);
}

const parts: string[] = [];
for (const { name, path } of entries) {
  const file = program.getSourceFile(path);
  const module = file === undefined ? undefined : checker.getSymbolAtLocation(file);
  if (module === undefined) {
    console.error(`${path} is not there or exports nothing: build first.`);
    process.exit(2);
  }
  const symbols = checker.getExportsOfModule(module).sort((a, b) => (a.name < b.name ? -1 : 1));
  parts.push(`## ${name}`, ...symbols.map((symbol) => `### ${symbol.name}\n${declarations(symbol)}`));
}
const inner: string[] = [];
for (let symbol = waiting.shift(); symbol !== undefined; symbol = waiting.shift())
  if (!parts.some((part) => part.startsWith(`### ${symbol?.name}\n`)))
    inner.push(`### ${symbol.name}\n${declarations(symbol)}`);
parts.push("## Named by the above", ...inner.sort());
const report = `${parts.join("\n\n")}\n`;

if (process.argv.includes("--update")) {
  writeFileSync(REPORT, report);
  console.log(`${REPORT.slice(ROOT.length + 1)} written.`);
} else {
  const known = existsSync(REPORT) ? readFileSync(REPORT, "utf8") : "";
  const lines = new Set(known.split("\n"));
  const now = new Set(report.split("\n"));
  const changes = [
    ...known
      .split("\n")
      .filter((line) => !now.has(line))
      .map((line) => `- ${line}`),
    ...report
      .split("\n")
      .filter((line) => !lines.has(line))
      .map((line) => `+ ${line}`),
  ];
  if (known === report) console.log(`The public API is as written down: ${entries.length} entry points.`);
  else {
    console.error(
      `The public API is not as written down. If that is meant: npx tsx scripts/api-report.ts --update\n${changes.join("\n")}`,
    );
    process.exitCode = 1;
  }
}
