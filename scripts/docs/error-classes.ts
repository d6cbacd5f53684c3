/** The error classes and codes, read from their sources. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { ROOT } from "../../openapi/document/load.js";
import type { ErrorCode } from "../../src/index.js";

export interface ErrorFact {
  readonly code: ErrorCode;
  /** The class that carries the code. */
  readonly name: string;
  /** The entry point that exports it. */
  readonly entry: "magnific-client" | "magnific-client/node";
  /** When it comes. */
  readonly when: string;
}

/** @throws {Error} when a code has no class, or a class no known code. */
export function errorFacts(): ErrorFact[] {
  const folder = join(ROOT, "src/errors");
  const paths = readdirSync(folder).map((file) => join(folder, file));
  const classes = [...paths, join(ROOT, "src/batch/errors.ts")].flatMap(classesOf);
  const bullets = bulletsOf(readFileSync(join(folder, "magnific-error.ts"), "utf8"));
  return [...bullets].map(([code, bullet]) => {
    const own = classes.filter(({ codes }) => codes.includes(code));
    // The subclass that is made for a code says more than the one that takes any.
    const [found] = own.sort((a, b) => a.codes.length - b.codes.length);
    if (found === undefined) throw new Error(`No class has the code ${code}.`);
    const { name, path, comment } = found;
    const entry = path.includes("/batch/") ? "magnific-client/node" : "magnific-client";
    return { code, name, entry, when: bullet === "" ? comment : bullet };
  });
}

/** What two words of the list mean. */
const SHORT: Readonly<Record<string, string>> = {
  "429, passes": "Too many requests (429). It passes.",
  "429, permanent": "A limit of use is reached, such as the free trial's (429). Waiting does not help.",
};

/** `- \`code\`: when`, or several codes with one word each, as the type's docstring lists them. */
export function bulletsOf(text: string): Map<ErrorCode, string> {
  const comment = /\/\*\*([\s\S]*?)\*\/\s*export type ErrorCode/.exec(text)?.[1] ?? "";
  const lines = comment.replace(/^\s*\* ?/gm, "").split(/\n(?=- )/);
  const found = new Map<ErrorCode, string>();
  for (const bullet of lines.filter((line) => line.startsWith("- "))) {
    const items = bullet.slice(2).replace(/\s+/g, " ").trim().split(" · ");
    for (const item of items) {
      const [, code, rest = ""] = /^`(\w+)`(?: \(([^)]*)\))?:? ?/.exec(item) ?? [];
      if (code === undefined) throw new Error(`What does this bullet of ErrorCode mean? ${item}`);
      const said = item.replace(/^`\w+`(?: \([^)]*\))?:? ?/, "");
      found.set(code as ErrorCode, said === "" ? (SHORT[rest] ?? "") : said);
    }
  }
  return found;
}

interface ErrorClass {
  readonly name: string;
  readonly path: string;
  readonly codes: readonly string[];
  readonly comment: string;
}

/** Classes with the codes that their constructors hand to `super`, or take. */
function classesOf(path: string): ErrorClass[] {
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  return source.statements.filter(ts.isClassDeclaration).map((node) => {
    const comments = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
    const comment = comments.map((each) => ts.getTextOfJSDocComment(each.comment) ?? "").join(" ");
    const maker = node.members.find(ts.isConstructorDeclaration);
    const parameter = maker?.parameters.find(({ name }) => name.getText() === "code")?.type?.getText() ?? "";
    const given = /super\(\s*"(\w+)"/.exec(maker?.getText() ?? "")?.[1];
    const codes = given === undefined ? [...parameter.matchAll(/"(\w+)"/g)].map(([, code]) => code ?? "") : [given];
    if (parameter === "ApiErrorCode") codes.push("unexpected_status");
    return {
      name: node.name?.text ?? "",
      path,
      codes,
      comment: comment
        .replace(/\s+/g, " ")
        .replace(/ ?`code: "\w+"`(?:; [^.]*)?\.?/g, "")
        .trim(),
    };
  });
}
