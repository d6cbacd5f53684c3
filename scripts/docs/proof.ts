/** The pages of what was measured and proven: the reports that commands left in reports/. */
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../openapi/document/load.js";

interface Report {
  readonly path: string;
  readonly command: string;
  readonly title?: string;
}

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
    intro: "The packed package in every runtime and with every compiler that was available on the machine.",
    reports: [{ path: "everywhere.md", command: "everywhere" }],
  },
};

export function writeProofPages(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, { title, intro, reports }] of Object.entries(PAGES)) {
    const parts = ["---\naside: false\n---", `# ${title}`, intro, ...reports.map(section), ""];
    writeFileSync(join(folder, `${name}.md`), parts.join("\n\n"));
  }
}

function section({ path, command, title }: Report): string {
  const file = join(ROOT, "reports", path);
  const heading = title === undefined ? "" : `## ${title}\n\n`;
  if (!existsSync(file))
    return `${heading}::: info Not measured for this build\n\`npm run ${command}\` measures it; then \`npm run docs\` shows it here.\n:::`;
  const day = statSync(file).mtime.toISOString().slice(0, 10);
  return `${heading}\`npm run ${command}\` wrote this on ${day}.\n\n${asMarkdown(readFileSync(file, "utf8"))}`;
}

/** The report below its title. Nothing outside of its code may look like a component or an expression of Vue. */
function asMarkdown(report: string): string {
  return report
    .replace(/^#+ .*\n/, "")
    .trim()
    .replace(/^#{1,2} /gm, "### ")
    .split(/(`[^`\n]*`)/)
    .map((part) => (part.startsWith("`") ? part : part.replaceAll("<", "&lt;")))
    .join("")
    .replaceAll("{{", "{\u200b{");
}
