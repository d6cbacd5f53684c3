/** The site: its navigation, and how Markdown becomes pages. Built by `npm run docs`. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type DefaultTheme, defineConfig, type UserConfig } from "vitepress";

const API = fileURLToPath(new URL("../reference/api/", import.meta.url));

const ENTRIES = ["magnific-client", "magnific-client/node", "magnific-client/webhook", "magnific-client/sandbox"];
const KINDS = { classes: "Classes", functions: "Functions", interfaces: "Interfaces", "type-aliases": "Types" };

/** The pages that TypeDoc made, by entry point and kind. */
function apiItems(): DefaultTheme.SidebarItem[] {
  return ENTRIES.map((entry) => ({
    text: entry,
    link: `/reference/api/${entry}/`,
    collapsed: true,
    items: Object.entries(KINDS).flatMap(([folder, text]) => {
      const items = pagesIn(join(API, entry, folder)).map((name) => ({
        text: name,
        link: `/reference/api/${entry}/${folder}/${name}`,
      }));
      return items.length === 0 ? [] : [{ text, collapsed: true, items }];
    }),
  }));
}

function pagesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((file) => file.endsWith(".md"))
      .map((file) => file.replace(/\.md$/, ""))
      .sort();
  } catch {
    return [];
  }
}

const GUIDES: DefaultTheme.SidebarItem[] = [
  { text: "Quickstart", link: "/quickstart" },
  { text: "Sliders", link: "/guides/sliders" },
  { text: "Money, when things fail", link: "/guides/money" },
  { text: "Webhooks", link: "/guides/webhooks" },
  { text: "Batches", link: "/guides/batches" },
  { text: "Other operations", link: "/guides/other-operations" },
  { text: "Testing with the sandbox", link: "/guides/sandbox" },
  { text: "The contract in your CI", link: "/guides/contract-in-ci" },
  { text: "Observability", link: "/guides/observability" },
  { text: "Transports", link: "/guides/transports" },
  { text: "From hand-written fetch code", link: "/guides/from-fetch" },
  { text: "curl", link: "/guides/curl" },
  { text: "Python", link: "/guides/python" },
  { text: "Troubleshooting", link: "/guides/troubleshooting" },
  { text: "Prices", link: "/guides/prices" },
];

const REFERENCE: DefaultTheme.SidebarItem[] = [
  { text: "Options", link: "/reference/options" },
  { text: "Errors", link: "/reference/errors" },
  { text: "The command", link: "/reference/cli" },
  { text: "API", link: "/reference/api/", collapsed: true, items: apiItems() },
];

const PROOF: DefaultTheme.SidebarItem[] = [
  { text: "Contract matrix", link: "/proof/contract" },
  { text: "Benchmarks", link: "/proof/benchmarks" },
  { text: "Runtimes", link: "/proof/runtimes" },
  { text: "Changelog", link: "/changelog" },
];

const config: UserConfig<DefaultTheme.Config> = defineConfig({
  title: "magnific-client",
  description: "A typed client for the Magnific API's Precision Upscaler that never bills twice.",
  lang: "en",
  // Where the site is not at its host's root, as on GitHub Pages.
  base: process.env.DOCS_BASE ?? "/",
  cleanUrls: false,
  head: [
    ["link", { rel: "icon", href: `${process.env.DOCS_BASE ?? "/"}mark.svg`, type: "image/svg+xml" }],
    ["meta", { name: "theme-color", content: "#0e7c66" }],
  ],
  markdown: {
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
  },
  vite: { build: { chunkSizeWarningLimit: 4_000 }, logLevel: "warn" },
  themeConfig: {
    logo: "/mark.svg",
    nav: [
      { text: "Guides", link: "/quickstart", activeMatch: "^/(quickstart|guides/)" },
      { text: "Reference", link: "/reference/options", activeMatch: "^/reference/" },
      { text: "Proof", link: "/proof/contract", activeMatch: "^/proof/" },
      { text: "Changelog", link: "/changelog" },
    ],
    sidebar: [
      { text: "Guides", items: GUIDES },
      { text: "Reference", items: REFERENCE },
      { text: "Proof", items: PROOF },
    ],
    socialLinks: [
      { icon: "github", link: "https://github.com/magnific-client/magnific-client" },
      { icon: "npm", link: "https://www.npmjs.com/package/magnific-client" },
    ],
    outline: { level: [2, 3], label: "On this page" },
    search: { provider: "local" },
    footer: { message: "MIT licence. Not affiliated with Magnific." },
  },
});

export default config;
