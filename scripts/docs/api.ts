/** The pages of the API, by TypeDoc. */
import { join } from "node:path";
import {
  Application,
  type CommentDisplayPart,
  type CommentTag,
  type ProjectReflection,
  type Reflection,
  ReflectionKind,
  type TypeDocOptions,
} from "typedoc";
import { ROOT } from "../../openapi/document/load.js";

/** Types that the API names and readers see through: what the generator makes of the document, and parts of unions. */
const SEEN_THROUGH = [
  "generated/schema.ts:paths",
  "generated/schema.ts:components",
  "generated/schema.ts:operations",
  "src/batch/options.ts:ResultFacts",
];

/** Warnings are errors: a name that is not included, a link that leads nowhere, a tag that nobody knows. */
export async function apiPages(folder: string): Promise<void> {
  const options: TypeDocOptions & Record<string, unknown> = {
    entryPoints: ["src/index.ts", "src/node.ts", "src/webhook/index.ts", "src/sandbox/index.ts"].map((entry) =>
      join(ROOT, entry),
    ),
    tsconfig: join(ROOT, "tsconfig.build.json"),
    plugin: ["typedoc-plugin-markdown"],
    out: folder,
    name: "API",
    readme: "none",
    basePath: ROOT,
    excludeInternal: true,
    excludePrivate: true,
    excludeExternals: true,
    disableSources: true,
    intentionallyNotExported: SEEN_THROUGH,
    preservedTypeAnnotationTags: ["@throws"],
    treatWarningsAsErrors: true,
    treatValidationWarningsAsErrors: true,
    logLevel: "Warn",
    // Of the Markdown plugin.
    entryFileName: "index",
    hideBreadcrumbs: true,
    hidePageHeader: true,
    mergeReadme: true,
    useCodeBlocks: true,
    expandObjects: false,
    parametersFormat: "table",
    interfacePropertiesFormat: "list",
    sanitizeComments: true,
  };
  const app = await Application.bootstrapWithPlugins(options);
  const project = await app.convert();
  if (project === undefined) throw new Error("TypeDoc could not read the sources.");
  sayWhatIsThrown(project);
  app.validate(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error("TypeDoc has complaints, see above.");
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error("TypeDoc has complaints, see above.");
}

/** TypeDoc reads the class in `@throws {Class} when`, and does not show it. */
function sayWhatIsThrown(project: ProjectReflection): void {
  const classes = project.getReflectionsByKind(ReflectionKind.Class);
  const named = (tag: CommentTag): void => {
    const name = tag.typeAnnotation?.replace(/[{}\s]/g, "");
    if (tag.tag !== "@throws" || name === undefined || name === "") return;
    const target = classes.find((each) => each.name === name);
    const link = target === undefined ? { kind: "code" as const, text: `\`${name}\`` } : linkTo(name, target);
    tag.content.unshift(link, { kind: "text", text: " " });
    delete tag.typeAnnotation;
  };
  for (const reflection of Object.values(project.reflections)) reflection.comment?.blockTags.forEach(named);
}

const linkTo = (text: string, target: Reflection): CommentDisplayPart => ({
  kind: "inline-tag",
  tag: "@link",
  text,
  target,
});
