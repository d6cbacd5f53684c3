/**
 * Imports run one way: openapi/document → generated → src → contract-tests → scripts, and inside src/ from the tools down to
 * errors/ and util/. Files form no circle, and the core needs no Node built-in and no package but openapi-fetch.
 */
const TESTS = "\\.(test|test-d)\\.ts$|/test/|^src/test-support/";

/** Inside src/, from the bottom. A file imports from its own layer and from those below it. */
const LAYERS = [
  "errors|util",
  "contract|http|image|files",
  "api|submit|task|result|webhook|store",
  "client\\.ts",
  "index\\.ts|batch",
  "node\\.ts|sandbox",
  "cli",
];
const inSrc = (layers) => `^src/(${layers.join("|")})(/|$)`;

const forbid = (name, from, to, comment) => ({ name, severity: "error", comment, from, to });

module.exports = {
  forbidden: [
    forbid("no-circle", {}, { circular: true }, "Files that import each other cannot be understood one by one."),
    forbid(
      "resolvable",
      { pathNot: "^scripts/(everywhere|size)/.*\\.mjs$" },
      { couldNotResolve: true },
      "Imports something that does not exist.",
    ),
    forbid(
      "document-is-the-ground",
      { path: "^openapi/document/", pathNot: TESTS },
      { path: "^(generated|src|contract-tests|scripts|bench)/" },
    ),
    forbid(
      "generator-uses-the-document",
      { path: "^scripts/generate/", pathNot: TESTS },
      { path: "^(generated|src|contract-tests|scripts|bench)/", pathNot: "^scripts/generate/" },
    ),
    forbid("generated-stands-alone", { path: "^generated/" }, { path: "^(src|contract-tests|scripts|bench)/" }),
    forbid(
      "src-knows-no-tools",
      { path: "^src/", pathNot: TESTS },
      { path: "^(openapi|contract-tests|scripts|bench)/" },
    ),
    forbid("contract-tests-know-no-commands", { path: "^contract-tests/" }, { path: "^(scripts|bench)/" }),
    forbid(
      "contract-tests-use-the-public-face",
      { path: "^contract-tests/", pathNot: TESTS },
      { path: "^src/", pathNot: "^src/(index|node|webhook/index|sandbox/index)\\.ts$" },
    ),
    forbid(
      "only-magnific-knows-the-client",
      { path: "^contract-tests/", pathNot: "^contract-tests/magnific/" },
      { path: "^(src/(?!test-support/temp-folder)|contract-tests/magnific/)" },
      "Only contract-tests/magnific/ knows this provider and its client; the commands in scripts/ put both together.",
    ),
    ...LAYERS.slice(0, -1).map((layer, index) =>
      forbid(
        `layer-${index + 1}-of-src`,
        { path: inSrc([layer]), pathNot: TESTS },
        { path: inSrc(LAYERS.slice(index + 1)) },
        "Inside src/ imports run down the layers that .dependency-cruiser.cjs lists.",
      ),
    ),
    forbid(
      "core-is-isomorphic",
      {
        path: "^src/",
        pathNot: `^src/(node\\.ts|api/dispatcher-fetch\\.ts|sandbox|batch|cli|files|store/file-)|${TESTS}`,
      },
      { dependencyTypes: ["core"], dependencyTypesNot: ["type-only"] },
      "The core runs in browsers and on the edge: Node built-ins belong in node.ts, api/dispatcher-fetch.ts, files/, batch/, sandbox/ and cli/.",
    ),
    forbid(
      "core-has-one-dependency",
      { path: "^src/", pathNot: `^src/(sandbox|cli)/|${TESTS}` },
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
