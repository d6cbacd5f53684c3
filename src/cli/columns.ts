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

/** The text without its end where there is no room for it. */
export function truncateEnd(text: string, columns: number): string {
  return columnsOf(text) <= columns ? text : `${fitting([...text], columns - 1).join("")}…`;
}

/** The text without its start where there is no room for it: of a path, the name says most. */
export function truncateStart(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  return `…${fitting([...text].reverse(), columns - 1)
    .reverse()
    .join("")}`;
}

function fitting(letters: readonly string[], columns: number): string[] {
  let left = columns;
  const end = letters.findIndex((letter) => {
    left -= columnsOf(letter);
    return left < 0;
  });
  return letters.slice(0, end);
}
