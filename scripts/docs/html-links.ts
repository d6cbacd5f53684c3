/** Links of built pages: whether what they name is there. Pure. */

/** An address that only serves to resolve relative links. */
const ORIGIN = "https://site.invalid";
const EXTERNAL = new Set(["https:", "http:", "mailto:"]);

/**
 * What is wrong with the links of a site. Other hosts are not asked: of their addresses only the form is checked.
 *
 * @param pages Path below the site's root, e.g. `guides/money.html`, with its HTML.
 * @param files Paths of everything else that is there.
 * @param base Where the site's root is on its host: `/` or `/name/`.
 */
export function brokenLinks(pages: ReadonlyMap<string, string>, files: ReadonlySet<string>, base = "/"): string[] {
  const anchors = new Map([...pages].map(([path, html]) => [path, anchorsOf(html)]));
  const broken: string[] = [];
  for (const [path, html] of pages) {
    for (const href of linksOf(html)) {
      const why = whyBroken(href, path, anchors, files, base);
      if (why !== undefined) broken.push(`${path}: ${href} ${why}`);
    }
  }
  return broken;
}

function whyBroken(
  href: string,
  path: string,
  anchors: ReadonlyMap<string, ReadonlySet<string>>,
  files: ReadonlySet<string>,
  base: string,
): string | undefined {
  if (!URL.canParse(href, `${ORIGIN}${base}${path}`)) return "is no address";
  const { origin, protocol, pathname, hash } = new URL(href, `${ORIGIN}${base}${path}`);
  if (origin !== ORIGIN) return EXTERNAL.has(protocol) ? undefined : `has the scheme ${protocol}`;
  if (!pathname.startsWith(base)) return `leaves the site, which is at ${base}`;
  const name = decodeURIComponent(pathname.slice(base.length)).replace(/(^|\/)$/, "$1index.html");
  const ids = anchors.get(name);
  if (ids === undefined) return files.has(name) ? undefined : "is not there";
  const anchor = decodeURIComponent(hash.slice(1));
  return anchor === "" || ids.has(anchor) ? undefined : `names no place in ${name}`;
}

function linksOf(html: string): Set<string> {
  const tags = html.matchAll(/<(?:a|link|img|script|source)\b[^>]*?\s(?:href|src)="([^"]*)"/g);
  return new Set([...tags].map(([, href]) => unescaped(href ?? "")));
}

function anchorsOf(html: string): Set<string> {
  return new Set([...html.matchAll(/<[a-z][^>]*?\sid="([^"]+)"/gi)].map(([, id]) => unescaped(id ?? "")));
}

function unescaped(text: string): string {
  return text.replaceAll("&quot;", '"').replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
