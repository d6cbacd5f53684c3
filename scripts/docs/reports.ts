/** Pages of what was measured and proven: only what a command has printed. Pure. */
import { generatedFrom, plain } from "./markdown.js";

/** Tables of many columns get the room of the outline. */
const WIDE = "---\naside: false\n---";

/** A report that a command left behind. */
export interface Kept {
  readonly name: string;
  readonly text: string;
  readonly written: Date;
}

/** @param text `matrix.md` as `npm run contract -- --report` writes it. */
export function contractPage(text: string): string {
  const [title = "", ...rest] = text.split("\n");
  const body = rest.join("\n").trim();
  if (!title.startsWith("# Contract matrix") || !body.includes("| operation |"))
    throw new Error("The contract's report is not the matrix that was expected.");
  return [
    WIDE,
    title,
    generatedFrom("the run of the contract suite that belongs to this build: `npm run contract -- --report <folder>`"),
    "Every rule of the provider's document and of our overlays, where it is written, and whether the mock (Prism), this client (facade) and the sandbox keep to it. A figure behind a mark counts the cases. [How to run it against your own provider](../guides/contract-in-ci.md).",
    cellsOnly(body),
    "",
  ].join("\n\n");
}

/** The names of `npm run bench`, in the order of the page, with what each asks. */
const BENCHMARKS: Readonly<Record<string, string>> = {
  calls: "How many small calls a second, and at what cost of CPU?",
  images: "How long and with how much memory does a large image go out?",
  weight: "How much is installed, bundled, started and type-checked?",
  waiting: "How many requests do a thousand waits send, and how much time do they lose?",
  contract: "How fast do contract testers run, and what do they find?",
  scale: "What does each step cost with a document of the provider's full size?",
};

export function benchmarksPage(reports: readonly Kept[]): string {
  const sections = Object.entries(BENCHMARKS).map(([name, question]) => {
    const kept = reports.find((each) => each.name === name);
    if (kept === undefined)
      return `## ${name}\n\n${question}\n\n::: info Not measured for this build\n\`npm run bench -- ${name}\` measures it; then \`npm run docs\` shows it here.\n:::`;
    const body = kept.text.replace(/^## .*\n/, "").trim();
    return `## ${name}\n\n${question}\n\n<p class="generated">Written by <code>npm run bench -- ${name}</code> on ${day(kept.written)}.</p>\n\n${cellsOnly(body)}`;
  });
  return [
    WIDE,
    "# Benchmarks",
    "Ours beside the clients and testers that one would take instead, side by side in one run, each with the machine that it ran on. Absolute figures are that machine's; ratios carry over. `npm run bench` makes all of them. Limits that do not hold stand in the tables like those that do.",
    ...sections,
    "",
  ].join("\n\n");
}

export function runtimesPage(report: Kept | undefined): string {
  const body =
    report === undefined
      ? "::: info Not run for this build\n`npm run everywhere` runs it; then `npm run docs` shows it here.\n:::"
      : `<p class="generated">Written by <code>npm run everywhere</code> on ${day(report.written)}.</p>\n\n${cellsOnly(report.text.replace(/^## .*\n/, "").trim())}`;
  return [
    "# Runtimes",
    "The packed package, tried in every runtime and with every compiler that could be had on the machine. What could not be had is listed as not run.",
    body,
    "",
  ].join("\n\n");
}

const day = (date: Date): string => date.toISOString().slice(0, 10);

/** Reports are Markdown of their own; nothing in them is meant as a component or an expression. */
function cellsOnly(text: string): string {
  return plain(text).replace(/^(#+) /gm, (_, marks: string) => `${marks.length < 3 ? "###" : marks} `);
}
