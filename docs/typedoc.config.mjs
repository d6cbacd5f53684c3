/** The API reference: Markdown that VitePress builds into the site. */
import { OptionDefaults } from "typedoc";

export default {
  entryPoints: ["../src/index.ts", "../src/node.ts", "../src/webhook/index.ts", "../src/sandbox/index.ts"],
  tsconfig: "../tsconfig.build.json",
  plugin: ["typedoc-plugin-markdown", "./throws.mjs"],
  out: "reference/api",
  name: "API",
  readme: "none",
  excludeInternal: true,
  excludePrivate: true,
  excludeExternals: true,
  disableSources: true,
  preservedTypeAnnotationTags: ["@throws"],
  treatWarningsAsErrors: true,
  treatValidationWarningsAsErrors: true,
  logLevel: "Warn",
  entryFileName: "index",
  hideBreadcrumbs: true,
  hidePageHeader: true,
  mergeReadme: true,
  useCodeBlocks: true,
  parametersFormat: "table",
  interfacePropertiesFormat: "list",
  sanitizeComments: true,
  validation: {
    notExported: false,
    invalidLink: true,
    rewrittenLink: true,
  },
  // The words of the types that openapi-typescript writes.
  blockTags: [...OptionDefaults.blockTags, "@description"],
};
