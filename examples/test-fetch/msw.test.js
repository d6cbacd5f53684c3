/** An app whose requests are caught by Mock Service Worker and answered by the sandbox: neither has a port. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { Magnific } from "magnific-client";
import { startSandbox } from "magnific-client/sandbox";
import { http } from "msw";
import { setupServer } from "msw/node";

test("the sandbox answers what Mock Service Worker catches", async (t) => {
  const sandbox = await startSandbox({ port: false, upscaler: "echo", lifeCycle: "completed" });
  t.after(() => sandbox.close());
  // #region msw
  const answer = ({ request }) => sandbox.fetch(request);
  const server = setupServer(http.all("https://api.magnific.com/*", answer));
  server.listen({ onUnhandledRequest: "error" });
  // #endregion msw
  try {
    // As in production but for the key.
    const magnific = new Magnific({ apiKey: sandbox.key, poll: { first: 5 } });
    const image = await readFile(new URL("../../scripts/demo/astronaut.jpg", import.meta.url));
    const done = await magnific.upscale({ image });
    assert.equal((await done.images[0].bytes()).length, image.length);
    sandbox.fault({ kind: "error", status: 402, on: "submit" });
    await assert.rejects(magnific.submit({ image }), { code: "credits_exhausted" });
    assert.equal(sandbox.counts.paid, 1);
  } finally {
    server.close();
  }
});
