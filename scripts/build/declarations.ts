/** The types of the package: of all that the compiler writes, what the entry points reach. */
import { readdirSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { join, sep } from "node:path";
import ts from "typescript";

/** Leaves out every declaration that no entry point reaches, and every file that has none left. Docstrings stay. */
export function pruneDeclarations(dist: string, entries: readonly string[]): void {
  const rootNames = entries.map((entry) => join(dist, `${entry}.d.ts`));
  const { NodeNext: module } = ts.ModuleKind;
  const program = ts.createProgram({
    rootNames,
    options: { module, moduleResolution: ts.ModuleResolutionKind.NodeNext, skipLibCheck: true },
  });
  const reached = reachedNodes(program, rootNames, (file) => file.startsWith(dist + sep));
  for (const path of declarationFiles(dist)) {
    const file = program.getSourceFile(path);
    const text = file === undefined ? "" : prunedText(file, reached);
    if (text === "") rmSync(path);
    else writeFileSync(path, compatible(text));
  }
  removeEmptyFolders(dist);
}

/** Top-level statements, and within imports the names, that the entry points reach. */
function reachedNodes(
  program: ts.Program,
  rootNames: readonly string[],
  isOurs: (file: string) => boolean,
): Set<ts.Node> {
  const checker = program.getTypeChecker();
  const reached = new Set<ts.Node>();
  const waiting: ts.Node[] = [];
  const reach = (node: ts.Node): void => {
    if (reached.has(node) || !isOurs(node.getSourceFile().fileName)) return;
    reached.add(node);
    waiting.push(node);
  };
  const reachSymbol = (symbol: ts.Symbol | undefined): void => {
    for (const declaration of symbol?.declarations ?? []) {
      if (ts.isSourceFile(declaration)) continue;
      const isName =
        ts.isImportSpecifier(declaration) || ts.isImportClause(declaration) || ts.isNamespaceImport(declaration);
      if (isName) reach(declaration);
      const statement = statementOf(declaration);
      if (!isName && statement !== undefined && !ts.isImportDeclaration(statement)) reach(statement);
    }
    if (symbol !== undefined && symbol.flags & ts.SymbolFlags.Alias) reachSymbol(checker.getAliasedSymbol(symbol));
  };
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) reachSymbol(checker.getSymbolAtLocation(node));
    if (ts.isExportSpecifier(node)) reachSymbol(checker.getExportSpecifierLocalTargetSymbol(node));
    if (ts.isExportDeclaration(node) && node.exportClause === undefined && node.moduleSpecifier !== undefined) {
      const target = checker.getSymbolAtLocation(node.moduleSpecifier);
      for (const symbol of target === undefined ? [] : checker.getExportsOfModule(target)) reachSymbol(symbol);
      // What a file hands on stays in it.
      for (const declaration of target?.declarations ?? [])
        if (ts.isSourceFile(declaration))
          for (const each of declaration.statements) if (ts.isExportDeclaration(each)) reach(each);
    }
    ts.forEachChild(node, visit);
  };
  for (const name of rootNames) for (const statement of program.getSourceFile(name)?.statements ?? []) reach(statement);
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) visit(node);
  return reached;
}

function statementOf(node: ts.Node): ts.Node | undefined {
  let each: ts.Node = node;
  while (each.parent !== undefined && !ts.isSourceFile(each.parent)) each = each.parent;
  return each.parent === undefined ? undefined : each;
}

/** The file's text with only what is reached; empty when that is nothing. */
function prunedText(file: ts.SourceFile, reached: ReadonlySet<ts.Node>): string {
  const kept = file.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement))
      return reached.has(statement) ? [file.text.slice(statement.pos, statement.end)] : [];
    const { importClause: clause, moduleSpecifier } = statement;
    const bindings = clause?.namedBindings;
    const names = [
      ...(clause?.name !== undefined && reached.has(clause) ? [clause.name.text] : []),
      ...(bindings !== undefined && ts.isNamespaceImport(bindings) && reached.has(bindings)
        ? [bindings.getText(file)]
        : []),
    ];
    const inner =
      bindings !== undefined && ts.isNamedImports(bindings)
        ? bindings.elements.filter((each) => reached.has(each)).map((each) => each.getText(file))
        : [];
    if (inner.length > 0) names.push(`{ ${inner.join(", ")} }`);
    // An import for itself brings declarations into the program, e.g. Node's.
    if (clause === undefined) return [statement.getText(file)];
    const type = clause.isTypeOnly ? "type " : "";
    return names.length === 0 ? [] : [`\nimport ${type}${names.join(", ")} from ${moduleSpecifier.getText(file)};`];
  });
  return kept.every((text) => /^\s*import\b/.test(text)) ? "" : `${kept.join("").trimStart()}\n`;
}

/**
 * Before TypeScript 5.7 Uint8Array took no parameter. What `Uint8Array.of` gives has the right type in each version, and needs
 * neither the DOM's types nor Node's.
 */
export function compatible(text: string): string {
  return text
    .replaceAll("Uint8Array<ArrayBuffer>", "ReturnType<typeof Uint8Array.of>")
    .replaceAll("Uint8Array<ArrayBufferLike>", "Uint8Array")
    .replace(/^(?: {4})+/gm, (spaces) => "\t".repeat(spaces.length / 4));
}

function declarationFiles(dist: string): string[] {
  return readdirSync(dist, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".d.ts"))
    .map((name) => join(dist, name));
}

function removeEmptyFolders(dist: string): void {
  const folders = readdirSync(dist, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
  // The inner ones first.
  for (const folder of folders.sort((a, b) => b.length - a.length))
    if (readdirSync(folder).length === 0) rmdirSync(folder);
}
