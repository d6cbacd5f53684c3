import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../index.js";
import { Browser, findBrowser } from "./browser.js";
import { call, dataOf, finished, look, submit, TASKS, TINY, UNKNOWN_ID } from "./requests.js";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ lifeCycle: "immediate" });
});
afterAll(() => sandbox.close());

describe("The page", () => {
  it.each([
    ["/", "text/html; charset=utf-8", /^<!doctype html>/i],
    ["/sandbox/page.css", "text/css; charset=utf-8", /\{/],
    ["/sandbox/page.js", "text/javascript; charset=utf-8", /fetch/],
    ["/sandbox/state", "application/json", undefined],
  ])("serves %s without a key, shows no key, and keeps other sites out", async (path, type, content) => {
    const response = await fetch(sandbox.url + path);
    const text = await response.text();
    expect([response.status, response.headers.get("content-type")]).toEqual([200, type]);
    if (content !== undefined) expect(text).toMatch(content);
    expect(text).not.toContain(sandbox.key);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-security-policy":
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'",
      "cross-origin-resource-policy": "same-origin",
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cache-control": "no-store",
    });
  });

  it.each([
    ["evil.example", 403],
    ["evil.example:80", 403],
    ["localhost:1234", 200],
    ["[::1]:9", 200],
    // No name of another site: an address leads nowhere else.
    ["192.0.2.7:4010", 200],
    ["sandbox:4010", 403],
  ])("answers a request to the host %s with %i", async (host, status) => {
    const answered = await new Promise((resolve, reject) => {
      const sent = request(`${sandbox.url}/sandbox/state`, { headers: { host } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on("error", reject).end();
    });
    expect(answered).toBe(status);
  });

  it("shows the newest tasks first with the paths of their images, and serves only images", async () => {
    await using own = await startSandbox({ port: false, upscaler: "echo", lifeCycle: "immediate" });
    const { task_id: shown } = await finished(own);
    const { task_id: failed } = await finished(own, { image: Buffer.from("<svg/>").toString("base64") });
    const paths = own.tasks().map((task) => task.generated.map((url) => new URL(url).pathname + new URL(url).search));
    const [svg, png] = own.tasks();
    expect((await call(own, "/sandbox/state")).body).toEqual({
      tasks: [
        { ...svg, generated: [] },
        { ...png, generated: paths[1], source: `/sandbox/source/${shown}` },
      ],
      counts: { ...own.counts },
      log: [...own.log].reverse(),
    });
    const source = await own.fetch(`${own.url}/sandbox/source/${shown}`);
    expect([source.headers.get("content-type"), source.headers.get("content-length")]).toEqual(["image/png", "98"]);
    expect(Buffer.from(await source.arrayBuffer()).toString("base64")).toBe(TINY);
    const ids = [failed, UNKNOWN_ID, `${shown}0`, shown.slice(1)].map((id) => `/sandbox/source/${id}`);
    for (const path of [...ids, `/sandbox/more/sandbox/source/${shown}`, "/sandbox", "/sandbox/other"]) {
      const { status, body } = await call(own, path);
      expect([path, status, body]).toEqual([path, 404, { message: "Not found" }]);
    }
    for (let count = 0; count < 200; count++) await submit(own);
    const { tasks } = (await call(own, "/sandbox/state")).body as { tasks: { id: string }[] };
    expect(tasks.map(({ id }) => id)).toEqual(
      own
        .tasks()
        .slice(0, 200)
        .map(({ id }) => id),
    );
  });
});

describe("The controls of the page", () => {
  const post = (own: Sandbox, path: string, body: unknown, headers = {}) =>
    call(own, `/sandbox/${path}`, { method: "POST", body: JSON.stringify(body), headers });

  it("set faults and the life cycles of the next tasks, without a key", async () => {
    await using own = await startSandbox({ upscaler: "echo" });
    const keyless = { "x-magnific-api-key": "" };
    const set = [
      await post(own, "fault", { kind: "error", on: "submit", status: 402, times: 1 }, keyless),
      await post(own, "script", { lifeCycle: "immediate", times: 2 }, keyless),
      await post(own, "script", { lifeCycle: ["PAUSED"] }, keyless),
    ];
    expect(set.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await submit(own)).status).toBe(402);
    const seen = [await submit(own), await submit(own), await submit(own), await submit(own)];
    expect(seen.map((reply) => dataOf(reply).status)).toEqual(["COMPLETED", "COMPLETED", "PAUSED", "CREATED"]);
  });

  it.each([
    ["fault", { kind: "rain" }, 'A fault needs a "kind": reset, '],
    ["fault", null, 'A fault needs a "kind": reset, '],
    ["script", { lifeCycle: "fails" }, 'There is no life cycle "fails"'],
    ["script", null, "null"],
  ])("refuse what cannot be set: %s %j", async (path, body, message) => {
    const { status, body: said } = await post(sandbox, path, body);
    expect([status, said]).toEqual([400, { message: expect.stringContaining(message) }]);
  });

  it("take nothing from a page of another site, and only a POST", async () => {
    for (const origin of ["https://evil.example", "null", sandbox.url.replace("http", "https")])
      expect((await post(sandbox, "fault", { kind: "reset" }, { origin })).status).toBe(403);
    expect((await call(sandbox, TASKS)).status).toBe(200);
    expect((await post(sandbox, "script", { lifeCycle: "immediate" }, { origin: sandbox.url })).status).toBe(200);
    const { status, headers } = await call(sandbox, "/sandbox/fault");
    expect([status, headers.get("allow")]).toEqual([405, "POST"]);
  });
});

