/** The mappings of a source map, read and written: https://tc39.es/ecma426/. Pure. */

export interface Segment {
  /** Column in the generated line. */
  readonly column: number;
  /** Where it comes from; nothing for code that comes from nowhere. */
  readonly origin?: { readonly source: number; readonly line: number; readonly column: number };
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The segments of each generated line. */
export function decodeMappings(mappings: string): Segment[][] {
  let source = 0;
  let line = 0;
  let originColumn = 0;
  return mappings.split(";").map((text) => {
    let column = 0;
    if (text === "") return [];
    return text.split(",").map((each): Segment => {
      const [inColumn = 0, inSource, inLine = 0, inOriginColumn = 0] = decodeNumbers(each);
      column += inColumn;
      if (inSource === undefined) return { column };
      source += inSource;
      line += inLine;
      originColumn += inOriginColumn;
      return { column, origin: { source, line, column: originColumn } };
    });
  });
}

export function encodeMappings(lines: readonly (readonly Segment[])[]): string {
  const last = { source: 0, line: 0, column: 0 };
  return lines
    .map((segments) => {
      let column = 0;
      return segments
        .map((segment) => {
          let text = encodeNumber(segment.column - column);
          column = segment.column;
          if (segment.origin !== undefined) {
            const { origin } = segment;
            text += encodeNumber(origin.source - last.source) + encodeNumber(origin.line - last.line);
            text += encodeNumber(origin.column - last.column);
            Object.assign(last, origin);
          }
          return text;
        })
        .join(",");
    })
    .join(";");
}

/** Only what changes the line: where in it, a reader sees for himself. */
export function byLine(lines: readonly (readonly Segment[])[]): Segment[][] {
  return lines.map((segments) => {
    const kept: Segment[] = [];
    for (const segment of segments) {
      const before = kept.at(-1)?.origin;
      const { origin } = segment;
      if (kept.length === 0 ? origin === undefined : before?.source === origin?.source && before?.line === origin?.line)
        continue;
      kept.push(segment);
    }
    return kept;
  });
}

function encodeNumber(value: number): string {
  let rest = value < 0 ? (-value << 1) | 1 : value << 1;
  let text = "";
  do {
    const digit = rest & 31;
    rest >>>= 5;
    text += DIGITS[rest > 0 ? digit | 32 : digit] ?? "";
  } while (rest > 0);
  return text;
}

function decodeNumbers(text: string): number[] {
  const numbers: number[] = [];
  let value = 0;
  let shift = 0;
  for (const character of text) {
    const digit = DIGITS.indexOf(character);
    value |= (digit & 31) << shift;
    shift += 5;
    if (digit & 32) continue;
    numbers.push(value & 1 ? -(value >>> 1) : value >>> 1);
    value = 0;
    shift = 0;
  }
  return numbers;
}
