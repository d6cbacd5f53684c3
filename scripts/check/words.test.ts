import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "../../openapi/document/load.js";

/** What reads as translated, and what to write instead. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/\braw door\b/i, "raw client"],
  [/\bgo(?:es|ing)? on\b(?! the wire)|\bt(?:ake|akes|ook) (?:it |them )?up\b/, "continue, resume"],
  [/\bsen(?:d|ds|t) (?:it |them )?again\b|\brepeats? a send\b/, "retry, submit again"],
  [/\bno connection came\b/, "could not connect"],
  [
    /(?<![Tt]here )\bis no (?:URL|field|image|object|file|text|string|number|option|secret|webhook|folder|JSON)\b/,
    "is not a …",
  ],
  [/\bunder way\b/, "in flight, in progress"],
  [/\bnothing of (?:it|them)\b/, "nothing, none of it"],
  [/\btold from\b|\bfailed of\b/, "classified"],
  [/\b(?:beside|upon|at hand|whatever else)\b/, "next to, on, available, anything else"],
  [/\bmend(?:s|ed|ing)?\b/, "fix"],
  [/\blooks? into an?\b/, "check"],
  [/\ba table of what\b/, "say what it is"],
];
const PLACES = [
  "*.md",
  ".changeset",
  "docs",
  "examples",
  "src",
  "contract-tests",
  "scripts",
  "bench",
  "openapi/document",
  "openapi/overlays",
];

it("documentation, messages, help, comments and test titles use the words of a native speaker", () => {
  const list = execFileSync("git", ["ls-files", ...PLACES], { cwd: ROOT, encoding: "utf8" })
    .trimEnd()
    .split("\n");
  const files = list.filter((file) => /\.(?:md|ts|mjs|js|yaml)$/.test(file) && !file.endsWith("words.test.ts"));
  expect(files.length).toBeGreaterThan(400);
  const hits = files.flatMap((file) =>
    readFileSync(join(ROOT, file), "utf8")
      .split("\n")
      .flatMap((line, index) =>
        WORDS.filter(([word]) => word.test(line)).map(
          ([, instead]) => `${file}:${index + 1}: write "${instead}": ${line.trim()}`,
        ),
      ),
  );
  expect(hits).toEqual([]);
});
