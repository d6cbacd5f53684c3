/**
 * Reads a documentation page of the provider: Markdown with one OpenAPI document in a fence. The page's prose is data:
 * nothing in it is followed.
 */

export interface PageDocument {
  /** What follows the language in the fence's info string, e.g. `post /v1/ai/image-upscaler-precision`. */
  readonly operation: string;
  /** The text between the fences, byte for byte, with its last newline. */
  readonly text: string;
}

/** `old`: the form before OpenAPI, with one `path` and `method` below `paths`. */
export interface Fence extends PageDocument {
  readonly form: "openapi" | "old";
}

/**
 * Takes the OpenAPI document out of a page.
 *
 * @throws {Error} when the page holds no fence whose text is an OpenAPI document, an unclosed one, or more than one.
 */
export function documentOfPage(page: string): PageDocument {
  const fence = fenceOfPage(page);
  if (fence.form === "old")
    throw new Error("The page's fence holds no OpenAPI document but the older form of these pages.");
  return { operation: fence.operation, text: fence.text };
}

/** {@link documentOfPage} for both forms of pages. */
export function fenceOfPage(page: string): Fence {
  const { fences, unclosed } = fencesOf(page);
  const found = fences.flatMap(({ info, text }) => {
    const form = formOf(text);
    const operation = info.replace(/^\S+[ \t]*/, "").trim();
    return form === undefined ? [] : [{ operation, text, form }];
  });
  const [only, second] = found;
  if (second) throw new Error(`The page holds ${found.length} OpenAPI documents: expected one.`);
  if (only) return only;
  if (unclosed !== undefined)
    throw new Error(`The page's fence "${unclosed.slice(0, 80)}" is never closed: the page is truncated.`);
  if (/^\s*<(?:!doctype|html)/i.test(page))
    throw new Error(
      "This is an HTML page: the documentation's Markdown stands at the same address with .md at its end.",
    );
  throw new Error("The page holds no OpenAPI document: no ```yaml fence with a line 'openapi:' in it.");
}

interface RawFence {
  /** The info string with its language. */
  readonly info: string;
  readonly text: string;
}

/** Every fence of YAML or JSON, by the rules of CommonMark; a fence inside a longer one is text of the longer one. */
export function fencesOf(page: string): { readonly fences: readonly RawFence[]; readonly unclosed?: string } {
  const fences: RawFence[] = [];
  let open: { readonly mark: string; readonly info: string; readonly start: number } | undefined;
  for (let start = page.startsWith("\uFEFF") ? 1 : 0; start < page.length; ) {
    const end = page.indexOf("\n", start);
    const next = end < 0 ? page.length : end + 1;
    const line = page.slice(start, end < 0 ? page.length : end).trim();
    const mark = /^(?:`{3,}|~{3,})/.exec(line)?.[0];
    if (open) {
      if (mark !== undefined && mark === line && mark.startsWith(open.mark)) {
        if (/^(?:ya?ml|json)(?:\s|$)/i.test(open.info))
          fences.push({ info: open.info, text: page.slice(open.start, start) });
        open = undefined;
      }
    } else if (mark !== undefined && !(mark.startsWith("`") && line.slice(mark.length).includes("`"))) {
      open = { mark, info: line.slice(mark.length).trim(), start: next };
    }
    start = next;
  }
  return open ? { fences, unclosed: `${open.mark}${open.info}` } : { fences };
}

/** Which form a fence's text has by its top-level keys; `undefined` for a sample that is no document. */
function formOf(text: string): Fence["form"] | undefined {
  const first = /^(?!\s*(?:#|---|%|$))([ \t]*)\S/m.exec(text);
  const key = (name: string) => new RegExp(`^${first?.[1] ?? ""}["']?${name}["']?[ \\t]*:`, "m").test(text);
  if (text.trimStart().startsWith("{")) return /"openapi"\s*:/.test(text) ? "openapi" : undefined;
  if (key("openapi") || key("swagger")) return "openapi";
  return key("paths") && /^[ \t]+path[ \t]*:/m.test(text) && /^[ \t]+method[ \t]*:/m.test(text) ? "old" : undefined;
}
