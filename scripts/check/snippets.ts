/** The TypeScript snippets of the documentation: fences in Markdown, `@example`s in docstrings, and what runs them. Pure. */

export interface Snippet {
  /** Path of the file that it stands in. */
  readonly source: string;
  /** Line of the file on which its code begins; 1 for the first. */
  readonly line: number;
  readonly code: string;
  /**
   * What is done with its exports, as JavaScript: `<!-- run … -->` right before a fence, which no reader of the page sees.
   * There `example` is the module. Without it the snippet is run by importing it.
   */
  readonly run?: string;
  /** Lines put before the code that are not in the file. */
  readonly added: number;
}

const FENCE = /^(?:<!-- run\n([\s\S]*?)\n-->\n+)?```(?:ts|typescript)\b[^\n]*\n([\s\S]*?)^```$/gm;

export function markdownSnippets(source: string, text: string): Snippet[] {
  return [...text.matchAll(FENCE)].map((match) => {
    const [whole, run, code = ""] = match;
    const start = (match.index ?? 0) + whole.length - code.length - "```".length;
    const place = { source, line: text.slice(0, start).split("\n").length, code, added: 0 };
    return run === undefined ? place : { ...place, run };
  });
}

/** @param exports Where each name of the package is exported, e.g. `imageFile` → `magnific-client/node`. */
export function exampleSnippets(source: string, text: string, exports: ReadonlyMap<string, string>): Snippet[] {
  const found: Snippet[] = [];
  for (const comment of text.matchAll(/\/\*\*[\s\S]*?\*\//g)) {
    const lines = comment[0].replace(/\s*\*\/$/, "").split("\n");
    const first = text.slice(0, comment.index).split("\n").length;
    const begin = lines.findIndex((line) => /^\s*\* @example\s*$/.test(line));
    if (begin < 0) continue;
    const after = lines.slice(begin + 1);
    const end = after.findIndex((line) => /^\s*\* @\w/.test(line));
    const body = (end < 0 ? after : after.slice(0, end)).map((line) => line.replace(/^\s*\* ?/, ""));
    const code = `${body.join("\n").trimEnd()}\n`;
    const before = preludeOf(code, exports);
    const line = first + begin + 1;
    found.push({ source, line, code: [...before, code].join("\n"), added: before.length });
  }
  return found;
}

function preludeOf(code: string, exports: ReadonlyMap<string, string>): string[] {
  // The one name that an `@example` may use without declaring it.
  const client = uses(code, "magnific") && !declares(code, "magnific") ? ["const magnific = new Magnific();"] : [];
  const all = [code, ...client].join("\n");
  const imports = [...exports].filter(([name]) => uses(all, name) && !declares(all, name));
  return [
    ...imports.map(([name, entry]) => `import { ${name} } from "${entry}";`),
    ...client,
    // A module, also where it imports nothing.
    "export {};",
  ];
}

const uses = (code: string, name: string): boolean => new RegExp(`(?<![.\\w"])${name}\\b(?!["\\w])`).test(code);
const declares = (code: string, name: string): boolean => new RegExp(`\\b(?:const|let|using) ${name}\\b`).test(code);

/** Snippets that only export something, of which nothing would be run. */
export function unrun(snippets: readonly Snippet[]): string[] {
  return snippets
    .filter(({ code, run }) => run === undefined && /^export (?:default|async|function|const|class)\b/m.test(code))
    .map(({ source, line }) => `${source}:${line} exports something that nothing runs: put <!-- run … --> before it`);
}

/** The compiler's words, with the places of the documentation instead of those of the copies. */
export function atItsPlace(text: string, snippets: ReadonlyMap<string, Snippet>): string {
  return text.replace(/([\w./-]+\.ts)\((\d+),(\d+)\)/g, (all, file: string, line: string, column: string) => {
    const snippet = snippets.get(file);
    return snippet === undefined
      ? all
      : `${snippet.source}:${snippet.line + Number(line) - 1 - snippet.added}:${column}`;
  });
}
