/** Looks at the built site in Chromium: errors, overflow, contrast, and whether the keyboard reaches everything. */
import { Browser, findBrowser } from "../../src/sandbox/test/browser.js";
import { serve } from "./serve.js";

const PAGES = [
  "",
  "quickstart.html",
  "guides/money.html",
  "guides/webhooks.html",
  "guides/batches.html",
  "guides/sandbox.html",
  "guides/contract-in-ci.html",
  "guides/observability.html",
  "reference/options.html",
  "reference/errors.html",
  "reference/cli.html",
  "reference/api/magnific-client/classes/Magnific.html",
  "proof/contract.html",
  "proof/benchmarks.html",
  "proof/runtimes.html",
];
const SCHEMES = ["light", "dark"] as const;
const SCREENS = [
  { name: "wide", width: 1280, height: 800, mobile: false },
  { name: "phone", width: 390, height: 844, mobile: true },
] as const;

/** Runs before anything of a page: what goes wrong is kept where the check finds it. */
const LISTEN = `
  window.wrong = [];
  addEventListener("error", (event) => window.wrong.push(String(event.message ?? (event.target.src || event.target.href))), true);
  addEventListener("unhandledrejection", (event) => window.wrong.push(String(event.reason)));
  for (const name of ["error", "warn"]) {
    const said = console[name];
    console[name] = (...words) => { window.wrong.push(name + ": " + words.join(" ")); said.apply(console, words); };
  }`;

const READY = 'document.readyState === "complete" && document.querySelector("#app")?.__vue_app__ !== undefined';

/** Smallest contrast of the texts that are seen, with the text; colours with transparency are left out. */
const CONTRAST = `(() => {
  const numbers = (color) => (color.match(/[\\d.]+/g) ?? []).map(Number);
  const light = (color) => numbers(color).slice(0, 3).map((value) => value / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
    .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
  const behind = (node) => {
    for (let one = node; one !== null; one = one.parentElement) {
      const color = getComputedStyle(one).backgroundColor;
      const [, , , alpha = 1] = numbers(color);
      if (alpha === 1) return color;
      if (alpha > 0) return undefined;
    }
    return "rgb(255, 255, 255)";
  };
  let least = [21, ""];
  for (const node of document.querySelectorAll(".vp-doc p, .vp-doc li, .vp-doc td, .vp-doc a, .vp-doc pre span, .VPSidebar p, .VPNav a")) {
    if (node.getClientRects().length === 0 || node.textContent.trim() === "") continue;
    const [text, ground] = [getComputedStyle(node).color, behind(node)];
    if (ground === undefined || (numbers(text)[3] ?? 1) < 1) continue;
    const [a, b] = [light(text), light(ground)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < least[0]) least = [ratio, node.textContent.trim().slice(0, 40) + " " + text + " on " + ground];
  }
  return least;
})()`;

/** What is wrong with the site; empty when nothing is. */
export async function checkInBrowser(folder: string, base: string): Promise<string[]> {
  const path = findBrowser();
  if (path === undefined) return ["There is no Chromium: install it, or name one in CHROME_PATH."];
  const faults: string[] = [];
  await using site = await serve(folder, base);
  await using browser = await Browser.open(path);
  await browser.send("Page.enable");
  await browser.send("Page.addScriptToEvaluateOnNewDocument", { source: LISTEN });
  let views = 0;
  for (const scheme of SCHEMES) {
    await browser.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
    for (const { name, ...screen } of SCREENS) {
      await browser.send("Emulation.setDeviceMetricsOverride", { ...screen, deviceScaleFactor: 1 });
      for (const page of PAGES) {
        views++;
        const found = await looked(browser, `${site.url}${page}`, scheme, screen.width);
        faults.push(...found.map((fault) => `${page || "index.html"}, ${scheme}, ${name}: ${fault}`));
      }
    }
  }
  faults.push(...(await byKeyboard(browser, site.url)));
  console.log(`${views} views of ${PAGES.length} pages in Chromium, ${faults.length} faults.`);
  return faults;
}

async function looked(browser: Browser, url: string, scheme: "light" | "dark", width: number): Promise<string[]> {
  await open(browser, url);
  const faults = (await browser.evaluate("window.wrong")) as string[];
  // Not the window's own width: a phone widens it to what it has to show.
  const over = Number(await browser.evaluate("document.documentElement.scrollWidth")) - width;
  if (over > 0) faults.push(`the page is ${over} px wider than the screen`);
  const dark = await browser.evaluate('document.documentElement.classList.contains("dark")');
  if (dark !== (scheme === "dark")) faults.push("is not in the scheme that is asked for");
  const [ratio, where] = (await browser.evaluate(CONTRAST)) as [number, string];
  if (ratio < 4.5) faults.push(`contrast ${ratio.toFixed(2)}: ${where}`);
  return faults;
}

async function open(browser: Browser, url: string): Promise<void> {
  await browser.send("Page.navigate", { url });
  await browser.until(`location.href === ${JSON.stringify(url)} && ${READY}`);
}

/** Tab reaches the skip link, the navigation and the sidebar; search opens, finds and goes there without a mouse. */
async function byKeyboard(browser: Browser, root: string): Promise<string[]> {
  const faults: string[] = [];
  await browser.send("Emulation.setDeviceMetricsOverride", {
    width: 1280,
    height: 800,
    deviceScaleFactor: 1,
    mobile: false,
  });
  await open(browser, `${root}quickstart.html`);
  const seen: string[] = [];
  for (let i = 0; i < 30; i++) {
    await press(browser, "Tab", 9);
    const active = "document.activeElement";
    seen.push(
      String(await browser.evaluate(`${active}.textContent.trim() || ${active}.ariaLabel || ${active}.tagName`)),
    );
  }
  if (!/skip to content/i.test(seen[0] ?? ""))
    faults.push(`keyboard: the first stop is "${seen[0]}", not the skip link`);
  for (const name of ["Reference", "Proof", "Webhooks", "Errors", "Contract matrix"])
    if (!seen.some((text) => text.startsWith(name)))
      faults.push(`keyboard: Tab does not reach "${name}": ${seen.join(", ")}`);

  await open(browser, `${root}quickstart.html`);
  await press(browser, "k", 75, 2);
  await within(
    browser,
    'document.querySelector(".VPLocalSearchBox input") === document.activeElement',
    faults,
    "search opens",
  );
  await browser.send("Input.insertText", { text: "connection_lost" });
  await within(browser, 'document.querySelectorAll(".VPLocalSearchBox .result").length > 0', faults, "search finds");
  await press(browser, "Enter", 13);
  await within(
    browser,
    'location.pathname.endsWith("/reference/errors.html")',
    faults,
    "Enter goes to the first result",
  );
  return faults;
}

async function within(browser: Browser, expression: string, faults: string[], what: string): Promise<void> {
  for (let i = 0; i < 100; i++) {
    if ((await browser.evaluate(`Boolean(${expression})`)) === true) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  faults.push(`keyboard: it is not so that ${what}; at ${String(await browser.evaluate("location.href"))}`);
}

async function press(browser: Browser, key: string, windowsVirtualKeyCode: number, modifiers = 0): Promise<void> {
  const code = key.length === 1 ? `Key${key.toUpperCase()}` : key;
  const event = { key, code, windowsVirtualKeyCode, modifiers, ...(key === "Enter" ? { text: "\r" } : {}) };
  await browser.send("Input.dispatchKeyEvent", { type: key === "Enter" ? "keyDown" : "rawKeyDown", ...event });
  await browser.send("Input.dispatchKeyEvent", { type: "keyUp", ...event });
}
