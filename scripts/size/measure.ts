/** What a program loads at its start once it is bundled, and what an installed package takes on the disk. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type OutputChunk, rolldown } from "rolldown";

/**
 * The program with everything that it imports, minified. What it would import later is left out: nobody loads it who does not
 * use it.
 */
export async function loadedBy(program: string, platform: "neutral" | "node" = "neutral"): Promise<OutputChunk[]> {
  const bundle = await rolldown({
    input: program,
    platform,
    external: [/^node:/],
    resolve: { mainFields: ["module", "main"] },
    logLevel: "silent",
  });
  const { output } = await bundle.generate({ format: "esm", minify: true });
  await bundle.close();
  const chunks = new Map(output.filter((file) => file.type === "chunk").map((chunk) => [chunk.fileName, chunk]));
  const loaded = new Set<OutputChunk>([...chunks.values()].filter((chunk) => chunk.isEntry));
  for (const { imports } of loaded)
    for (const chunk of imports.map((name) => chunks.get(name))) if (chunk !== undefined) loaded.add(chunk);
  return [...loaded];
}

/** Bytes of that, gzipped. */
export async function gzippedBundleOf(...program: Parameters<typeof loadedBy>): Promise<number> {
  return (await loadedBy(...program)).reduce((sum, { code }) => sum + gzipSync(code, { level: 9 }).byteLength, 0);
}

export function bytesBelow(folder: string): number {
  let sum = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true }))
    if (entry.isFile()) sum += statSync(join(entry.parentPath, entry.name)).size;
  return sum;
}
