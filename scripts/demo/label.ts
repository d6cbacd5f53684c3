/** Labels drawn from a bitmap of our own: a machine without fonts shows them too. */

const GLYPHS: Readonly<Record<string, readonly number[]>> = {
  "0": [0b01110, 0b10001, 0b10011, 0b10101, 0b11001, 0b10001, 0b01110],
  "1": [0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110],
  "2": [0b01110, 0b10001, 0b00001, 0b00110, 0b01000, 0b10000, 0b11111],
  "3": [0b01110, 0b10001, 0b00001, 0b00110, 0b00001, 0b10001, 0b01110],
  "4": [0b00010, 0b00110, 0b01010, 0b10010, 0b11111, 0b00010, 0b00010],
  "5": [0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110],
  "6": [0b00110, 0b01000, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110],
  "7": [0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b01000, 0b01000],
  "8": [0b01110, 0b10001, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110],
  "9": [0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00010, 0b01100],
  A: [0b01110, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001],
  B: [0b11110, 0b10001, 0b10001, 0b11110, 0b10001, 0b10001, 0b11110],
  E: [0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b11111],
  F: [0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b10000],
  O: [0b01110, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01110],
  R: [0b11110, 0b10001, 0b10001, 0b11110, 0b10100, 0b10010, 0b10001],
  T: [0b11111, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100],
  x: [0b00000, 0b00000, 0b10001, 0b01010, 0b00100, 0b01010, 0b10001],
  " ": [],
};

const COLUMNS = 5;
const ROWS = 7;

/** An SVG of the text, `dot` pixels to a dot. Throws a RangeError for a character it has no bitmap of. */
export function label(text: string, dot: number): { svg: Buffer; width: number; height: number } {
  const width = (text.length * (COLUMNS + 1) - 1) * dot;
  const dots = [...text].flatMap((character, index) => {
    const rows = GLYPHS[character];
    if (rows === undefined) throw new RangeError(`The label has no "${character}".`);
    return rows.flatMap((row, y) =>
      Array.from({ length: COLUMNS }, (_, x) => x)
        .filter((x) => (row >> (COLUMNS - 1 - x)) & 1)
        .map((x) => `M${(index * (COLUMNS + 1) + x) * dot} ${y * dot}h${dot}v${dot}h-${dot}z`),
    );
  });
  const height = ROWS * dot;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><path fill="#eee" d="${dots.join("")}"/></svg>`;
  return { svg: Buffer.from(svg), width, height };
}
