import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { tempFolder } from "../../../src/test-support/temp-folder.js";
import { type ProviderFault, startProvider } from "../../proof/provider/provider.js";
import { redact } from "../../run/redact.js";
import { runSuite, type SuiteReport } from "../../run/suite.js";
import { ProviderTarget } from "../../targets/provider.js";
import { things } from "../../test/shapes.js";
import { ctrfReport } from "../ctrf.js";
import { harReport } from "../har.js";
import { htmlReport } from "../html.js";
import { jsonReport } from "../json.js";
import { junitReport } from "../junit.js";
import { markdownReport } from "../markdown.js";
import { type Matrix, matrixOf } from "../matrix.js";
import { matrixText, terminalReport } from "../terminal.js";

const KEY = "a-very-secret-key-of-the-provider";
const folder = tempFolder("contract-report-");
let report: SuiteReport;
let matrix: Matrix;

async function reportOf(fault: ProviderFault): Promise<SuiteReport> {
  const { url, close } = await startProvider(things.document, { key: KEY, fault });
  const target = new ProviderTarget({ url, key: KEY, keyVariable: "THE_KEY", allowPaid: 1000 });
  const own = await runSuite({
    contract: things,
    target,
    known: { findings: [], defects: [] },
    before: [{ check: "lock", message: 'a <b> & "c" changed' }],
    exchanges: true,
    foreignDocument: false,
  });
  await target.close();
  await close();
  return own;
}

/** Against a provider that takes any number, and tells the key. */
beforeAll(async () => {
  report = await reportOf({
    id: "lax",
    what: "takes any number",
    change: ({ findings }) => ({
      findings: (call) => findings(call).filter(({ rule }) => rule !== "maximum"),
      finish: (reply) => ({ ...reply, headers: { ...reply.headers, "x-echo": KEY, "set-cookie": "session=abcdef" } }),
    }),
  });
  matrix = matrixOf(things, report);
});

const having = (outcome: string): number => report.results.filter((each) => each.outcome === outcome).length;

describe("The matrix", () => {
  it("puts what is broken first, with its line in the document", () => {
    const [first] = matrix.rows;
    expect(first?.parts[1]).toMatch(/^maximum /);
    expect(first?.cells.provider?.state).toBe("violates");
    const line = things.vendored[0]?.text.split("\n")[(first?.source?.line ?? 0) - 1];
    expect(line?.trim()).toMatch(/^"maximum": /);
  });

  it("accuses only what a violation is about: one bad item of an array neither the other fields nor the request", async () => {
    const bad = await reportOf({
      id: "bad item",
      what: "sends one item of a list with a bad id",
      change: () => ({
        finish: (reply, { operation }) =>
          operation.id !== "listThings" || reply.status !== 200
            ? reply
            : { ...reply, body: '[{"id":"7f0c1c1e-6b8a-4d2a-9d33-0a8f5b7c1d2e","name":"a"},{"id":"42","name":"b"}]' },
      }),
    });
    const wrong = matrixOf(things, bad).rows.filter((row) => row.cells.provider?.state === "violates");
    expect(wrong.map(({ operation, parts }) => `${operation} ${parts.join(" ").trim()}`)).toEqual([
      "listThings 200 application/json any response",
      "listThings 200 response[].id format uuid",
    ]);
  });

  it("says why where a row's case never ran, in text and Markdown, row by row", () => {
    const unasked = /– .*a provider cannot be asked for a certain response/;
    expect(matrixText(matrix).split("\n")).toHaveLength(matrix.rows.length + 4);
    for (const text of [matrixText(matrix), markdownReport(report, matrix)]) expect(text).toMatch(unasked);
  });

  it("counts every row once", () => {
    const total = Object.values(matrix.vendored).reduce((sum, count) => sum + count, 0);
    expect(total).toBe(matrix.rows.length);
    const counts = ["conforms", "known", "untestable", "violates"].map(having);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(report.results.length);
  });
});

