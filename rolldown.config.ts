/** `npm run build`: JavaScript and declarations of each entry point in dist/, with what they share in dist/shared/. */
import { existsSync, readFileSync } from "node:fs";
import { defineConfig, type Plugin } from "rolldown";
import { minify } from "rolldown/utils";
import { dts } from "rolldown-plugin-dts";

const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };

const LIBRARY = {
  index: "src/index.ts",
  node: "src/node.ts",
  webhook: "src/webhook/index.ts",
  sandbox: "src/sandbox/index.ts",
};

/** What only sandbox, command and batches load: nobody reads it, and it is half of the code. */
const TOOLS = /^(?:sandbox|magnific|shared\/(?:validators|file-task-store|lock|output|life-cycle))\.js$/;

/** The client itself stays readable, so that stack traces need no source maps. */
const minifyTools: Plugin = {
  name: "minify-tools",
  renderChunk: async (code, { fileName }) => {
    if (!TOOLS.test(fileName)) return null;
    const options = { module: true, mangle: { keepNames: true }, codegen: { removeWhitespace: true } };
    return (await minify(fileName, code, options)).code;
  },
};

/**
 * ajv notes on each validator what it evaluated, for schemas that are only known at run time. There are none here, and the
 * notes would keep a bundler from dropping the validators that a program does not use: 15 kB of its code.
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
        ),
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
    const texts = [...new Set([...folders, "node_modules/ajv"])].filter(existsSync).map((folder) => {
      const { name, version } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8")) as Record<string, string>;
      return `${name} ${version}\n\n${readFileSync(`${folder}/LICENSE`, "utf8").trim()}\n`;
    });
    this.emitFile({ type: "asset", fileName: "THIRD-PARTY-LICENSES.txt", source: texts.sort().join("\n---\n\n") });
  },
};

export default defineConfig({
  input: { ...LIBRARY, magnific: "src/cli/main.ts" },
  platform: "node",
  external: [/^node:/, "openapi-fetch", "sharp", "undici"],
  transform: { target: "es2022", define: { CLIENT_VERSION: JSON.stringify(version) } },
  plugins: [
    dts({ tsconfig: "tsconfig.build.json", entry: Object.values(LIBRARY) }),
    slimValidators,
    olderTypeScript,
    minifyTools,
    licences,
  ],
  output: { dir: "dist", cleanDir: true, comments: false, chunkFileNames: "shared/[name].js" },
});
