import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../openapi/document/load.js";
import { Contract } from "../contract.js";
import { upscaler } from "../only.js";
import { faultsFor } from "../proof/faults.js";
import { startProvider } from "../provider/provider.js";
import { redact } from "../run/redact.js";
import { runSuite, type SuiteReport } from "../run/suite.js";
import { ProviderTarget } from "../targets/provider.js";
import { htmlReport } from "./html.js";
import { jsonReport } from "./json.js";
import { junitReport } from "./junit.js";
import { markdownReport } from "./markdown.js";
import { type Matrix, matrixOf } from "./matrix.js";
import { terminalReport } from "./terminal.js";

const KEY = "a-very-secret-key-of-the-provider";
const { vendored, overlays } = upscaler();
const contract = new Contract(vendored, overlays);
const folder = mkdtempSync(join(tmpdir(), "contract-report-"));
let report: SuiteReport;
let matrix: Matrix;

beforeAll(async () => {
  const fault = faultsFor({ id: "task_id", status: "status", list: "generated" }).find(
    (each) => each.id === "accepts above the maximum",
  );
  const provider = await startProvider(contract.document, { key: KEY, ...(fault ? { fault } : {}) });
  const target = new ProviderTarget({ url: provider.url, key: KEY, allowPaid: 1000 });
  report = await runSuite({
    contract,
    target,
    known: { findings: [], defects: [] },
    before: [{ check: "lock", message: 'a <b> & "c" changed' }],
    foreignDocument: false,
  });
  matrix = matrixOf(contract, report);
  await target.close();
  await provider.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("the matrix", () => {
  it("puts what is broken first, at its place in the vendored document", () => {
    const [first] = matrix.rows;
    expect(first?.parts.slice(0, 2)).toEqual(["body.sharpen", "maximum 100"]);
    expect(first?.source).toEqual({ file: "upscaler-precision.yaml", line: 127, vendored: true });
    expect(first?.cells.provider?.state).toBe("violates");
    const line = readFileSync(join(ROOT, "openapi/upscaler-precision.yaml"), "utf8").split("\n")[126];
    expect(line?.trim()).toBe("maximum: 100");
  });

  it("counts every row once", () => {
    const vendored = Object.values(matrix.vendored).reduce((sum, count) => sum + count, 0);
    expect(vendored).toBe(matrix.rows.filter((row) => row.vendored).length);
    // The three sliders, each with its two bounds.
    expect(
      matrix.rows.filter((row) => row.section === "fields" && /^(?:minimum|maximum) /.test(row.parts[1] ?? "")),
    ).toHaveLength(6);
  });
});

describe("the forms of the report", () => {
  it("name the case, the rule, the place and a command that plays it again, without the key or an image", () => {
    for (const text of [
      terminalReport(contract, report),
      jsonReport(contract, report),
      junitReport(contract, report),
    ]) {
      const safe = redact(text, KEY);
      expect(safe).toContain("body.sharpen · negative · above the most, 101");
      expect(safe).toContain("was accepted with 200");
      expect(safe).toContain("upscaler-precision.yaml");
      expect(safe).toContain("curl -i -X POST");
      expect(safe).not.toContain(KEY);
      expect(safe).not.toMatch(/iVBORw0KGgo/);
    }
  });

  it("are well-formed: Markdown rows have as many cells as the head, XML says what is special otherwise", () => {
    const rows = markdownReport(report, matrix)
      .split("\n")
      .filter((line) => line.startsWith("|"));
    const cells = (line: string): number => line.replaceAll("\\|", "").split("|").length;
    expect(new Set(rows.map(cells)).size).toBe(1);
    const xml = junitReport(contract, report);
    expect(xml).toContain("a &lt;b&gt; &amp; &quot;c&quot; changed");
    expect(xml.replace(/&(?:amp|lt|gt|quot|#10);/g, "")).not.toContain("&");
    expect(xml.match(/<testcase /g)?.length).toBe(report.results.length + report.violations.length);
    expect(xml.match(/<failure /g)?.length).toBe(
      report.results.filter((each) => each.outcome === "violates").length + report.violations.length,
    );
  });

  it("take keys and images out of whatever is written, keys percent-encoded as well", () => {
    const odd = "key with blanks/and=signs";
    expect(redact(`x ${odd} y ${encodeURIComponent(odd)}`, odd)).toBe("x [key] y [key]");
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
describe.skipIf(CHROMIUM === undefined)("the page in Chromium", () => {
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

  /** The page with a script behind it that uses it as a person would and writes down what it sees. */
  const page = (name: string, use: string): string => {
    const file = join(folder, `${name}.html`);
    writeFileSync(
      file,
      htmlReport(contract, report, matrix).replace(
        "</body>",
        `<script>document.body.dataset.seen=JSON.stringify((()=>{${use}})())</script></body>`,
      ),
    );
    return file;
  };
  const seen = (dom: string): unknown =>
    JSON.parse(
      (/data-seen="([^"]*)"/.exec(dom)?.[1] ?? "null")
        .replaceAll("&quot;", '"')
        .replaceAll("&amp;", "&")
        .replaceAll("&lt;", "<")
        .replaceAll("&gt;", ">"),
    );

  it("finds, filters and opens rows by keyboard alone", { timeout: 60_000 }, async () => {
    const file = page(
      "use",
      `const key = (key, target = document.activeElement) => target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
       const rows = () => [...document.querySelectorAll("tbody tr:not(.details)")].filter((row) => !row.hidden).length;
       const all = rows();
       key("/", document.body);
       const typing = document.activeElement.id;
       document.activeElement.value = "sharpen maximum";
       document.activeElement.dispatchEvent(new Event("input", { bubbles: true }));
       const found = rows();
       key("ArrowDown");
       const focused = document.activeElement.textContent;
       key("Enter");
       const details = document.querySelector("tr.details").textContent;
       key("Escape");
       const cleared = rows();
       document.querySelector("input[value=conforms]").click();
       return { all, typing, found, focused, details, cleared, without: rows() };`,
    );
    const result = seen(await browse(file, "--dump-dom")) as Record<string, number | string>;
    expect(result.all).toBe(matrix.rows.length);
    expect(result.typing).toBe("find");
    expect(result.found).toBe(1);
    expect(result.focused).toContain("body.sharpen");
    expect(result.details).toContain("#/components/schemas/request-content_2/properties/sharpen/maximum");
    expect(result.details).toContain("was accepted with 200");
    expect(result.cleared).toBe(matrix.rows.length);
    expect(result.without).toBeLessThan(matrix.rows.length);
  });

  it.each([
    ["light", 1],
    ["dark", 0],
  ] as const)("is readable in %s, and a picture of it is kept", { timeout: 60_000 }, async (scheme, blink) => {
    const file = page(
      scheme,
      `const channel = (part) => { const share = part / 255; return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4; };
       const light = (color) => { const [r, g, b] = color.match(/[\\d.]+/g).map(Number); return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b); };
       const contrast = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
       const panel = light(getComputedStyle(document.querySelector(".scroll")).backgroundColor);
       const marks = ["conforms", "violates", "known", "static", "untestable", "untested"].map((state) => { const mark = document.createElement("span"); mark.className = "mark " + state; document.querySelector("td").append(mark); const color = getComputedStyle(mark).color; mark.remove(); return contrast(light(color), panel); });
       return { dark: matchMedia("(prefers-color-scheme: dark)").matches, panel, least: Math.min(...marks), wide: document.documentElement.scrollWidth <= innerWidth };`,
    );
    const flag = `--blink-settings=preferredColorScheme=${blink}`;
    const result = seen(await browse(file, "--dump-dom", flag)) as {
      dark: boolean;
      panel: number;
      least: number;
      wide: boolean;
    };
    expect(result.dark).toBe(scheme === "dark");
    expect(result.panel > 0.5).toBe(scheme === "light");
    // WCAG AA for text.
    expect(result.least).toBeGreaterThan(4.5);
    expect(result.wide).toBe(true);
    const pictures = join(ROOT, "reports");
    mkdirSync(pictures, { recursive: true });
    const picture = join(pictures, `matrix-${scheme}.png`);
    await browse(file, flag, "--window-size=1280,900", `--screenshot=${picture}`);
    expect(readFileSync(picture).subarray(1, 4).toString()).toBe("PNG");
  });
});
