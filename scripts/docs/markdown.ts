/** Small parts of Markdown pages. Pure. */

/** Text that a table's cell can hold, and that neither Markdown nor Vue takes for its own. */
export function cell(text: string): string {
  return plain(text).replaceAll("|", "\\|").replace(/\s+/g, " ").trim();
}

/** Code in a table's cell. */
export function codeCell(text: string): string {
  return `<code v-pre>${text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("|", "&#124;")}</code>`;
}

/** Text of others in a page: angle brackets outside of code would be taken for components. */
export function plain(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith("`") ? part : part.replaceAll("<", "&lt;")))
    .join("")
    .replaceAll("{{", "{\u200b{");
}

export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(columns), line(columns.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Says of a page that it is made, and of what. */
export function generatedFrom(what: string): string {
  const html = what.replaceAll("<", "&lt;").replace(/`([^`]*)`/g, "<code>$1</code>");
  return `<p class="generated">Generated from ${html}.</p>`;
}
