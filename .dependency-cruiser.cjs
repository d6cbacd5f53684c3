/**
 * Imports run one way: openapi → openapi/document → generated → src → contract-tests → the entries in scripts/. Files form
 * no circle, and the core reaches no Node built-in and no package but openapi-fetch.
 */
const TESTS = "\\.(test|test-d)\\.ts$|/test/";
const not = (name, from, to, comment) => ({ name, severity: "error", comment, from, to });

module.exports = {
  forbidden: [
    not("no-circle", {}, { circular: true }, "Files that import each other cannot be understood one by one."),
    not(
      "unresolvable",
      { pathNot: "^scripts/everywhere/.*\\.mjs$" },
      { couldNotResolve: true },
      "An import of something that is not there.",
    ),
    not(
      "document-is-the-ground",
      { path: "^openapi/document/", pathNot: TESTS },
      { path: "^(generated|src|contract-tests|scripts)/", pathNot: "^openapi/document/" },
    ),
    not(
      "generator-uses-the-document",
      { path: "^scripts/generate/", pathNot: TESTS },
      { path: "^(generated|src|contract-tests|scripts)/", pathNot: "^scripts/(document|generate)/" },
    ),
    not("generated-stands-alone", { path: "^generated/" }, { path: "^(src|contract-tests|scripts)/" }),
    not("src-knows-no-tools", { path: "^src/", pathNot: TESTS }, { path: "^(contract-tests|scripts|bench)/" }),
    not(
      "contract-tests-know-no-entries",
      { path: "^contract-tests/" },
      { path: "^(scripts|bench)/", pathNot: "^openapi/document/" },
    ),
    not(
      "core-is-isomorphic",
      {
        path: "^src/",
        pathNot: `^src/(node|transport|sandbox|batch|cli|test-support|files|store/file-)|${TESTS}`,
      },
      { dependencyTypes: ["core"], dependencyTypesNot: ["type-only"] },
      "The core runs in browsers and on the edge: Node built-ins belong in node.ts, transport/, sandbox/ and cli/.",
    ),
    not(
      "core-has-one-dependency",
      { path: "^src/", pathNot: `^src/(sandbox|cli|test-support)|${TESTS}` },
      {
        dependencyTypes: ["npm", "npm-dev", "npm-optional", "npm-peer", "npm-no-pkg"],
        pathNot: "node_modules/openapi-fetch/",
      },
    ),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "types", "node", "default"] },
  },
};
