/** Type-checks `generated/` as it would be, and what uses it, before anything is written. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";
import { ROOT } from "../../openapi/document/load.js";

export interface TypeErrors {
  /** In the generated files: they must not be written. */
  readonly generated: readonly string[];
  /** In what people wrote, as `file:line, line message`: it has to follow the document by hand. */
  readonly client: readonly string[];
}

/**
 * @param generated the new files of `generated/`, by name.
 * @param everything Checks all that `tsconfig.json` includes: command, sandbox, tests and benches too, not the library alone.
 */
export function typeErrors(root: string, generated: ReadonlyMap<string, string>, everything = false): TypeErrors {
  const dir = resolve(root, "generated");
  const files = new Map([...generated].map(([name, text]) => [join(dir, name), text]));
  const client = resolve(root, "src", "index.ts");
  const withClient = existsSync(client);
  const { config } = ts.readConfigFile(join(ROOT, "tsconfig.json"), ts.sys.readFile);
  const project = ts.parseJsonConfigFileContent(config, ts.sys, resolve(root));
  const options: ts.CompilerOptions = {
    ...project.options,
    ...{ noEmit: true, skipLibCheck: true, typeRoots: [join(ROOT, "node_modules", "@types")] },
    // Without a package around it a file counts as CommonJS, which the types themselves do not care about; they need nothing of Node.
    ...(withClient ? {} : { verbatimModuleSyntax: false, types: [], lib: ["lib.es2023.d.ts", "lib.dom.d.ts"] }),
  };
  const names = [...files.keys()].filter((name) => name.endsWith(".ts"));
  const users = everything ? project.fileNames.filter((name) => !name.startsWith(`${dir}/`)) : [];
  const roots = [...names, ...(withClient ? [client] : []), ...users];
  const program = ts.createProgram(roots, options, hostOver(dir, files, options));
  const diagnostics = ts.getPreEmitDiagnostics(program);
  const isOwn = ({ file }: ts.Diagnostic) => file !== undefined && files.has(resolve(file.fileName));
  const own = diagnostics.filter(isOwn);
  const others = diagnostics.filter((each) => !isOwn(each));
  return { generated: textsOf(own, root), client: textsOf(others, root) };
}

/** TypeScript's own declarations: the same for every check, and long. */
const libraries = new Map<string, ts.SourceFile>();

/** Reads the new files as if they were on disk, and those that they replace as if they were not. */
function hostOver(dir: string, files: ReadonlyMap<string, string>, options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  // Without it, files are looked for in folders that are not there yet, too.
  delete host.directoryExists;
  host.fileExists = (name) => files.has(resolve(name)) || (!resolve(name).startsWith(`${dir}/`) && fileExists(name));
  host.readFile = (name) => files.get(resolve(name)) ?? readFile(name);
  host.getSourceFile = (name, ...rest) => {
    const read = libraries.get(name) ?? getSourceFile(name, ...rest);
    if (read && /\/typescript\/lib\/lib\..*\.d\.ts$/.test(name)) libraries.set(name, read);
    return read;
  };
  return host;
}

/** The same message in a file is reported once, with all its lines. */
function textsOf(diagnostics: readonly ts.Diagnostic[], root: string): string[] {
  const found = new Map<string, { readonly name: string; readonly message: string; readonly lines: Set<number> }>();
  for (const { file, start = 0, messageText } of diagnostics) {
    const message = ts.flattenDiagnosticMessageText(messageText, " ");
    const name = file?.fileName.replace(`${resolve(root)}/`, "") ?? "";
    const entry = found.get(name + message) ?? { name, message, lines: new Set() };
    found.set(name + message, entry);
    entry.lines.add(file === undefined ? 0 : file.getLineAndCharacterOfPosition(start).line + 1);
  }
  return [...found.values()].map(({ name, message, lines }) =>
    name === "" ? message : `${name}:${[...lines].join(", ")} ${message}`,
  );
}
