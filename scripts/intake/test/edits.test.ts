/** The vendored page itself, edited as its provider may edit it: what vendor says, and what follows without a hand on it. */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { effectiveDocuments, ownersOf, ROOT } from "../../../openapi/document/load.js";
import { REQUIRED } from "../../../src/test-support/document.js";
import { tempFolder } from "../../../src/test-support/temp-folder.js";
import { allFiles } from "../../generate/files.js";
import { outdatedPlaces } from "../by-hand.js";
import type { Plan } from "../plan.js";
import { typeErrors } from "../type-check.js";
import { ADDED, EDITS, type Edit, edited, PAGE_NAME } from "./edits.js";
import { defaultRoot, plan } from "./roots.js";

const HOME = defaultRoot();

const named = (name: string): Edit[] => EDITS.filter((each) => each.name === name);
const taken = (...edits: readonly Edit[]): Promise<Plan> => plan(HOME, edited(...edits), { file: PAGE_NAME });
const generated = ({ effective = [], vendored }: Plan) => allFiles(effective, ownersOf(vendored));

/** The files that vendor's report names as written by hand. */
async function byHand(...edits: readonly Edit[]): Promise<string[]> {
  const { documents, applied, effective = [] } = await taken(...edits);
  const before = documents.flatMap((each) => (each.before === undefined ? [] : [each.before]));
  return outdatedPlaces(ROOT, effectiveDocuments(before, applied).documents, effective);
}

describe("An edit of the page", () => {
  it.each(EDITS.map((each) => [each.name, each] as const))("%s: vendor says whom it breaks", async (_, each) => {
    const { documents, overlays, effective } = await taken(each);
    const broken = documents.flatMap(({ changes }) => changes.flatMap(({ breaks }) => breaks));
    expect([...new Set(broken)].sort()).toEqual([...each.breaks].sort());
    expect([overlays.unmatched, effective?.length]).toEqual([[], 1]);
  });

  it.each(["status added", "slider added", "402 and 429 declared", "example changed", "typo"])(
    "%s leaves nothing that was written by hand wrong",
    async (name) => expect(await byHand(...named(name))).toEqual([]),
  );

  it.each(["field renamed", "field now required"])(
    "%s: its places are named beforehand, with file and line",
    async (name) => {
      const places = await byHand(...named(name));
      expect(places.length).toBeGreaterThan(0);
      for (const place of places) expect(place).toMatch(/^[\w./-]+:\d+(?:, \d+)* \w/);
    },
  );

  it("that breaks no sender is in the types, and the client compiles with it", async () => {
    const files = await generated(await taken(...EDITS.filter(({ breaks }) => !breaks.includes("senders"))));
    const uses = `
      import type { Magnific, TaskStatus, UpscaleRequest } from "../src/index.js";
      declare const [magnific, request]: [Magnific, UpscaleRequest];
      export const status: TaskStatus = "${ADDED.status}";
      magnific.upscale({ ...request, ${ADDED.slider}: 3 });
      // @ts-expect-error: a number is wanted
      magnific.upscale({ ...request, ${ADDED.slider}: "3" });`;
    // Vendor checks all that uses them; so does the long form.
    const errors = typeErrors(ROOT, new Map([...files, ["uses.ts", uses]]), process.env.LONG_TESTS !== undefined);
    expect(errors).toEqual({ generated: [], client: [] });
  }, 240_000);
});

describe("A slider that is added", () => {
  it("is in the facade's checks, the command's help and the sandbox, with nothing edited by hand", async () => {
    const copy = tempFolder("slider-");
    cpSync(join(ROOT, "src"), join(copy, "src"), { recursive: true });
    for (const name of ["node_modules", "package.json"]) symlinkSync(join(ROOT, name), join(copy, name));
    for (const [name, text] of await generated(await taken(...named("slider added")))) {
      mkdirSync(dirname(join(copy, "generated", name)), { recursive: true });
      writeFileSync(join(copy, "generated", name), text);
    }
    const program = `
      import { Magnific } from "./src/index.js";
      import { startSandbox } from "./src/sandbox/index.js";
      const sandbox = await startSandbox({ upscaler: "echo" });
      const magnific = new Magnific({ apiKey: sandbox.key, baseUrl: sandbox.url });
      const image = new Blob([Buffer.from("89504e470d0a1a0a", "hex"), new Uint8Array(50)]);
      const { faults } = await magnific.submit({ image, ${ADDED.slider}: 1000 }).catch((error) => error);
      const body = { image: "iVBORw0KGgo=", ...${JSON.stringify(REQUIRED)} };
      await magnific.api.POST("/v1/ai/image-upscaler-precision", { body: { ...body, ${ADDED.slider}: 3 } });
      await magnific.api.POST("/v1/ai/image-upscaler-precision", { body });
      console.log(JSON.stringify([faults, sandbox.tasks().map(({ sliders }) => sliders.${ADDED.slider})]));
      await sandbox.close();`;
    writeFileSync(join(copy, "program.ts"), program);
    const banner = {
      js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
    };
    await build({
      entryPoints: [join(copy, "program.ts"), join(copy, "src/cli/main.ts")],
      ...{ outdir: join(copy, "out"), outbase: copy, bundle: true, format: "esm", platform: "node", banner },
      ...{ external: ["undici", "sharp"], outExtension: { ".js": ".mjs" }, target: "node20" },
    });
    const run = async (...args: string[]) => (await promisify(execFile)(process.execPath, args, { cwd: copy })).stdout;
    expect(await run("out/src/cli/main.mjs", "upscale", "--help")).toContain(
      `--${ADDED.slider.replaceAll("_", "-")} <`,
    );
    const [faults, sliders] = JSON.parse(await run("out/program.mjs"));
    expect(faults).toContainEqual(expect.objectContaining({ field: ADDED.slider, rule: "maximum" }));
    expect(sliders).toEqual([20, 3]);
  });
});
