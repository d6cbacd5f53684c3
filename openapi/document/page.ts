/**
 * Reads a documentation page of the provider: Markdown with one OpenAPI document in a fence. The page's prose is data:
 * no instruction in it is followed.
 */

export interface PageDocument {
  /** What follows the language in the fence's info string, e.g. `post /v1/ai/image-upscaler-precision`. */
  readonly operation: string;
  /** The text between the fences, byte for byte, with its last newline. */
  readonly text: string;
  /** Words stand on the line of one of its fences, which Markdown does not take for a fence. */
  readonly glued?: true;
}

/**
 * Takes the OpenAPI document out of a page.
 *
 * @throws {Error} when the page holds no fence whose text is an OpenAPI document, an unclosed one, or more than one.
 */
export function documentOfPage(page: string): PageDocument {
  const { fences, unclosed } = fencesOf(page);
  const plain = fences.filter(({ text }) => isDocument(text));
  const glued = plain.length > 0 ? [] : gluedFences(page).filter(({ text }) => isDocument(text));
  const found = [...plain, ...glued];
  const [only] = found;
  if (found.length > 1)
    throw new Error(`The page holds ${found.length} OpenAPI documents, but one is expected: split the page.`);
  if (only) {
    const operation = only.info.replace(/^\S+[ \t]*/, "").trim();
    return { operation, text: only.text, ...(glued.length > 0 ? { glued: true } : {}) };
  }
  if (unclosed !== undefined)
    throw new Error(`The page is truncated: its fence "${unclosed.slice(0, 80)}" is never closed. Fetch it again.`);
  if (/^\s*<(?:!doctype|html)/i.test(page))
    throw new Error("This is an HTML page. Its Markdown source is at the same address with .md at the end.");
  if (fences.some(({ text }) => /^paths:/m.test(text) && /^[ \t]+path:/m.test(text) && /^[ \t]+method:/m.test(text)))
    throw new Error(
      "The page describes its operation in the provider's form from before OpenAPI, which is not supported: use a newer version of the page.",
    );
  throw new Error("The page holds no OpenAPI document: it has no ```yaml fence with a line 'openapi:' in it.");
}

interface Fence {
  /** The info string with its language. */
  readonly info: string;
  readonly text: string;
}

/** Every fence of YAML or JSON, by the rules of CommonMark; a fence inside a longer one is text of the longer one. */
function fencesOf(page: string): { readonly fences: readonly Fence[]; readonly unclosed?: string } {
  const fences: Fence[] = [];
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

/** Fences with words before the opening mark or after the closing one. Indented marks are a description's own. */
function gluedFences(page: string): Fence[] {
  const fences: Fence[] = [];
  const opening = /(`{3,}|~{3,})((?:ya?ml|json)\b[^\n`]*)\n/gi;
  for (let found = opening.exec(page); found; found = opening.exec(page)) {
    const [, mark = "", info = ""] = found;
    const start = opening.lastIndex;
    const closing = new RegExp(`^${mark}|(?<=[^\\s${mark[0]}])${mark}[ \\t]*$`, "m").exec(page.slice(start));
    if (!closing) continue;
    const end = start + closing.index;
    fences.push({ info, text: page.slice(start, end) });
    opening.lastIndex = end + mark.length;
  }
  return fences;
}

/** Whether a fence's text has `openapi` or `swagger` among its top-level keys; else it is a sample. */
function isDocument(text: string): boolean {
  if (text.trimStart().startsWith("{")) return /"openapi"\s*:/.test(text);
  const indent = /^(?!\s*(?:#|---|%|$))([ \t]*)\S/m.exec(text)?.[1] ?? "";
  return new RegExp(`^${indent}["']?(?:openapi|swagger)["']?[ \\t]*:`, "m").test(text);
}
