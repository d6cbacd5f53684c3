import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "../../../openapi/document/load.js";
import { type ErrorCode, Magnific, MagnificError } from "../../../src/index.js";
import { type SandboxFault, startSandbox } from "../../../src/sandbox/index.js";
import { pngOf } from "../../../src/test-support/png.js";

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

const unions = read("src/errors/magnific-error.ts").matchAll(/export type (?:Api)?ErrorCode =([^;]*);/g);
const codes = [...unions].flatMap(([union]) => [...union.matchAll(/"(\w+)"/g)].map(([, code]) => code as ErrorCode));

it("the page of errors has a section for each error code, and for nothing else", () => {
  const sections = [...read("docs/reference/errors.md").matchAll(/^### `(\w+)` \{#\1\}$/gm)].map(([, code]) => code);
  expect(codes.length).toBeGreaterThan(20);
  expect(sections.sort()).toEqual(codes.toSorted());
});

it("each section of the page of errors says what the error costs and what to do, and the message ends with its address", () => {
  const [, ...sections] = read("docs/reference/errors.md").split(/^### /m);
  for (const section of sections) {
    expect(section).toMatch(/^\*\*What it costs:\*\* \S/m);
    expect(section).toMatch(/^\*\*What to do:\*\* \S/m);
  }
  // As GitHub makes anchors of headings: in lower case, without punctuation, with hyphens for spaces.
  const headings = [...read("docs/reference/errors.md").matchAll(/^### (.*)$/gm)].map(([, text = ""]) => text);
  const anchors = headings.map((text) =>
    text
      .toLowerCase()
      .replace(/[^\w\s-]/g, "")
      .replaceAll(" ", "-"),
  );
  const { repository } = JSON.parse(read("package.json")) as { repository: { url: string } };
  const page = `${repository.url.replace(/^git\+|\.git$/g, "")}/blob/main/docs/reference/errors.md`;
  class AnyError extends MagnificError {}
  for (const code of codes) {
    const { message, summary, docs } = new AnyError("First line.\nSecond line.", { code });
    expect([summary, message]).toEqual(["First line.\nSecond line.", `${summary}\nSee ${docs}`]);
    expect(anchors.map((anchor) => `${page}#${anchor}`)).toContain(docs);
  }
});

/** How the sandbox plays what a row of docs/guides/money.md names. */
const error = (status: number): SandboxFault => ({ kind: "error", on: "submit", status, times: 9 });
const PLAYED: Readonly<Record<string, SandboxFault>> = {
  "400": error(400),
  "401": error(401),
  "402": error(402),
  "403": error(403),
  "404": error(404),
  "408": error(408),
  "413": error(413),
  "429: too many": { kind: "rate_limited", on: "submit", retryAfter: "0", reset: 0, times: 9 },
  "429: the free": { kind: "rate_limited", on: "submit", message: "usage limit of the free trial", times: 9 },
  "Any other 4xx": error(409),
  "5xx": error(503),
  "The connection breaks": { kind: "reset", on: "submit", handled: true, times: 9 },
  "No response within": { kind: "stall", on: "submit", handled: true, times: 9 },
  "A redirect": { kind: "redirect", on: "submit", times: 9 },
  "An unreadable": { kind: "truncated", on: "submit", times: 9 },
};

it("the tables of what a failed submit costs say what the client does", async () => {
  const sections = read("docs/guides/money.md").split(/^### /m).slice(1);
  const rows = sections.flatMap((section) => {
    const submission = /`submission: "(\w+)"`/.exec(section)?.[1];
    return [...section.matchAll(/^\| (.*?) \|.*\| (no|yes).* \| \[`(\w+)`\]/gm)].map((match) => ({
      what: match[1] ?? "",
      expected: { submission, retried: match[2] === "yes", code: match[3] },
    }));
  });
  for (const [start, fault] of Object.entries(PLAYED)) {
    const row = rows.find(({ what }) => what.startsWith(start));
    const sandbox = await startSandbox({ upscaler: "echo", lifeCycle: "immediate", faults: [fault] });
    try {
      const options = { baseUrl: sandbox.url, apiKey: sandbox.key, timeout: 400, rate: false } as const;
      const magnific = new Magnific({ ...options, retry: { minDelay: 1, maxDelay: 1 } });
      const failure: MagnificError = await magnific.submit({ image: pngOf(2000) }).then(
        () => expect.unreachable(start),
        (reason: unknown) => reason as MagnificError,
      );
      const { submission, code } = failure;
      expect({ submission, code, retried: sandbox.counts.faults > 1 }, start).toEqual(row?.expected);
      if (submission !== "unknown") expect(sandbox.counts.paid, start).toBe(0);
    } finally {
      await sandbox.close();
    }
  }
});

it("the README, which npm shows too, has at most 150 lines and links that hold everywhere: each leads to a file of the repository", () => {
  const readme = read("README.md");
  expect(readme.trimEnd().split("\n").length).toBeLessThanOrEqual(150);
  const links = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, link = ""]) => link);
  expect(links.filter((link) => !/^(?:https:|#)/.test(link))).toEqual([]);
  const files = links.flatMap((link) => /magnific-client\/(?:(?:blob|tree)\/)?main\/([^#]+)/.exec(link)?.[1] ?? []);
  expect(files.length).toBeGreaterThan(12);
  expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  const { repository, homepage, bugs } = JSON.parse(read("package.json")) as Record<string, unknown>;
  expect({ repository, homepage, bugs }).toEqual({
    repository: expect.objectContaining({ type: "git" }),
    homepage: expect.stringContaining("https://"),
    bugs: expect.stringMatching(/^https:.*\/issues$/),
  });
});
