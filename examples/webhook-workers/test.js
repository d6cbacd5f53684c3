/** Runs the worker in workerd, Cloudflare's own runtime, on this machine. */
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { testReceiver } from "../receiver-test.js";

// wrangler bundles in the same way.
const { outputFiles } = await build({
  entryPoints: ["worker.js"],
  bundle: true,
  format: "esm",
  write: false,
  logLevel: "error",
});

await testReceiver(
  async (bindings) => {
    const workers = new Miniflare({
      modules: true,
      script: outputFiles[0].text,
      compatibilityDate: "2026-01-01",
      bindings,
      r2Buckets: ["RESULTS"],
    });
    const { href: url } = await workers.ready;
    const bucket = await workers.getR2Bucket("RESULTS");
    const saved = async (name) => {
      const object = await bucket.get(name);
      return object === null ? undefined : new Uint8Array(await object.arrayBuffer());
    };
    return { url, saved, close: () => workers.dispose() };
  },
  { downloads: 2 },
);
