/** The runtimes that run a bundle: Cloudflare's workerd, and Chromium. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { build } from "esbuild";
import { HERE } from "./project.js";

const load = createRequire(join(HERE, "package.json"));

export type Result = { readonly failures: readonly string[] } | { readonly missing: string };

interface Target {
  readonly url: string;
  readonly key: string;
}

async function bundle(folder: string, format: "esm" | "iife", main: string): Promise<string> {
  const imports = `import { Magnific, MagnificError } from "magnific-client";
    import { signWebhook, unwrap } from "magnific-client/webhook";
    import { run } from "./program.mjs";
    const library = { Magnific, MagnificError, signWebhook, unwrap };\n`;
  const stdin = { contents: imports + main, resolveDir: folder };
  const options = { bundle: true, platform: "browser", target: "es2022", write: false } as const;
  return (await build({ stdin, format, ...options })).outputFiles[0]?.text ?? "";
}

export async function workerd(folder: string, { url, key }: Target): Promise<Result> {
  const main =
    "export default { fetch: async (request, { url, key }) => Response.json(await run(library, { baseUrl: url, apiKey: key })) };";
  const script = await bundle(folder, "esm", main);
  const { Miniflare } = load("miniflare");
  const miniflare = new Miniflare({ modules: true, script, compatibilityDate: "2026-01-01", bindings: { url, key } });
  try {
    await miniflare.ready;
  } catch (error) {
    return { missing: `workerd does not start: ${(error as Error).message.split("\n")[0]}` };
  }
  try {
    return { failures: await (await miniflare.dispatchFetch("http://localhost/")).json() };
  } finally {
    await miniflare.dispose();
  }
}

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Runs in the sandbox's own page: the API speaks no CORS, so the page has to be of its origin. */
export async function chromium(folder: string, { url, key }: Target): Promise<Result> {
  const executablePath = PLACES.find((place) => existsSync(place));
  if (executablePath === undefined) return { missing: "there is no Chromium on this machine" };
  const options = JSON.stringify({ baseUrl: url, apiKey: key, dangerouslyAllowBrowser: true });
  const script = await bundle(folder, "iife", `globalThis.failures = run(library, ${options});`);
  const flags =
    "--disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
  // What the browser leaves behind goes with the folder.
  const env = { ...process.env, TMPDIR: folder };
  const type = load("playwright-core").chromium;
  const browser = await type.launch({ executablePath, env, args: ["--no-sandbox", ...flags.split(" ")] });
  try {
    const page = await browser.newPage({ bypassCSP: true });
    await page.goto(url);
    await page.evaluate(script);
    return { failures: await page.evaluate("failures") };
  } finally {
    await browser.close();
  }
}
