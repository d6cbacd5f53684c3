/** Reads a documentation page of the provider: Markdown with one OpenAPI document in a fence. */

export interface PageDocument {
  /** The word after the language in the fence's info string, e.g. `post /v1/ai/image-upscaler-precision`. */
  readonly operation: string;
  /** The text between the fences, byte for byte, with its last newline. */
  readonly text: string;
}

/**
 * Takes the OpenAPI document out of a page. The page's prose is data: nothing in it is followed.
 *
 * @throws {Error} when the page holds no fence whose text is an OpenAPI document, an unclosed one, or more than one.
 */
export function documentOfPage(page: string): PageDocument {
  const found: PageDocument[] = [];
  const opening = /^(`{3,})ya?ml[ \t]*([^\n`]*)\n/gm;
  for (let match = opening.exec(page); match; match = opening.exec(page)) {
    const [line, ticks = "```", info = ""] = match;
    const start = match.index + line.length;
    const closing = new RegExp(`^${ticks}\`*[ \\t]*$`, "m");
    const length = page.slice(start).search(closing);
    if (length < 0) throw new Error(`The page's fence "${line.trim()}" is never closed: the page is truncated.`);
    const text = page.slice(start, start + length);
    if (/^openapi:/m.test(text)) found.push({ operation: info.trim(), text });
    opening.lastIndex = start + length;
  }
  const [only, second] = found;
  if (!only) throw new Error("The page holds no OpenAPI document: no ```yaml fence with a line 'openapi:' in it.");
  if (second) throw new Error(`The page holds ${found.length} OpenAPI documents: expected one.`);
  return only;
}
