import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../index.js";
import { Browser, findBrowser } from "./browser.js";
import { dataOf, finished, look, submit, TINY, talk } from "./talk.js";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ lifeCycle: "immediate" });
});
afterAll(() => sandbox.close());

describe("the page's answers", () => {
  it("need no key, show no key, and are kept from other sites", async () => {
    for (const path of ["/", "/sandbox/page.css", "/sandbox/page.js", "/sandbox/state"]) {
      const response = await fetch(sandbox.url + path);
      expect(response.status).toBe(200);
      expect(await response.text()).not.toContain(sandbox.key);
      expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
      expect(response.headers.get("cross-origin-resource-policy")).toBe("same-origin");
    }
    expect((await talk(sandbox, "/sandbox/other")).status).toBe(404);
  });

  it("are refused to a name that was pointed at this machine", async () => {
    const status = await new Promise((resolve, reject) => {
      const sent = request(`${sandbox.url}/sandbox/state`, { headers: { host: "evil.example" } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on("error", reject).end();
    });
    expect(status).toBe(403);
  });

  it("give back the image that was sent, where it is one, and do not count", async () => {
    const { task_id: id } = await finished(sandbox);
    const { requests } = sandbox.counts;
    const source = await fetch(`${sandbox.url}/sandbox/source/${id}`);
    expect(source.headers.get("content-type")).toBe("image/png");
    expect(Buffer.from(await source.arrayBuffer()).toString("base64")).toBe(TINY);
    expect(sandbox.counts.requests).toBe(requests);
    const { task_id: none } = await finished(sandbox, { image: Buffer.from("<svg/>").toString("base64") });
    expect((await fetch(`${sandbox.url}/sandbox/source/${none}`)).status).toBe(404);
  });
});

const path = findBrowser();
describe.skipIf(path === undefined)("the page in a browser", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await Browser.open(path ?? "");
  });
  afterAll(() => browser[Symbol.asyncDispose]());

  it("shows tasks as they live, compares by keyboard, in light and dark", async () => {
    await using own = await startSandbox();
    await browser.send("Page.navigate", { url: own.url });
    await browser.until(`document.getElementById("origin")?.textContent === ${JSON.stringify(own.url)}`);

    own.script("failed");
    own.script("completed");
    const { task_id: failing } = dataOf(await submit(own));
    const { task_id: living } = dataOf(await submit(own));
    const rows = `[...document.querySelectorAll("#tasks button")].map((row) => row.innerText.replace(/\\s+/g, " ")).join()`;
    await browser.until(`${rows} === "CREATED ${living.slice(0, 8)},CREATED ${failing.slice(0, 8)}"`);
    while ((await look(own, living)).status !== "COMPLETED");
    await look(own, failing);
    await browser.until(`${rows} === "COMPLETED ${living.slice(0, 8)},IN_PROGRESS ${failing.slice(0, 8)}"`);

    // Both pictures are really there, and of the same size on the page.
    await browser.until(`document.getElementById("after").naturalWidth === 4`);
    await browser.until(`document.getElementById("before").naturalWidth === 2`);
    const size = (id: string): string => `JSON.stringify(document.getElementById("${id}").getBoundingClientRect())`;
    expect(await browser.evaluate(size("before"))).toBe(await browser.evaluate(size("after")));
    const cut = `getComputedStyle(document.getElementById("before")).clipPath`;
    const middle = await browser.evaluate(cut);
    await browser.press("ArrowRight");
    expect(await browser.evaluate(`document.getElementById("slider").value`)).toBe("55");
    expect(await browser.evaluate(cut)).not.toBe(middle);
    // The picture itself is the slider.
    const [left, top, width] = JSON.parse(
      String(
        await browser.evaluate(
          `(({ left, top, width }) => JSON.stringify([left, top, width]))(document.getElementById("pictures").getBoundingClientRect())`,
        ),
      ),
    ) as [number, number, number];
    await browser.drag([left + width / 2, top + 20], [left + width * 0.9, top + 20]);
    expect(Number(await browser.evaluate(`document.getElementById("slider").value`))).toBeGreaterThan(80);
    const facts = `document.getElementById("facts").innerText`;
    expect(await browser.evaluate(facts)).toMatch(/Sent\s+2 × 2, 1 kB, image\/png\s+Result\s+4 × 4, /);

    const title = `document.getElementById("title").textContent`;
    expect(await browser.evaluate(title)).toBe(living);
    await browser.press("ArrowDown");
    expect(await browser.evaluate(title)).toBe(failing);
    expect(await browser.evaluate(`document.activeElement.dataset.id`)).toBe(failing);
    expect(await browser.evaluate(`document.getElementById("compare").hidden`)).toBe(true);
    await browser.press("ArrowUp");
    expect(await browser.evaluate(title)).toBe(living);

    const ground = `getComputedStyle(document.body).backgroundColor`;
    const colours: unknown[] = [];
    for (const value of ["light", "dark"]) {
      await browser.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value }] });
      colours.push(await browser.evaluate(ground));
    }
    expect(colours).toEqual(["rgb(246, 246, 244)", "rgb(22, 22, 23)"]);

    await own.close();
    await browser.until(`document.getElementById("counts").textContent === "The sandbox has stopped."`);
  });

  it("fits a phone, and says when images are no longer there", async () => {
    await using own = await startSandbox({ lifeCycle: "immediate", resultTtlMs: 1 });
    await submit(own);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const screen = { width: 360, height: 640, deviceScaleFactor: 1, mobile: true };
    await browser.send("Emulation.setDeviceMetricsOverride", screen);
    await browser.send("Page.navigate", { url: own.url });
    await browser.until(`document.getElementById("gone")?.checkVisibility()`);
    expect(await browser.evaluate(`document.getElementById("compare").hidden`)).toBe(true);
    expect(await browser.evaluate("document.documentElement.scrollWidth")).toBe(360);
    await browser.send("Emulation.clearDeviceMetricsOverride");
  });
});