const path = findBrowser();
describe.skipIf(path === undefined)(
  `The page in a browser${path === undefined ? " (skipped: there is no Chromium)" : ""}`,
  () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await Browser.open(path ?? "");
    });
    afterAll(() => browser[Symbol.asyncDispose]());

    it("shows tasks as they advance, compares by keyboard and pointer, in light and dark", async () => {
      await using own = await startSandbox();
      await browser.visit(own.url);
      await browser.until(`document.getElementById("origin")?.textContent === ${JSON.stringify(own.url)}`);

      own.script(["CREATED", "IN_PROGRESS", "FAILED"]);
      own.script(["CREATED", "IN_PROGRESS", "COMPLETED"]);
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

    it("lists requests, tasks and webhooks, and sets faults and life cycles by hand", async () => {
      await using own = await startSandbox({ lifeCycle: "immediate" });
      await browser.visit(own.url);
      await browser.until(`document.forms.fault?.elements.kind.length === 8`);
      const setBy = (form: string, values: Record<string, string>) =>
        browser.evaluate(
          `{ const { elements } = document.forms.${form}; for (const [name, value] of Object.entries(${JSON.stringify(values)})) elements[name].value = value; document.querySelector("#${form} button").click() }`,
        );
      const said = `document.getElementById("said").textContent`;
      await setBy("fault", { kind: "rate_limited", on: "submit", times: "2" });
      await browser.until(`${said} === "Next: 2 × rate_limited on submit"`);
      await setBy("script", { lifeCycle: "stuck" });
      await browser.until(`${said} === "Next: 1 × stuck"`);
      const send = async () => (await submit(own, { image: TINY, webhook_url: "https://example.com/hook" })).status;
      expect([await send(), await send(), await send(), await send()]).toEqual([429, 429, 200, 200]);
      expect(own.tasks().map(({ status }) => status)).toEqual(["COMPLETED", "CREATED"]);
      const [done] = own.tasks();
      const log = `document.getElementById("log").textContent`;
      await browser.until(`${log}.split("\\n").length >= 7`);
      const lines = String(await browser.evaluate(log));
      for (const line of [
        `POST ${TASKS}  429  fault: rate_limited`,
        `task ${done?.id.slice(0, 8)}  COMPLETED`,
        `webhook ${done?.id.slice(0, 8)}  https://example.com/hook  not_sent  the sandbox sends`,
      ])
        expect(lines).toContain(line);
      await setBy("fault", { kind: "delay", times: "1" });
      await browser.until(`${said} === "Next: 1 × delay on submit"`);
      // Arrow keys in a control or in the log choose no other task.
      await browser.evaluate(`document.forms.fault.elements.on.focus()`);
      const title = await browser.evaluate(`document.getElementById("title").textContent`);
      await browser.press("ArrowDown");
      expect(await browser.evaluate(`document.getElementById("title").textContent`)).toBe(title);
    });

    it("gives the picture the room that there is", async () => {
      await using own = await startSandbox({ lifeCycle: "immediate" });
      await submit(own);
      await browser.send("Emulation.setDeviceMetricsOverride", {
        width: 1280,
        height: 800,
        deviceScaleFactor: 1,
        mobile: false,
      });
      await browser.visit(own.url);
      await browser.until(`document.getElementById("after")?.naturalWidth > 0`);
      const box = (id: string) => `document.getElementById("${id}").getBoundingClientRect()`;
      await browser.until(`${box("pictures")}.height > 400 && ${box("pictures")}.height <= ${box("compare")}.height`);
      expect(await browser.evaluate(`${box("pictures")}.width / ${box("pictures")}.height`)).toBeCloseTo(1, 1);
      await browser.send("Emulation.clearDeviceMetricsOverride");
    });

    it("fits a phone, and says when images are no longer there", async () => {
      await using own = await startSandbox({ lifeCycle: "immediate", resultTtlMs: 1 });
      await submit(own);
      await new Promise((resolve) => setTimeout(resolve, 1100));
      const screen = { width: 360, height: 640, deviceScaleFactor: 1, mobile: true };
      await browser.send("Emulation.setDeviceMetricsOverride", screen);
      await browser.visit(own.url);
      await browser.until(`document.getElementById("gone")?.checkVisibility()`);
      expect(await browser.evaluate(`document.getElementById("compare").hidden`)).toBe(true);
      expect(await browser.evaluate("document.documentElement.scrollWidth")).toBe(360);
      await browser.send("Emulation.clearDeviceMetricsOverride");
    });
  },
);
