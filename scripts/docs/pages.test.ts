import { describe, expect, it } from "vitest";
import type { DocumentedOption } from "../options/documented.js";
import { bulletsOf, errorFacts } from "./error-classes.js";
import { errorsPage, submissionsOf } from "./errors.js";
import { cell, codeCell, plain } from "./markdown.js";
import { defaultOf, optionsPage } from "./options.js";
import { benchmarksPage, contractPage, runtimesPage } from "./reports.js";

describe("the page of options", () => {
  it.each([
    ["Milliseconds. Default 60,000.", "60,000", "Milliseconds."],
    ["Default: the environment's `KEY`. Goes nowhere.", "the environment's `KEY`", "Goes nowhere."],
    ["Hosts. Default: `magnific.com` and `freepik.com`.", "`magnific.com` and `freepik.com`", "Hosts."],
    ["Each delay. Default 1.5.", "1.5", "Each delay."],
    ["Ends the call.", "", "Ends the call."],
    ["Default `false`: such images are\n listed. Then more.", "`false`: such images are listed", "Then more."],
  ])("takes the default out of %j", (comment, standard, rest) => {
    expect(defaultOf(comment)).toEqual({ standard, rest });
  });

  it("is not made of options that it would not show", () => {
    const option: DocumentedOption = {
      owner: "NewOptions",
      name: "a",
      place: "",
      documented: true,
      type: "string",
      comment: "",
    };
    expect(() => optionsPage([option], [])).toThrow("not shown: NewOptions");
  });
});

describe("the page of errors", () => {
  const facts = errorFacts();

  it("has every code with its class and its when", () => {
    const page = errorsPage(facts);
    expect(facts.length).toBeGreaterThan(25);
    for (const { code, name, when } of facts) {
      expect(page).toContain(`{#${code}}`);
      expect(name, code).toMatch(/^[A-Z]\w+Error$/);
      expect(when.length, code).toBeGreaterThan(10);
    }
    expect(facts.find(({ code }) => code === "connection_lost")?.name).toBe("ConnectionError");
    expect(facts.find(({ code }) => code === "unexpected_status")?.name).toBe("ApiError");
    expect(facts.find(({ code }) => code === "batch_failed")?.entry).toBe("magnific-client/node");
  });

  it("says of a submit what the client's rules say", () => {
    expect(submissionsOf("connection_failed")).toEqual(["not_sent"]);
    expect(submissionsOf("rate_limited")).toEqual(["rejected"]);
    expect(submissionsOf("server_error")).toEqual(["unknown"]);
    expect(submissionsOf("timeout")).toEqual(["not_sent", "unknown"]);
    expect(submissionsOf("task_failed")).toEqual([]);
  });

  it("reads the list of codes, and does not guess", () => {
    const list = (text: string): string => `/**\n * Codes.\n *\n * ${text}\n */\nexport type ErrorCode = "a";`;
    expect([...bulletsOf(list("- `a`: one,\n *   two.\n * - `b` (400) · `c` (429, passes)"))]).toEqual([
      ["a", "one, two."],
      ["b", ""],
      ["c", "Too many requests (429). It passes."],
    ]);
    expect(() => bulletsOf(list("- a: one."))).toThrow("What does this bullet");
  });
});

describe("the pages of reports", () => {
  it("show what a command wrote, and else which command writes it", () => {
    const written = new Date("2026-01-02T03:04:05Z");
    const page = benchmarksPage([{ name: "calls", text: "## calls\n\nA machine.\n\n### Calls\n", written }]);
    expect(page).toContain("<code>npm run bench -- calls</code> on 2026-01-02");
    expect(page).toContain("A machine.");
    expect(page).toContain("`npm run bench -- images` measures it");
    expect(runtimesPage(undefined)).toContain("`npm run everywhere` runs it");
    expect(runtimesPage({ name: "everywhere", text: "## Everywhere\n\n| a |", written })).toContain("| a |");
  });

  it("take no other text for the matrix", () => {
    expect(contractPage("# Contract matrix: it holds\n\n| operation | x |")).toContain("| operation | x |");
    expect(() => contractPage("# Something else")).toThrow("not the matrix");
  });
});

it("text of others is neither a component nor an expression nor a column", () => {
  expect(plain("a <b> `<c>` {{d}}")).toBe("a &lt;b> `<c>` {\u200b{d}}");
  expect(cell("a | b\nc")).toBe("a \\| b c");
  expect(codeCell("A<B> | C")).toBe("<code v-pre>A&lt;B&gt; &#124; C</code>");
});
