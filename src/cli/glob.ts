/** Patterns of file names, for shells that do not expand them: `*`, `?`, `[…]`, `{a,b}`, and `**` across folders. Pure. */

export function isPattern(text: string): boolean {
  return /[*?[{]/.test(text);
}

/** The folder that a pattern's matches all lie below. */
export function fixedPart(pattern: string): string {
  const parts = pattern.split("/");
  const first = parts.findIndex((part, index) => isPattern(part) || index === parts.length - 1);
  return parts.slice(0, first).join("/") || (pattern.startsWith("/") ? "/" : ".");
}

/** Matches whole paths as the walk of folders spells them: without a leading `./`. */
export function patternOf(pattern: string): RegExp {
  const text = spelled(pattern);
  let source = "";
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at] ?? "";
    if (letter === "*" && text[at + 1] === "*") {
      // `**/` stands for any number of folders, none included.
      const folder = text[at + 2] === "/";
      source += folder ? "(?:[^/]+/)*" : ".*";
      at += folder ? 2 : 1;
    } else if (letter === "*") source += "[^/]*";
    else if (letter === "?") source += "[^/]";
    else if (letter === "[") {
      const negated = /[!^]/.test(text[at + 1] ?? "");
      const start = at + (negated ? 2 : 1);
      // A bracket that stands first is one of the letters.
      const end = text.indexOf("]", start + 1);
      if (end < 0) source += "\\[";
      else {
        const letters = text.slice(start, end).replace(/[\\\]]/g, "\\$&");
        source += negated ? `(?!/)[^${letters}]` : `[${letters}]`;
        at = end;
      }
    } else if (letter === "{") {
      source += "(?:";
      depth++;
    } else if (letter === "}" && depth > 0) {
      source += ")";
      depth--;
    } else if (letter === "," && depth > 0) source += "|";
    else source += letter.replace(/[.+^$()|\\{}\]]/g, "\\$&");
  }
  return new RegExp(`^${source}${")".repeat(depth)}$`);
}

/** Whether matches may lie in a folder below the pattern's fixed part: others need not be looked into. */
export function folderTest(pattern: string): (folder: string) => boolean {
  const parts = spelled(pattern).split("/");
  // A choice that spans folders is not taken apart.
  if (/\{[^}]*\//.test(pattern)) return () => true;
  const tests = parts.map((part) => (part.includes("**") ? undefined : patternOf(part)));
  return (folder) => {
    for (const [depth, name] of folder.split("/").entries()) {
      const test = tests[depth];
      if (test === undefined) return depth < tests.length;
      if (depth === tests.length - 1 || !test.test(name)) return false;
    }
    return true;
  };
}

/** As the walk of folders spells paths. */
function spelled(pattern: string): string {
  return pattern.replace(/^(?:\.\/)+/, "").replace(/\/{2,}/g, "/");
}
