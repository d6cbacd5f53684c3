/**
 * How the built site looks: every page, narrow and wide, light and dark. `npm run docs -- --look` runs it; without Chromium
 * it is skipped. Screenshots are left in reports/site/.
 */

import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../../openapi/document/load.js";
import { Browser, findBrowser } from "../../../src/sandbox/test/browser.js";

const SITE = join(ROOT, "docs/.vitepress/dist");
const SCREENSHOTS = join(ROOT, "reports/site");
const WIDTHS = [390, 1280, 1920];
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

/** Runs in the page: what is wrong with it at its present width, in words. */
function faults(): string[] {
  const found: string[] = [];
  const wide = innerWidth > 1000;
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) found.push(`scrolls sideways: ${root.scrollWidth} pixels`);
  const shown = (element: Element): boolean => element.getClientRects().length > 0;
  for (const table of document.querySelectorAll("table")) {
    const filled = [...table.querySelectorAll("tbody tr")].filter((row) => row.textContent?.trim());
    if (filled.length === 0) found.push(`an empty table: ${table.textContent?.trim()}`);
    if (wide && table.scrollWidth > table.clientWidth + 1)
      found.push(`a table is cut: ${table.textContent?.slice(0, 60)}`);
  }
  for (const code of document.querySelectorAll("main pre, main code")) {
    if (!shown(code)) continue;
    const text = code.textContent?.slice(0, 60);
    if (code.scrollWidth > code.clientWidth + 1 && getComputedStyle(code).display !== "inline")
      found.push(`code is cut: ${text}`);
    if (code.closest("table") === null && code.getBoundingClientRect().right > innerWidth)
      found.push(`code ends outside: ${text}`);
  }
  for (const image of document.querySelectorAll("main img"))
    if (!(image as HTMLImageElement).naturalWidth) found.push(`an image is missing: ${image.getAttribute("src")}`);
  return found;
}

const path = findBrowser();
const pages = existsSync(SITE)
  ? readdirSync(SITE, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".html"))
  : [];
const asked = process.env.LOOK_AT_SITE === undefined ? "`npm run docs -- --look` runs it" : undefined;
const missing = asked ?? (path === undefined ? "there is no Chromium" : undefined);

describe.skipIf(missing !== undefined)(`The built site${missing ? ` (skipped: ${missing})` : ""}`, () => {
  it("cuts no code, scrolls no page sideways, and has no empty table, at 390, 1280 and 1920 pixels, in light and dark", {
    timeout: 850_000,
  }, async () => {
    const server = createServer((request, response) => {
      const file = join(SITE, decodeURIComponent(new URL(request.url ?? "", "http://site").pathname));
      if (!existsSync(file)) return response.writeHead(404).end();
      response
        .writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" })
        .end(readFileSync(file));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    mkdirSync(SCREENSHOTS, { recursive: true });
    const found: string[] = [];
    const browser = await Browser.open(path ?? "");
    try {
      for (const page of pages) {
        // The many pages of the API are all made alike: as they are served is enough, and far quicker.
        const made = page.startsWith("reference/api/");
        await browser.send("Emulation.setScriptExecutionDisabled", { value: made });
        await browser.visit(`${origin}/${page}`);
        for (const width of WIDTHS) {
          const size = { width, height: 1000, deviceScaleFactor: 1, mobile: false };
          await browser.send("Emulation.setDeviceMetricsOverride", size);
          for (const theme of ["light", "dark"]) {
            const dark = `document.documentElement.classList.toggle("dark", ${theme === "dark"})`;
            const wrong = (await browser.evaluate(`${dark}, (${faults})()`)) as string[];
            found.push(...wrong.map((each) => `${page} at ${width}, ${theme}: ${each}`));
            if (made) continue;
            const { data } = await browser.send("Page.captureScreenshot", { format: "jpeg", quality: 60 });
            const name = `${page.replace(/\.html$/, "").replaceAll("/", "-")}-${width}-${theme}.jpg`;
            writeFileSync(join(SCREENSHOTS, name), Buffer.from(String(data), "base64"));
          }
        }
      }
    } finally {
      await browser[Symbol.asyncDispose]();
      server.close();
      server.closeAllConnections();
    }
    expect(pages.length).toBeGreaterThan(20);
    expect(found).toEqual([]);
  });
});
