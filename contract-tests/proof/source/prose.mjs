/** Keeps Stryker from mutating sentences: that a message says something else breaks no program. Plain JavaScript, as Stryker loads it. */

export const WHY = "a sentence for people";

/** A string with a space, and a template with a space in its text whose values decide nothing. */
function isProse(path) {
  if (path.isStringLiteral()) return / /.test(path.node.value);
  if (!path.isTemplateLiteral() || !path.node.quasis.some((part) => / /.test(part.value.raw))) return false;
  return path.node.expressions.every((inner) =>
    /^(Identifier|MemberExpression|StringLiteral|NumericLiteral)$/.test(inner.type),
  );
}

export const strykerPlugins = [
  { kind: "Ignore", name: "prose", value: { shouldIgnore: (path) => (isProse(path) ? WHY : undefined) } },
];
