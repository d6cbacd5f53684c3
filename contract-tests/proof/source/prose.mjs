/** Keeps Stryker from mutating sentences: that a message says something else breaks no program. Plain JavaScript, as Stryker loads it. */

export const WHY = "a sentence for people";

const SENTENCE = /[a-z`'"’)]\.? [a-z`('"]/i;

/** Words with a blank between them; a template only where its values decide nothing. Patterns are no sentences. */
function isProse(path) {
  if (path.parent?.callee?.name === "RegExp") return false;
  if (path.isStringLiteral()) return SENTENCE.test(path.node.value);
  if (!path.isTemplateLiteral()) return false;
  const { quasis, expressions } = path.node;
  return (
    SENTENCE.test(quasis.map((part) => part.value.raw).join("x")) &&
    expressions.every((inner) => /^(Identifier|MemberExpression|StringLiteral|NumericLiteral)$/.test(inner.type))
  );
}

export const strykerPlugins = [
  { kind: "Ignore", name: "prose", value: { shouldIgnore: (path) => (isProse(path) ? WHY : undefined) } },
];
