/** Type-checks `generated/` as it would be, and the client that uses it, before anything is written. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";
import { ROOT } from "../../openapi/document/load.js";

export interface TypeErrors {
  /** In the generated files: they must not be written. */
  readonly generated: readonly string[];
  /** In `src/`: the client has to follow the document by hand. */
  readonly client: readonly string[];
}

/** @param generated the new files of `generated/`, by name. */
export function typeErrors(root: string, generated: ReadonlyMap<string, string>): TypeErrors {
  const dir = resolve(root, "generated");
  const files = new Map([...generated].map(([name, text]) => [join(dir, name), text]));
  const client = resolve(root, "src", "index.ts");
  const withClient = existsSync(client);
  const { config } = ts.readConfigFile(join(ROOT, "tsconfig.json"), ts.sys.readFile);
  const options: ts.CompilerOptions = {
    ...ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT).options,
    ...{ noEmit: true, skipLibCheck: true, typeRoots: [join(ROOT, "node_modules", "@types")] },
    // Without a package around it a file counts as CommonJS, which the types themselves do not care about; they need nothing of Node.
    ...(withClient ? {} : { verbatimModuleSyntax: false, types: [], lib: ["lib.es2023.d.ts", "lib.dom.d.ts"] }),
  };
  const names = [...files.keys()].filter((name) => name.endsWith(".ts"));
  const program = ts.createProgram([...names, ...(withClient ? [client] : [])], options, hostOver(files, options));
  const diagnostics = ts.getPreEmitDiagnostics(program);
  const isOwn = ({ file }: ts.Diagnostic) => file !== undefined && files.has(resolve(file.fileName));
  const texts = (own: boolean) => diagnostics.filter((each) => isOwn(each) === own).map((each) => textOf(each, root));
  return { generated: texts(true), client: texts(false) };
}

/** TypeScript's own declarations: the same for every check, and long. */
const libraries = new Map<string, ts.SourceFile>();

/** Reads the new files as if they were on disk. */
function hostOver(files: ReadonlyMap<string, string>, options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  // Without it, files are looked for in folders that are not there yet, too.
  delete host.directoryExists;
  host.fileExists = (name) => files.has(resolve(name)) || fileExists(name);
  host.readFile = (name) => files.get(resolve(name)) ?? readFile(name);
  host.getSourceFile = (name, ...rest) => {
    const read = libraries.get(name) ?? getSourceFile(name, ...rest);
    if (read && /\/typescript\/lib\/lib\..*\.d\.ts$/.test(name)) libraries.set(name, read);
    return read;
  };
  return host;
}

function textOf({ file, start, messageText }: ts.Diagnostic, root: string): string {
  const message = ts.flattenDiagnosticMessageText(messageText, " ");
  if (!file || start === undefined) return message;
  const { line } = file.getLineAndCharacterOfPosition(start);
  return `${file.fileName.replace(`${resolve(root)}/`, "")}:${line + 1} ${message}`;
}
