/** Sandboxes that listen beyond 127.0.0.1, and the clients that reach them there. */
import { request } from "node:http";
import { networkInterfaces } from "node:os";
import { expect, it } from "vitest";
import { Magnific } from "../../index.js";
import { loopback } from "../../test-support/loopback.js";
import { type SandboxOptions, startSandbox } from "../index.js";
import { finished, submit, TASKS, TINY } from "./requests.js";

const QUICK = { upscaler: "echo", lifeCycle: "immediate" } satisfies SandboxOptions;

// @tests sandbox/SandboxOptions.host
it.each(["127.0.0.2", "localhost"])("A sandbox listens on %s alone, which its URL names", async (host) => {
  await using sandbox = await startSandbox({ ...QUICK, host });
  const { hostname, port } = new URL(sandbox.url);
  expect(host === "localhost" ? ["127.0.0.1", "[::1]"] : [host]).toContain(hostname);
  const magnific = new Magnific({ apiKey: sandbox.key, baseUrl: sandbox.url });
  const done = await magnific.upscale({ image: TINY });
  expect(Buffer.from(await done.images[0].bytes()).toString("base64")).toBe(TINY);
  await expect(fetch(`http://127.0.0.3:${port}/`)).rejects.toThrow();
});

it("A sandbox on every address names its results as the client names it, in responses and in webhooks", async () => {
  await using sandbox = await startSandbox({ ...QUICK, host: "0.0.0.0", webhooks: { retryDelaysMs: [] } });
  const { port } = new URL(sandbox.url);
  expect(sandbox.url).toBe(`http://127.0.0.1:${port}`);
  for (const baseUrl of [`http://localhost:${port}`, `http://127.0.0.2:${port}`]) {
    const magnific = new Magnific({ apiKey: sandbox.key, baseUrl });
    const announced = new Promise<{ generated: string[] }>((resolve) => {
      void loopback(async (response, _n, incoming) => {
        let body = "";
        for await (const chunk of incoming) body += chunk;
        response.end();
        resolve(JSON.parse(body));
      }).then(({ origin }) => magnific.submit({ image: TINY, webhook_url: origin }));
    });
    const { generated } = await announced;
    expect(generated.map((url) => new URL(url).origin)).toEqual([baseUrl]);
    const done = await magnific.upscale({ image: TINY });
    expect(await done.images[0].bytes()).toHaveLength(98);
  }
});

it.each(["user@localhost", "localhost/x", "no[name", ""])(
  "The host name %j is not taken for an address",
  async (host) => {
    await using sandbox = await startSandbox(QUICK);
    const { task_id: id } = await finished(sandbox);
    const headers = { host, "x-magnific-api-key": sandbox.key };
    const body = await new Promise<string>((resolve, reject) => {
      const sent = request(`${sandbox.url}${TASKS}/${id}`, { headers }, async (response) => {
        let text = "";
        for await (const chunk of response) text += chunk;
        resolve(text);
      });
      sent.on("error", reject).end();
    });
    expect(JSON.parse(body).data.generated).toEqual([expect.stringContaining(`${sandbox.url}/results/`)]);
  },
);

const address = Object.values(networkInterfaces())
  .flat()
  .find((one) => one?.internal === false && one.family === "IPv4")?.address;
// @tests MagnificOptions.allowInsecureBaseUrl
it.skipIf(address === undefined)(
  `A client reaches a sandbox on the network only where it allows plain http${address === undefined ? " (skipped: there is no network)" : ""}`,
  async () => {
    await using sandbox = await startSandbox({ ...QUICK, host: address });
    const options = { apiKey: sandbox.key, baseUrl: sandbox.url };
    expect(() => new Magnific(options)).toThrow("`baseUrl` must be https");
    const done = await new Magnific({ ...options, allowInsecureBaseUrl: true }).upscale({ image: TINY });
    expect(await done.images[0].bytes()).toHaveLength(98);
    await expect(submit({ ...sandbox, url: sandbox.url.replace(address ?? "", "127.0.0.1") })).rejects.toThrow();
  },
);
