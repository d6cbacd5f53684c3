/** Copies of `openapi/` to work on: the real tree is never touched. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { OPENAPI_DIR, ROOT } from "../../../openapi/document/load.js";
import type { JsonObject } from "../../../openapi/document/types.js";
import { parseYaml } from "../../../openapi/document/yaml.js";
import { type Plan, planOf, type Request } from "../plan.js";
import type { Source } from "../source.js";

const PAGE_PATH = join(OPENAPI_DIR, "pages", "upscaler-precision.md");
export const PAGE: string = readFileSync(PAGE_PATH, "utf8");
export const DOCUMENT_TEXT: string = readFileSync(join(OPENAPI_DIR, "upscaler-precision.yaml"), "utf8");

/** A fresh copy each time, since tests change what they get. */
export const seedDocument = (): JsonObject => parseYaml(DOCUMENT_TEXT, "seed");

const roots: string[] = [];
afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});

/** A folder with the upscaler's page and overlays, and nothing else that may be vendored here. */
export function freshRoot(parts: readonly ("openapi" | "generated")[] = ["openapi"]): string {
  const root = mkdtempSync(join(tmpdir(), "vendor-"));
  roots.push(root);
  if (parts.includes("openapi")) {
    const dir = join(root, "openapi");
    mkdirSync(join(dir, "pages"), { recursive: true });
    cpSync(PAGE_PATH, join(dir, "pages", "upscaler-precision.md"));
    cpSync(join(OPENAPI_DIR, "upscaler-precision.yaml"), join(dir, "upscaler-precision.yaml"));
    cpSync(join(OPENAPI_DIR, "vendor.lock.json"), join(dir, "vendor.lock.json"));
    for (const name of readdirSync(join(OPENAPI_DIR, "overlays")))
      if (name.startsWith("upscaler-precision."))
        cpSync(join(OPENAPI_DIR, "overlays", name), join(dir, "overlays", name));
  }
  if (parts.includes("generated")) cpSync(join(ROOT, "generated"), join(root, "generated"), { recursive: true });
  return root;
}

/** Every file below a folder with its bytes, as text that shows what differs. */
export function snapshot(root: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(root, { recursive: true, encoding: "utf8" })
      .sort()
      .filter((name) => statSync(join(root, name)).isFile())
      .map((name) => [name, readFileSync(join(root, name)).toString("latin1")]),
  );
}

export function sourceOf(content: string | Uint8Array, file = "upscaler-precision.md"): Source {
  const ending = /\.\w+$/.exec(file)?.[0] ?? "";
  return { bytes: Buffer.from(content), label: file, name: file.slice(0, file.length - ending.length), ending };
}

export function plan(
  root: string,
  content: string | Uint8Array,
  more: Partial<Request> & { file?: string } = {},
): Plan {
  const { file, ...request } = more;
  return planOf({ root, sources: [sourceOf(content, file)], date: "2030-01-01", ...request });
}
