/** Folders to take pages into. They hold a page of these tests' own, so that a change of the vendored one breaks none. */
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadDefault, OPENAPI_DIR } from "../../../openapi/document/load.js";
import { lockEntry, readLock } from "../../../openapi/document/lock.js";
import { documentOfPage } from "../../../openapi/document/page.js";
import type { JsonObject } from "../../../openapi/document/types.js";
import { parseYaml } from "../../../openapi/document/yaml.js";
import { tempFolder } from "../../../src/test-support/temp-folder.js";
import { type Plan, planOf, type Request } from "../plan.js";
import type { Source } from "../source.js";

const EXAMPLE = join(import.meta.dirname, "example");
export const PAGE: string = readFileSync(join(EXAMPLE, "page.md"), "utf8");
export const DOCUMENT_TEXT: string = documentOfPage(PAGE).text;
const DOCUMENT = parseYaml(DOCUMENT_TEXT, "example");

/** A fresh copy each time, since tests change what they get. */
export const exampleDocument = (): JsonObject => structuredClone(DOCUMENT);

export const emptyRoot = (): string => tempFolder("intake-");

/** A folder in which the example's page is taken in, with its overlay; nothing is generated yet. */
export function exampleRoot(): string {
  const root = emptyRoot();
  const dir = join(root, "openapi");
  for (const folder of ["pages", "overlays"]) mkdirSync(join(dir, folder), { recursive: true });
  cpSync(join(EXAMPLE, "overlay.yaml"), join(dir, "overlays", "upscaler-precision.10.overlay.yaml"));
  writeFileSync(join(dir, "pages", "upscaler-precision.md"), PAGE);
  writeFileSync(join(dir, "upscaler-precision.yaml"), DOCUMENT_TEXT);
  const entry = lockEntry("upscaler-precision.md", Buffer.from(PAGE), DOCUMENT_TEXT, DOCUMENT, "2026-01-01");
  const problem = "/paths/~1v1~1ai~1image-upscaler-precision/post/responses/400/content/application~1problem+json";
  const lock = { "upscaler-precision.yaml": { ...entry, wrong_examples: [`${problem}/examples/invalid_page`] } };
  writeFileSync(join(dir, "vendor.lock.json"), `${JSON.stringify(lock, null, 2)}\n`);
  return root;
}

/** A folder with the document of the default operation as it is vendored, and with no other. */
export function defaultRoot(): string {
  const root = emptyRoot();
  const { vendored, overlays } = loadDefault();
  const name = vendored[0]?.name ?? "";
  const files = [name, `pages/${name.replace(/yaml$/, "md")}`, "overlays/task-template.yaml"];
  for (const file of [...files, ...overlays.map((each) => `overlays/${each.name}`)])
    cpSync(join(OPENAPI_DIR, file), join(root, "openapi", file));
  writeFileSync(join(root, "openapi", "vendor.lock.json"), JSON.stringify({ [name]: readLock(OPENAPI_DIR)[name] }));
  return root;
}

/** Every file below a folder with its bytes, as text that shows what differs. */
export function snapshot(root: string): Record<string, string> {
  const names = readdirSync(root, { recursive: true, encoding: "utf8" }).sort();
  const files = names.filter((name) => statSync(join(root, name)).isFile());
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(root, name)).toString("latin1")]));
}

export function sourceOf(content: string | Uint8Array, label = "upscaler-precision.md"): Source {
  return { bytes: Buffer.from(content), label };
}

/** A plan for one source, or for `more`. */
export async function plan(
  root: string,
  content: string | Uint8Array,
  { file, ...more }: Partial<Request> & { file?: string } = {},
): Promise<Plan> {
  return await planOf({ root, sources: [sourceOf(content, file)], date: "2030-01-01", ...more });
}
