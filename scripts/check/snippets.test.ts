import { describe, expect, it } from "vitest";
import { atItsPlace, exampleSnippets, markdownSnippets, unrun } from "./snippets.js";

const PAGE = `# A page

\`\`\`sh
npm test
\`\`\`

\`\`\`ts
first();
\`\`\`

<!-- run
assert.equal(example.second(), 2);
-->
\`\`\`ts [second.ts]
export function second(): number {
  return 2;
}
\`\`\`
`;

describe("markdownSnippets", () => {
  it("finds TypeScript fences with their lines and what runs them, and no other fences", () => {
    expect(markdownSnippets("a.md", PAGE)).toEqual([
      { source: "a.md", line: 8, code: "first();\n", added: 0 },
      {
        source: "a.md",
        line: 15,
        code: "export function second(): number {\n  return 2;\n}\n",
        run: "assert.equal(example.second(), 2);",
        added: 0,
      },
    ]);
  });

  it("lists the snippets that would not be run", () => {
    expect(unrun(markdownSnippets("a.md", PAGE))).toEqual([]);
    const without = PAGE.replace(/<!-- run[\s\S]*?-->\n/, "");
    expect(unrun(markdownSnippets("a.md", without))).toEqual([
      "a.md:12 exports something that nothing runs: put <!-- run … --> before it",
    ]);
  });
});

it("takes the code of an @example, and imports what it names", () => {
  const exports = new Map([
    ["Magnific", "magnific-client"],
    ["imageFile", "magnific-client/node"],
    ["unwrap", "magnific-client/webhook"],
  ]);
  const example = `
/**
 * Says.
 *
 * @example
 * const file = await imageFile("a.jpg"); // not "unwrap"
 * await magnific.upscale({ image: file });
 *
 * @throws {Error} never
 */
/** For example this. */`;
  const code = [
    'import { Magnific } from "magnific-client";',
    'import { imageFile } from "magnific-client/node";',
    "const magnific = new Magnific();",
    "export {};",
    'const file = await imageFile("a.jpg"); // not "unwrap"',
    "await magnific.upscale({ image: file });",
    "",
  ].join("\n");
  expect(exampleSnippets("a.ts", example, exports)).toEqual([{ source: "a.ts", line: 6, added: 4, code }]);
});

it("reports the compiler's errors at their places in the documentation", () => {
  const snippet = { source: "docs/a.md", line: 10, code: "", added: 3 };
  expect(atItsPlace("x-1.ts(5,7): error\ny.ts(1,1): error", new Map([["x-1.ts", snippet]]))).toBe(
    "docs/a.md:11:7: error\ny.ts(1,1): error",
  );
});
