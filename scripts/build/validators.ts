/** The generated validators, without what ajv keeps in them for schemas that are only known at run time. Pure. */

/**
 * Each function carries what it has evaluated, as a property, so that a schema around it could ask at run time. Where the
 * answer never changes, nobody asks: ajv has put it into the code. The property alone keeps a bundler from leaving out the
 * validators that a program does not use.
 */
export function withoutRunTimeFacts(code: string): string {
  const facts = /^(validate\d+)\.evaluated = \{[^;]*"dynamicProps": false, "dynamicItems": false \};\n/gm;
  const names = [...code.matchAll(facts)].map(([, name]) => name ?? "");
  let result = code;
  for (const name of names) {
    const reset = new RegExp(
      `^ *const (evaluated\\d+) = ${name}\\.evaluated;\\n *if \\(\\1\\.dynamicProps\\) \\{\\n *\\1\\.props = void 0;\\n *\\}\\n *if \\(\\1\\.dynamicItems\\) \\{\\n *\\1\\.items = void 0;\\n *\\}\\n`,
      "gm",
    );
    const without = result.replace(reset, "").replace(new RegExp(`^${name}\\.evaluated = .*\\n`, "m"), "");
    // Somebody does ask.
    if (new RegExp(`\\b${name}\\.evaluated\\b`).test(without)) continue;
    result = without;
  }
  return result;
}
