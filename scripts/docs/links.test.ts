import { describe, expect, it } from "vitest";
import { brokenLinks } from "./html-links.js";
import { brokenMarkdownLinks, missingIncludes } from "./markdown-links.js";

describe("brokenLinks", () => {
  const site = (link: string, base?: string): string[] =>
    brokenLinks(
      new Map([
        ["index.html", `<a class="x" href="${link}">x</a>`],
        ["guides/a.html", '<h2 id="one &amp; two" tabindex="-1">One</h2><a href="../index.html">up</a>'],
      ]),
      new Set(["mark.svg"]),
      base,
    ).filter((line) => line.startsWith("index.html"));

  it("accepts pages, places in them, files and well-formed addresses of others", () => {
    for (const link of [
      "/guides/a.html",
      "./guides/a.html#one%20&amp;%20two",
      "#",
      "/",
      "/mark.svg",
      "https://example.com/x#y",
    ])
      expect(site(link), link).toEqual([]);
  });

  it.each([
    ["/guides/b.html", "is not there"],
    ["guides/a.html#two", "names no place in guides/a.html"],
    ["/guides/", "is not there"],
    ["javascript:alert(1)", "has the scheme javascript:"],
    ["https://", "is no address"],
  ])("refuses %s", (link, why) => {
    expect(site(link)).toEqual([`index.html: ${link} ${why}`]);
  });

  it("knows where the site is", () => {
    expect(site("/docs/guides/a.html", "/docs/")).toEqual([]);
    expect(site("/guides/a.html", "/docs/")).toEqual([
      "index.html: /guides/a.html leaves the site, which is at /docs/",
    ]);
  });
});

describe("brokenMarkdownLinks", () => {
  const files: Readonly<Record<string, string>> = {
    "README.md": "# Read me\n## Paying once, across `x` processes\n## Twice\n## Twice\n```md\n## In code\n```\n",
    "docs/a.md": "# A",
    docs: "",
  };
  const check = (text: string, path = "README.md"): string[] =>
    brokenMarkdownLinks(path, text, (name) => (name === path ? (files[path] ?? "") : files[name]));

  it("accepts files, folders, headings and well-formed addresses; reads no code", () => {
    const text =
      "[a](docs/a.md) [b](docs) [c](#paying-once-across-x-processes) [d](#twice-1) [e](https://example.com/)";
    expect(check(text)).toEqual([]);
    expect(check("`[x](nowhere)`\n```\n[y](nowhere)\n```\n")).toEqual([]);
    expect(check("[up](../README.md#read-me)", "docs/a.md")).toEqual([]);
  });

  it("says what is not there", () => {
    expect(check("[a](docs/b.md)")).toEqual(["README.md: docs/b.md is not there"]);
    expect(check("[a](docs/a.md#b)")).toEqual(["README.md: docs/a.md#b names no heading of docs/a.md"]);
    expect(check("[a](#in-code)")).toEqual(["README.md: #in-code names no heading of README.md"]);
    expect(check("[a](https://)")).toEqual(["README.md: https:// is no address"]);
  });

  it("says which files a page takes in vain", () => {
    const look = (name: string): string | undefined => (name === "examples/server.js" ? "x" : undefined);
    const page = "<<< ../../examples/server.js{js}\n<<< ../../examples/gone.js#part\n<!--@include: ./gone.md-->\n";
    expect(missingIncludes("docs/guides/a.md", page, look)).toEqual([
      "docs/guides/a.md: takes ../../examples/gone.js, which is not there",
      "docs/guides/a.md: takes ./gone.md, which is not there",
    ]);
  });
});
