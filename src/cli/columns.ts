/** How much room text takes on a terminal. Pure. */

/** Columns that a text takes at most: terminals differ about what is wide, and too much room does no harm. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const letter of text) {
    const code = letter.codePointAt(0) ?? 0;
    // Dashes, quotation marks and the ellipsis are in the range of wide characters, and are not wide.
    columns += code < 0x1100 || (code >= 0x2010 && code <= 0x2027) ? 1 : 2;
  }
  return columns;
}

/** The text, without its end (or its start) where there is no room for it. Of a path, the end says most. */
export function truncate(text: string, columns: number, keep: "start" | "end"): string {
  if (columnsOf(text) <= columns) return text;
  const letters = keep === "start" ? [...text] : [...text].reverse();
  let left = columns - 1;
  const fitting = letters.findIndex((letter) => {
    left -= columnsOf(letter);
    return left < 0;
  });
  const kept = letters.slice(0, fitting);
  return keep === "start" ? `${kept.join("")}…` : `…${kept.reverse().join("")}`;
}
