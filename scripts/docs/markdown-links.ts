/** Links of Markdown files as GitHub shows them, and the files that pages take code and text from. Pure but for `Look`. */
import { posix } from "node:path";

/** The text of a file of the repository; `undefined` where there is none, empty for a folder. */
export type Look = (path: string) => string | undefined;

export function brokenMarkdownLinks(path: string, text: string, look: Look): string[] {
  const prose = withoutCode(text);
  const links = [...prose.matchAll(/\]\(([^()\s]+)(?:\s+"[^"]*")?\)/g)].map(([, target]) => target ?? "");
  return links.flatMap((target) => {
    const why = whyBroken(path, target, look);
    return why === undefined ? [] : [`${path}: ${target} ${why}`];
  });
}

function whyBroken(path: string, target: string, look: Look): string | undefined {
  if (/^[a-z][a-z\d+.-]*:/i.test(target)) return URL.canParse(target) ? undefined : "is no address";
  const [file = "", anchor = ""] = target.split("#");
  const name = file === "" ? path : posix.normalize(posix.join(posix.dirname(path), decodeURIComponent(file)));
  const there = look(name);
  if (there === undefined) return "is not there";
  return anchor === "" || !name.endsWith(".md") || headings(there).has(anchor)
    ? undefined
    : `names no heading of ${name}`;
}

/** Anchors as GitHub makes them of headings. */
function headings(text: string): Set<string> {
  const titles = [...withoutCode(text, false).matchAll(/^#{1,6} (.+)$/gm)].map(([, title]) => title ?? "");
  const found = new Set<string>();
  for (const title of titles) {
    const words = title.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const slug = words.replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/g, "-");
    for (let n = 0; ; n++) {
      const name = n === 0 ? slug : `${slug}-${n}`;
      if (found.has(name)) continue;
      found.add(name);
      break;
    }
  }
  return found;
}

function withoutCode(text: string, spans = true): string {
  const prose = text.replace(/^(`{3,}|~{3,}).*\n[\s\S]*?^\1`*$/gm, "").replace(/<!--[\s\S]*?-->/g, "");
  return spans ? prose.replace(/`[^`\n]*`/g, "") : prose;
}

/** Code and text that a page of the site takes from files which are not there: VitePress itself says nothing of them. */
export function missingIncludes(path: string, text: string, look: Look): string[] {
  const taken = [...text.matchAll(/^<<<\s+([^\s{#[]+)|<!--\s*@include:\s*([^\s{#]+?)(?=[\s{#]|-->)/gm)];
  return taken.flatMap(([, code, page]) => {
    const target = code ?? page ?? "";
    const name = posix.normalize(posix.join(posix.dirname(path), target));
    return look(name) === undefined ? [`${path}: takes ${target}, which is not there`] : [];
  });
}
