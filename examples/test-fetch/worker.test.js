/** A Worker in workerd, Cloudflare's own runtime, whose requests go to the sandbox without a port. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { build } from "esbuild";
import { startSandbox } from "magnific-client/sandbox";
import { Miniflare, Response } from "miniflare";

test("the sandbox answers what a Worker fetches", async (t) => {
  const sandbox = await startSandbox({ port: false, upscaler: "echo", lifeCycle: "completed" });
  t.after(() => sandbox.close());
  const options = { entryPoints: ["worker.js"], bundle: true, format: "esm", write: false };
  const { outputFiles } = await build({ ...options, absWorkingDir: import.meta.dirname });
  // #region worker
  const workers = new Miniflare({
    modules: true,
    script: outputFiles[0].text,
    compatibilityDate: "2026-01-01",
    bindings: { MAGNIFIC_API_KEY: sandbox.key },
    // Miniflare has a Request and a Response of its own.
    outboundService: async ({ url, method, headers, body }) => {
      const reply = await sandbox.fetch(url, { method, headers: [...headers], body, duplex: "half" });
      return new Response(reply.body, { status: reply.status, headers: [...reply.headers] });
    },
  });
  // #endregion worker
  try {
    const image = await readFile(new URL("../../scripts/demo/astronaut.jpg", import.meta.url));
    const response = await workers.dispatchFetch("http://worker/", { method: "POST", body: image });
    assert.equal((await response.arrayBuffer()).byteLength, image.length);
    assert.equal(sandbox.counts.paid, 1);
  } finally {
    await workers.dispose();
  }
});
