import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, it } from "vitest";
import { DEFAULT_FIELDS } from "../contract/default.js";

/** What the provider's overlay says of the sliders that it knows, with their unit. */
const OVERLAY = new URL("../../openapi/overlays/provider.60-slider-meanings.overlay.yaml", import.meta.url);
const MEANINGS = new Map(
  [...readFileSync(OVERLAY, "utf8").matchAll(/properties\.(\w+)\n[\s\S]*?x-meaning: "(.*)"/g)].map(
    ([, name = "", meaning = ""]) => [name, meaning],
  ),
);

/** A file that exists in the language service alone; `/*name*\/` stands before what a user hovers over. */
const FOLDER = dirname(fileURLToPath(import.meta.url));
const FILE = join(FOLDER, "hovered.ts");
const sliders = Object.entries(DEFAULT_FIELDS).flatMap(([name, field]) =>
  "minimum" in field ? [{ name, field }] : [],
);
const request = `{ image: "", ${sliders.map(({ name }) => `/*METHOD.${name}*/${name}: 1`).join(", ")} }`;
const sending = "timeout: 1, retry: 1, store: false, extraBody: {}, signal: AbortSignal.timeout(1)";
const waiting = "timeout: 1, signal: AbortSignal.timeout(1), onStatus: () => {}, webhook: undefined, submit: {}";
const marked = (method: string, options: string): string =>
  `magnific./*METHOD*/METHOD(${request}, { ${options.replace(/(\w+):/g, "/*METHOD.options.$1*/$1:")} });\n`.replaceAll(
    "METHOD",
    method,
  );
const CODE = `import { Magnific } from "../index.js";
const magnific = new Magnific({ /*poll*/poll: { /*poll.first*/first: 1, /*poll.factor*/factor: 1, /*poll.max*/max: 1, /*poll.timeout*/timeout: 1 } });
${marked("submit", sending)}${marked("run", waiting)}${marked("upscale", waiting)}`;

function hovers(): ReadonlyMap<string, { readonly type: string; readonly text: string }> {
  const root = join(FOLDER, "../..");
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const options = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, root).options;
  const read = (path: string) => (path === FILE ? CODE : ts.sys.readFile(path));
  const service = ts.createLanguageService({
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
    getCurrentDirectory: () => root,
    getCompilationSettings: () => options,
    getScriptFileNames: () => [FILE],
    getScriptVersion: () => "1",
    getScriptSnapshot: (path) => ts.ScriptSnapshot.fromString(read(path) ?? ""),
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    readFile: read,
    fileExists: (path) => path === FILE || ts.sys.fileExists(path),
  });
  const plain = (parts: ts.SymbolDisplayPart[] | undefined) => ts.displayPartsToString(parts).replace(/\s+/g, " ");
  return new Map(
    [...CODE.matchAll(/\/\*([\w.]+)\*\//g)].map(({ 0: mark, 1: name = "", index }) => {
      const info = service.getQuickInfoAtPosition(FILE, index + mark.length);
      const tags = info?.tags?.map((tag) => `@${tag.name} ${plain(tag.text)}`) ?? [];
      return [name, { type: plain(info?.displayParts), text: [plain(info?.documentation), ...tags].join(" ") }];
    }),
  );
}

it("the hover of every slider, in each method that takes it, says its meaning, unit, range and default", () => {
  const shown = hovers();
  expect(MEANINGS.get("sharpen")).toContain("without a unit");
  expect(sliders.length).toBeGreaterThan(0);
  for (const method of ["submit", "run", "upscale"])
    for (const { name, field } of sliders) {
      const text = shown.get(`${method}.${name}`)?.text;
      for (const said of [field.description, MEANINGS.get(name) ?? "", `@default ${field.default}`])
        expect(text).toContain(said);
      expect(text).toContain(`A whole number from ${field.minimum} to ${field.maximum}.`);
    }
  for (const [name, { type, text }] of shown) {
    expect(type, name).not.toMatch(/components\[|request-content|\.\.\. \d+ more|Omit<{/);
    if (!sliders.some((slider) => name.endsWith(slider.name))) expect(text, name).toMatch(/\w+ \w+/);
    if (/timeout|first|max$/.test(name)) expect(text, name).toMatch(/milliseconds/i);
  }
  expect(shown.get("poll")?.type).toContain("PollOptions");
  expect(shown.get("upscale")?.type).toContain("(request: UpscaleRequest, options?: UpscaleOptions)");
  expect(shown.get("submit")?.type).toContain("image: ImageInput;");
});
