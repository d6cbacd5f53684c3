/** The pages of what was measured and proven: the reports in reports/, or those kept in docs/.vitepress/measured.json. */
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../openapi/document/load.js";

interface Report {
  readonly path: string;
  readonly command: string;
  readonly title?: string;
}

/** What a report said, and on which day. */
type Measured = Readonly<Record<"day" | "text", string>>;

const PAGES: Readonly<Record<string, { title: string; intro: string; reports: readonly Report[] }>> = {
  contract: {
    title: "Contract matrix",
    intro:
      "Every rule of the provider's document and of our overlays, where it is written, and whether the mock (Prism), this client (facade) and the sandbox keep it. The number next to a mark counts the cases. [Run it against your own provider](../guides/contract-in-ci.md).",
    reports: [{ path: "contract/matrix.md", command: "contract -- --report reports/contract" }],
  },
  benchmarks: {
    title: "Benchmarks",
    intro:
      "This package next to the clients and testers that one would use instead, measured in one run, each table with its machine. Absolute figures depend on the machine; ratios carry over.",
    reports: [
      ["faults", "How often does a call that fails send its POST?"],
      ["calls", "How many small calls a second, and at what cost of CPU?"],
      ["images", "How long does it take to send a large image, and how much memory?"],
      ["weight", "How much is installed, bundled, started and type-checked?"],
      ["waiting", "How many requests do a thousand waits send, and how much time do they lose?"],
      ["contract", "How fast are contract testers, and what do they find?"],
      ["scale", "What does each step cost with a document of the provider's full size?"],
    ].map(([name, title = ""]) => ({ path: `bench/${name}.md`, command: `bench -- ${name}`, title })),
  },
  runtimes: {
    title: "Runtimes",
    intro:
      "The packed package in every runtime and with every compiler that was available on the machine. CI runs `npm run everywhere` every week.",
    reports: [{ path: "everywhere.md", command: "everywhere" }],
  },
};

const KEPT = join(ROOT, "docs/.vitepress/measured.json");

/** The report that a command left in reports/, or else the one that was kept. */
function measured(path: string): Measured | undefined {
  const file = join(ROOT, "reports", path);
  if (existsSync(file))
    return { day: statSync(file).mtime.toISOString().slice(0, 10), text: readFileSync(file, "utf8") };
  return (JSON.parse(readFileSync(KEPT, "utf8")) as Record<string, Measured>)[path];
}

/** Keeps the present reports in the repository, for builds that measure nothing. */
export function keepReports(): void {
  const paths = Object.values(PAGES).flatMap(({ reports }) => reports.map(({ path }) => path));
  writeFileSync(KEPT, `${JSON.stringify(Object.fromEntries(paths.map((path) => [path, measured(path)])), null, 2)}\n`);
}

export function writeProofPages(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, { title, intro, reports }] of Object.entries(PAGES)) {
    const parts = [`---\naside: false\npageClass: proof\n---`, `# ${title}`, intro, ...reports.flatMap(section), ""];
    writeFileSync(join(folder, `${name}.md`), parts.join("\n\n"));
  }
}

function section({ path, command, title }: Report): string[] {
  const { day, text } = measured(path) ?? {};
  if (text === undefined) return [];
  const heading = title === undefined ? [] : [`## ${title}`];
  return [...heading, `\`npm run ${command}\` wrote this on ${day}.`, asMarkdown(text)];
}

/** The report below its title. Nothing outside of its code may look like a component or an expression of Vue. */
function asMarkdown(report: string): string {
  return report
    .replace(/^#+ (?:[^:\n]*: (.*)|.*)\n/, (_, verdict?: string) => (verdict ? `**Verdict: ${verdict}.**\n` : ""))
    .trim()
    .replace(/^#{1,2} /gm, "### ")
    .split(/(`[^`\n]*`)/)
    .map((part) => (part.startsWith("`") ? part : part.replaceAll("<", "&lt;")))
    .join("")
    .replaceAll("{{", "{\u200b{")
    .replace(/\| ([✗○–!·✓])(?= )/g, (_, mark: string) => `| <b class="mark-${"✗○–!·✓".indexOf(mark)}">${mark}</b>`);
}
