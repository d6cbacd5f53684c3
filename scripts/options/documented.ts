/** The options that the package's entry points offer, read from their types. */
import { join, relative } from "node:path";
import ts from "typescript";

export interface DocumentedOption {
  /** The interface that declares it; with its folder (`sandbox/WebhookOptions`) for what only the sandbox offers. */
  readonly owner: string;
  readonly name: string;
  /** Path of the file, and line. */
  readonly place: string;
  /** Whether a comment says what it means. */
  readonly documented: boolean;
  /** Its type as it is written, without `undefined`. */
  readonly type: string;
  /** What its comment says. */
  readonly comment: string;
}

/** Interfaces whose members are options. */
const OPTIONS = /(?:Options|Settings|Hooks)$/;

/** @param entries Source files of the entry points, relative to `root`. */
export function documentedOptions(root: string, entries: readonly string[]): DocumentedOption[] {
  const config = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
  const program = ts.createProgram({ rootNames: entries.map((entry) => join(root, entry)), options });
  const checker = program.getTypeChecker();
  const found = new Map<string, DocumentedOption>();

  const collect = (declaration: ts.InterfaceDeclaration): void => {
    for (const member of declaration.members) {
      if (!ts.isPropertySignature(member) && !ts.isMethodSignature(member)) continue;
      const source = member.getSourceFile();
      const name = member.name.getText(source);
      const owner = ownerOf(declaration, root);
      const line = source.getLineAndCharacterOfPosition(member.getStart(source)).line + 1;
      const place = `${relative(root, source.fileName)}:${line}`;
      const comments = ts.getJSDocCommentsAndTags(member);
      const comment = comments.map((each) => ts.getTextOfJSDocComment(each.comment) ?? "").join(" ");
      const type = (member.type?.getText(source) ?? "unknown").replace(/\s+/g, " ").replace(/ \| undefined$/, "");
      found.set(`${owner}.${name}`, { owner, name, place, documented: comments.length > 0, type, comment });
    }
    for (const { types } of declaration.heritageClauses ?? [])
      for (const type of types) visit(checker.getTypeAtLocation(type).getSymbol());
  };
  const visit = (symbol: ts.Symbol | undefined): void => {
    for (const declaration of symbol?.declarations ?? [])
      if (ts.isInterfaceDeclaration(declaration)) collect(declaration);
  };

  for (const entry of entries) {
    const source = program.getSourceFile(join(root, entry));
    const module = source && checker.getSymbolAtLocation(source);
    if (module === undefined) throw new Error(`${entry} is no module`);
    for (const exported of checker.getExportsOfModule(module)) {
      if (!OPTIONS.test(exported.name)) continue;
      visit(exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported);
    }
  }
  return [...found.values()];
}

/** The sandbox has interfaces of its own that are named like the client's. */
function ownerOf(declaration: ts.InterfaceDeclaration, root: string): string {
  const sandbox = relative(root, declaration.getSourceFile().fileName).startsWith("src/sandbox/");
  return `${sandbox ? "sandbox/" : ""}${declaration.name.text}`;
}