describe("The report", () => {
  it("names the case, the rule, the place and a command that replays it, without the key", () => {
    for (const write of [terminalReport, jsonReport, junitReport]) {
      const text = redact(write(things, report), KEY);
      expect(text).toContain("body.size · negative · above the maximum, 10");
      expect(text).toContain("accepted with 201: maximum at body.size");
      expect(text).toContain("test.yaml");
      expect(text).toMatch(/curl -i -X POST.*THE_KEY/);
      expect(text).not.toContain(KEY);
    }
  });

  it("prints each cause once, under its check, with the cases that show it", () => {
    const text = terminalReport(things, report);
    expect(text).toContain("✗ accepted: A request that the document rules out is refused.");
    expect(text.match(/accepted with 201: maximum at body\.size/g)).toHaveLength(1);
    expect(text).toContain("requests may have started something that costs");
  });

  it("is well-formed as Markdown and as XML", () => {
    const rows = markdownReport(report, matrix)
      .split("\n")
      .filter((line) => line.startsWith("|"));
    expect(new Set(rows.map((line) => line.replaceAll("\\|", "").split("|").length)).size).toBe(1);
    const xml = junitReport(things, report);
    expect(xml).toContain("a &lt;b&gt; &amp; &quot;c&quot; changed");
    expect(xml.replace(/&(?:amp|lt|gt|quot|#10);/g, "")).not.toContain("&");
    expect(xml.match(/<testcase /g)).toHaveLength(report.results.length + report.violations.length);
    expect(xml.match(/<failure /g)).toHaveLength(having("violates") + report.violations.length);
  });

  it("has each test with its time in JUnit and CTRF, and each exchange in an archive, with nothing secret", () => {
    const [xml, ctrf, har] = [junitReport(things, report), ctrfReport(things, report), harReport(report)];
    expect(xml.match(/<testcase [^>]*time="\d+\.\d{3}"/g)).toHaveLength(report.results.length + 1);
    const { summary, tests } = JSON.parse(ctrf).results;
    expect(summary).toMatchObject({
      tests: tests.length,
      failed: having("violates") + 1,
      skipped: having("untestable"),
    });
    expect(summary.passed + summary.failed + summary.skipped).toBe(summary.tests);
    expect(summary.stop).toBeGreaterThan(summary.start);
    expect(tests.some((each: { start?: number; duration: number }) => each.start && each.duration >= 0)).toBe(true);
    const { entries } = JSON.parse(redact(har, KEY)).log;
    expect(entries).toHaveLength(report.results.filter(({ exchange }) => exchange).length);
    const created = entries.find((each: { request: { method: string } }) => each.request.method === "POST");
    expect(created).toMatchObject({
      startedDateTime: expect.stringMatching(/Z$/),
      response: { status: expect.any(Number) },
    });
    for (const text of [ctrf, har]) {
      expect(redact(text, KEY)).not.toContain(KEY.slice(0, -1));
      expect(text).not.toContain("session=");
    }
    expect(har).toContain("[key]");
  });

  it("hides keys, percent-encoded ones too, and images", () => {
    const odd = "key with blanks/and=signs";
    expect(redact(`x ${odd} y ${encodeURIComponent(odd)}`, odd)).toBe("x [key] y [key]");
    expect(redact("a plain text", "a")).toBe("a plain text");
    const link = `https://github.com/an-owner/a-repository/blob/${"0123456789".repeat(4)}/src/oas/transformers/schema/keywords/format.ts`;
    expect(redact(`(see ${link})`)).toBe(`(see ${link})`);
    expect(redact(`"image":"${"A".repeat(400)}="`)).toBe('"image":"[401 characters of base64]"');
  });
});

const CHROMIUM = [
  process.env.CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((path) => path !== undefined && existsSync(path));

// Skipped where no Chromium is installed; Vitest lists it as skipped.
describe.skipIf(CHROMIUM === undefined)("The page in Chromium", () => {
  const browse = (page: string, ...flags: string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const profile = mkdtempSync(join(folder, "profile-"));
      const fixed = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        `--user-data-dir=${profile}`,
      ];
      const child = spawn(CHROMIUM ?? "", [...fixed, ...flags, pathToFileURL(page).href], {
        stdio: ["ignore", "pipe", "ignore"],
        // What the browser leaves behind goes with its profile.
        env: { ...process.env, TMPDIR: profile },
      });
      let output = "";
      child.stdout.on("data", (chunk: Buffer) => {
        output += chunk;
      });
      child.once("error", reject);
      child.once("close", () => resolve(output));
    });

  /** Uses the page as a person would, by keyboard alone, then looks at its colours, and writes down what it sees. */
  const USE = `
    const key = (key, target = document.activeElement) => target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    const rows = () => [...document.querySelectorAll("tbody tr:not(.details)")].filter((row) => !row.hidden).length;
    const all = rows();
    key("/", document.body);
    const typing = document.activeElement.id;
    document.activeElement.value = "post body.size maximum";
    document.activeElement.dispatchEvent(new Event("input", { bubbles: true }));
    const found = rows();
    key("ArrowDown");
    const focused = document.activeElement.textContent;
    key("Enter");
    const details = document.querySelector("tr.details").textContent;
    key("Escape");
    const cleared = rows();
    document.querySelector("input[value=conforms]").click();
    const channel = (part) => { const share = part / 255; return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4; };
    const light = (color) => { const [r, g, b] = color.match(/[\\d.]+/g).map(Number); return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b); };
    const contrast = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const panel = light(getComputedStyle(document.querySelector(".scroll")).backgroundColor);
    const marks = ["conforms", "violates", "known", "static", "untestable", "untested"].map((state) => { const mark = document.createElement("span"); mark.className = "mark " + state; document.querySelector("td").append(mark); const color = getComputedStyle(mark).color; mark.remove(); return contrast(light(color), panel); });
    return { all, typing, found, focused, details, cleared, without: rows(), dark: matchMedia("(prefers-color-scheme: dark)").matches, panel, least: Math.min(...marks), wide: document.documentElement.scrollWidth <= innerWidth };`;

  interface Seen extends Record<"all" | "found" | "cleared" | "without" | "panel" | "least", number> {
    readonly typing: string;
    readonly focused: string;
    readonly details: string;
    readonly dark: boolean;
    readonly wide: boolean;
  }

  const seenIn = (dom: string): Seen =>
    JSON.parse(
      (/data-seen="([^"]*)"/.exec(dom)?.[1] ?? "null")
        .replaceAll("&quot;", '"')
        .replaceAll("&lt;", "<")
        .replaceAll("&gt;", ">")
        .replaceAll("&amp;", "&"),
    );

  it.each([
    ["light", 1],
    ["dark", 0],
  ] as const)("is readable in %s, and finds, filters and opens rows by keyboard alone", async (scheme, blink) => {
    const file = join(folder, `${scheme}.html`);
    const script = `<script>document.body.dataset.seen=JSON.stringify((()=>{${USE}})())</script></body>`;
    writeFileSync(
      file,
      htmlReport(things, report, matrix).replace("</body>", () => script),
    );
    const seen = seenIn(await browse(file, "--dump-dom", `--blink-settings=preferredColorScheme=${blink}`));
    const rows = matrix.rows.length;
    expect(seen).toMatchObject({ all: rows, typing: "find", found: 1, cleared: rows, wide: true });
    expect(seen.focused).toContain("body.size");
    expect(seen.details).toContain("#/components/schemas/newThing/properties/size/maximum");
    expect(seen.details).toContain("accepted with 201");
    expect(seen.without).toBeLessThan(rows);
    expect(seen.dark).toBe(scheme === "dark");
    expect(seen.panel > 0.5).toBe(scheme === "light");
    // WCAG AA for text.
    expect(seen.least).toBeGreaterThan(4.5);
  });
});
