/** The core goes into any bundle: no Node built-in is imported, not even for save(). */
import { build } from "esbuild";
import { describe, expect, it } from "vitest";

describe.each(["src/index.ts", "src/webhook/index.ts"])("%s", (entry) => {
  it("bundles for browsers and edge runtimes, without a warning", async () => {
    const { warnings, metafile, outputFiles } = await build({
      entryPoints: [entry],
      bundle: true,
      platform: "browser",
      format: "esm",
      write: false,
      metafile: true,
      logLevel: "silent",
    });
    expect(warnings).toEqual([]);
    const imported = Object.values(metafile.inputs).flatMap(({ imports }) => imports.map(({ path }) => path));
    expect(imported.filter((path) => path.startsWith("node:"))).toEqual([]);
    // Whoever only checks webhooks does not load what fetches and sends.
    const client = Object.keys(metafile.inputs).filter((path) => /result\/attempt|src\/client/.test(path));
    expect(client).toHaveLength(entry.includes("webhook") ? 0 : 2);
    expect(outputFiles[0]?.text.length).toBeGreaterThan(1000);
  });
});
