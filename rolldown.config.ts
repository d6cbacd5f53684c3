/**
 * `npm run build`: JavaScript and declarations of each entry point in dist/, with what they share in dist/shared/; and the library
 * once more as CommonJS in dist/cjs/.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { transform } from "esbuild";
import { defineConfig, type Plugin, type RolldownOptions } from "rolldown";
import { minify } from "rolldown/utils";
import { dts } from "rolldown-plugin-dts";

const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };

const LIBRARY = {
  index: "src/index.ts",
  node: "src/node.ts",
  webhook: "src/webhook/index.ts",
  sandbox: "src/sandbox/index.ts",
};

/** What only sandbox, command, stores, webhooks and batches load, generated code, and all code once more: nobody reads it, and it is most of it. */
const TOOLS =
  /^(?:sandbox|magnific|shared\/(?:file-task-store|lock|output|life-cycle|scanner|submit-once|reconcile|verify))\.js$|\.cjs$/;

/** The client itself stays readable, so that stack traces need no source maps. */
const minifyTools: Plugin = {
  name: "minify-tools",
  // Not as the chunk is rendered: what is printed after that has its spaces and line breaks again.
  async generateBundle(_, bundle) {
    for (const chunk of Object.values(bundle)) {
      // An error's name is its class's; of the command itself nobody sees a class.
      const mangle = { keepNames: chunk.fileName !== "magnific.js" };
      if (
        chunk.type === "chunk" &&
        (TOOLS.test(chunk.fileName) || chunk.moduleIds.every((id) => /\/generated\//.test(id)))
      )
        chunk.code = (
          await minify(chunk.fileName, chunk.code, { module: true, mangle, codegen: { removeWhitespace: true } })
        ).code;
    }
  },
};

/** Puts the files of the sandbox's page into its code, as small as they can be. */
const slimPage: Plugin = {
  name: "slim-page",
  transform: {
    filter: { id: /\/sandbox\/page\/page\.ts$/ },
    handler: async (code) => {
      const read = (name: string): string => readFileSync(join("src/sandbox/page", name), "utf8");
      const script = await minify("view.js", read("view.js"), { module: true, codegen: { removeWhitespace: true } });
      const style = await transform(read("view.css"), { loader: "css", minify: true });
      const files: Readonly<Record<string, string>> = {
        "view.html": read("view.html").replace(/\n */g, "\n"),
        "view.css": style.code,
        "view.js": script.code,
      };
      return code.replace(/content\("([\w.]+)"\)/g, (_, name: string) => JSON.stringify(files[name]));
    },
  },
};

/**
 * ajv notes on each validator what it evaluated, for schemas that are only known at run time. There are none here, and the
 * notes would keep a bundler from dropping the validators that a program does not use: 15 kB of its code. Nor does anything
 * here read where in a schema a broken rule stands, or what surrounds the value.
 */
const slimValidators: Plugin = {
  name: "slim-validators",
  transform: {
    filter: { id: /\/generated\/.*validators\.js$/ },
    handler: (code) =>
      code
        .replace(/^validate\d+\.evaluated = \{[^;]*"dynamicProps": false, "dynamicItems": false \};\n/gm, "")
        .replace(
          /^ *const (evaluated\d+) = validate\d+\.evaluated;\n(?: *if \(\1\.dynamic\w+\) \{\n.*\n *\}\n){2}/gm,
          "",
        )
        .replace(/, schemaPath: "[^"]*"/g, "")
        .replace(/, parentData, parentDataProperty, rootData = data, dynamicAnchors = \{\} \}/g, " }")
        .replace(/, parentData(?:: \w+)?, parentDataProperty(?:: [^,]+)?, rootData, dynamicAnchors \}/g, " }"),
  },
};

/** TypeScript before 5.7 has no `Uint8Array<ArrayBuffer>`; what `Uint8Array.of` returns has the right type in every version. */
const olderTypeScript: Plugin = {
  name: "older-typescript",
  renderChunk: (code, { fileName }) =>
    fileName.endsWith(".d.ts")
      ? code
          .replaceAll("Uint8Array<ArrayBuffer>", "ReturnType<typeof Uint8Array.of>")
          .replaceAll("Uint8Array<ArrayBufferLike>", "Uint8Array")
      : null,
};

/** The licences of the packages whose code is built into the files of this one; `generated/` holds code of ajv. */
const licences: Plugin = {
  name: "licences",
  generateBundle(_, bundle) {
    const modules = Object.values(bundle).flatMap((file) => (file.type === "chunk" ? file.moduleIds : []));
    const folders = modules.map((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? "");
    const texts = [...new Set([...folders, "node_modules/ajv", "node_modules/openapi-fetch"])]
      .filter(existsSync)
      .map((folder) => {
        const { name, version } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8")) as Record<string, string>;
        return `${name} ${version}\n\n${readFileSync(`${folder}/LICENSE`, "utf8").trim()}\n`;
      });
    this.emitFile({ type: "asset", fileName: "THIRD-PARTY-LICENSES.txt", source: texts.sort().join("\n---\n\n") });
  },
};

/**
 * Moves the declarations to dist/cjs/, as a program that is CommonJS itself reads them: TypeScript lets it import none of an ES
 * module. Those of the ES modules only point there, so that each type exists once. Runs when both kinds of modules are there.
 */
const commonDeclarations: Plugin = {
  name: "common-declarations",
  closeBundle() {
    const files = readdirSync("dist", { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".d.ts"));
    for (const file of files) {
      const code = readFileSync(join("dist", file), "utf8").replace(/(from |import\()"(\.[^"]+)\.js"/g, '$1"$2.cjs"');
      writeFileSync(join("dist/cjs", file.replace(/\.d\.ts$/, ".d.cts")), code);
      rmSync(join("dist", file));
    }
    for (const name of Object.keys(LIBRARY)) writeFileSync(`dist/${name}.d.ts`, `export * from "./cjs/${name}.cjs";\n`);
  },
};

const EXTERNAL = [/^node:/, "openapi-fetch", "sharp", "undici"];
const COMMON = {
  platform: "node",
  external: EXTERNAL,
  transform: { target: "es2022", define: { CLIENT_VERSION: JSON.stringify(version) } },
} satisfies RolldownOptions;

const modules = defineConfig({
  ...COMMON,
  input: { ...LIBRARY, magnific: "src/cli/main.ts" },
  plugins: [
    dts({ tsconfig: "tsconfig.build.json", entry: Object.values(LIBRARY) }),
    slimValidators,
    slimPage,
    olderTypeScript,
    minifyTools,
    licences,
  ],
  output: { dir: "dist", cleanDir: true, comments: false, chunkFileNames: "shared/[name].js" },
});

/** For what reads no ES modules, Jest first of all. Node itself takes those, by the condition `module-sync`, so that each class exists once. */
const commonJs = defineConfig({
  ...COMMON,
  // Its two kinds of modules disagree on where the default export is.
  external: EXTERNAL.filter((one) => one !== "openapi-fetch"),
  input: LIBRARY,
  plugins: [slimValidators, slimPage, minifyTools, commonDeclarations],
  output: {
    dir: "dist/cjs",
    format: "cjs",
    comments: false,
    entryFileNames: "[name].cjs",
    chunkFileNames: "shared/[name].cjs",
  },
});

export default [modules, commonJs];
