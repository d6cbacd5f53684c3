/** How much room text takes on a terminal. Pure. */

/** Columns that a text takes at most: terminals differ about what is wide, and too much room does no harm. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const letter of text) columns += atMost(letter.codePointAt(0) ?? 0);
  return columns;
}

/** The text's beginning, or the whole where it has room. */
export function beginOf(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  return `${taken([...text], columns - 1).join("")}…`;
}

/** The text's end, or the whole where it has room: of a path the name says most. */
export function endOf(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  return `…${taken([...text].reverse(), columns - 1)
    .reverse()
    .join("")}`;
}

function taken(letters: readonly string[], columns: number): string[] {
  let left = columns;
  const end = letters.findIndex((letter) => {
    left -= columnsOf(letter);
    return left < 0;
  });
  return letters.slice(0, end < 0 ? letters.length : end);
}

function atMost(code: number): number {
  // Dashes, quotation marks and the ellipsis lie among what may be wide, and are not.
  return code < 0x1100 || (code >= 0x2010 && code <= 0x2027) ? 1 : 2;
}
