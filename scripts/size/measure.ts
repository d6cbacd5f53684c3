/** What a program weighs once it is bundled, and what an installed package takes on the disk. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

export interface Bundle {
  readonly minified: number;
  readonly gzipped: number;
  /** Bytes of the minified bundle that each file of it takes, largest first. */
  readonly parts: readonly (readonly [file: string, bytes: number])[];
}

export interface BundleOptions {
  /** Where the program's imports are resolved from. */
  readonly folder: string;
  readonly platform?: "neutral" | "node" | "browser";
}

/** The program with all that it imports, minified and gzipped. */
export async function bundleOf(program: string, { folder, platform = "neutral" }: BundleOptions): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: program, resolveDir: folder, loader: "js" },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    platform,
    mainFields: ["module", "main"],
    conditions: ["import"],
    metafile: true,
    write: false,
    outdir: "out",
    logLevel: "error",
  });
  const [output] = outputFiles;
  if (output === undefined) throw new Error("The bundler wrote nothing.");
  const inputs = Object.values(metafile.outputs)[0]?.inputs ?? {};
  const parts = Object.entries(inputs)
    .map(([file, { bytesInOutput }]) => [file, bytesInOutput] as const)
    .sort((a, b) => b[1] - a[1]);
  return { minified: output.contents.byteLength, gzipped: gzipSync(output.contents, { level: 9 }).byteLength, parts };
}

/** Bytes of all files below a folder. */
export function bytesBelow(folder: string): number {
  let sum = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true }))
    if (entry.isFile()) sum += statSync(join(entry.parentPath, entry.name)).size;
  return sum;
}
