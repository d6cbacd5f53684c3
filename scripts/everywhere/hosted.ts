/** The runtimes that run a bundle: Cloudflare's workerd, and Chromium. */
import { existsSync } from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { build } from "esbuild";
import { HERE } from "./project.js";

const load = createRequire(join(HERE, "package.json"));

export type Result = { readonly failures: readonly string[] } | { readonly missing: string };

interface Target {
  readonly url: string;
  readonly key: string;
}

async function bundle(folder: string, main: string): Promise<string> {
  const imports = `import { Magnific, MagnificError } from "magnific-client";
    import { signWebhook, unwrap } from "magnific-client/webhook";
    import { run } from "./program.mjs";
    const library = { Magnific, MagnificError, signWebhook, unwrap };\n`;
  const { outputFiles } = await build({
    stdin: { contents: imports + main, resolveDir: folder },
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}

interface MiniflareLike {
  dispatchFetch(url: string): Promise<Response>;
  dispose(): Promise<void>;
}

export async function workerd(folder: string, { url, key }: Target): Promise<Result> {
  const script = await bundle(
    folder,
    "export default { fetch: async (request, { url, key }) => Response.json(await run(library, { baseUrl: url, apiKey: key })) };",
  );
  let miniflare: MiniflareLike;
  try {
    const { Miniflare } = load("miniflare") as { Miniflare: new (options: object) => MiniflareLike };
    miniflare = new Miniflare({ modules: true, script, compatibilityDate: "2026-01-01", bindings: { url, key } });
    await (miniflare as unknown as { ready: Promise<unknown> }).ready;
  } catch (error) {
    return { missing: `workerd does not start: ${(error as Error).message.split("\n")[0]}` };
  }
  try {
    return { failures: (await (await miniflare.dispatchFetch("http://localhost/")).json()) as string[] };
  } finally {
    await miniflare.dispose();
  }
}

interface PageLike {
  goto(url: string): Promise<unknown>;
  waitForFunction(expression: string, argument?: unknown, options?: object): Promise<{ jsonValue(): Promise<unknown> }>;
}
interface BrowserLike {
  version(): string;
  newPage(): Promise<PageLike>;
  close(): Promise<void>;
}

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The page and the API have to be of one origin, since the API speaks no CORS: a small server is both. */
export async function chromium(folder: string, { url, key }: Target): Promise<Result> {
  const executablePath = PLACES.find((place) => existsSync(place));
  if (executablePath === undefined) return { missing: "there is no Chromium on this machine" };
  const script = await bundle(
    folder,
    `run(library, { baseUrl: location.origin, apiKey: ${JSON.stringify(key)}, dangerouslyAllowBrowser: true }, { download: false })
      .then((failures) => { window.done = { failures }; }, (error) => { window.done = { failures: [String(error)] }; });`,
  );
  const page = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module">${script.replaceAll("</script", "<\\/script")}</script>`;
  const server = http.createServer((request, response) => {
    if (request.url === "/") return void response.setHeader("content-type", "text/html").end(page);
    const { host: _, ...headers } = request.headers;
    const upstream = http.request(url + request.url, { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    upstream.on("error", () => response.destroy());
    request.pipe(upstream);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { chromium: type } = load("playwright-core") as { chromium: { launch(options: object): Promise<BrowserLike> } };
  const flags =
    "--disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
  // What the browser leaves behind goes with the folder.
  const env = { ...process.env, TMPDIR: folder };
  const browser = await type.launch({ executablePath, env, args: ["--no-sandbox", ...flags.split(" ")] });
  try {
    const tab = await browser.newPage();
    await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const done = await tab.waitForFunction("window.done", undefined, { timeout: 60_000 });
    return (await done.jsonValue()) as { failures: string[] };
  } finally {
    await browser.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
