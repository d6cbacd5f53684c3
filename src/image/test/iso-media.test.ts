/** The largest extents in boxes of boxes, whatever else stands between them. */
import { describe, expect, it } from "vitest";
import { boxDimensions } from "../iso-media.js";

const be32 = (value: number): number[] => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
const letters = (text: string): number[] => [...Buffer.from(text, "latin1")];

type Box = readonly number[];
/** @param size What the box says of itself; its true size unless told otherwise. */
const box = (type: string, inside: Box, size: number = 8 + inside.length): Box => [
  ...be32(size),
  ...letters(type),
  ...inside,
];
const ispe = (width: number, height: number): Box => box("ispe", [0, 0, 0, 0, ...be32(width), ...be32(height)]);
const properties = (...inside: readonly Box[]): Box => box("iprp", box("ipco", inside.flat()));
const meta = (inside: Box, size?: number): Box => box("meta", [0, 0, 0, 0, ...inside], size);

const WHOLE = ispe(300, 200);
const CASES: Readonly<Record<string, readonly [boxes: Box, found: readonly [number, number] | undefined]>> = {
  "extents alone": [WHOLE, [300, 200]],
  "extents in their containers": [meta(properties(WHOLE)), [300, 200]],
  "a size of 32 bits": [ispe(0x01020304, 0x05060708), [0x01020304, 0x05060708]],
  "the largest by area, first": [
    [...WHOLE, ...ispe(400, 100)],
    [300, 200],
  ],
  "the largest by area, last": [
    [...ispe(400, 100), ...WHOLE, ...ispe(100, 400)],
    [300, 200],
  ],
  "the first of equal ones": [
    [...WHOLE, ...ispe(200, 300)],
    [300, 200],
  ],
  "other boxes before": [
    [...box("ftyp", letters("heic")), ...box("free", []), ...meta(properties(WHOLE))],
    [300, 200],
  ],
  "boxes of other kinds are not looked into": [box("mdat", WHOLE), undefined],
  "a box up to the end": [box("meta", [0, 0, 0, 0, ...properties(WHOLE)], 0), [300, 200]],
  "extents up to the end": [box("ispe", [0, 0, 0, 0, ...be32(300), ...be32(200)], 0), [300, 200]],
  "a box that is longer than what is there": [meta(properties(WHOLE), 1_000_000), [300, 200]],
  "extents in a container that ends inside them": [meta(WHOLE, 28), undefined],
  "extents that are too short": [[...box("ispe", [0, 0, 0, 0, 0, 0, 1, 44]), ...box("free", [1, 2, 3, 4])], undefined],
  "a size of 64 bits ends the search": [[...box("free", [], 1), ...WHOLE], undefined],
  "a size that could never end": [[...box("free", [], 7), 0, ...WHOLE], undefined],
  "a box of nothing but its head is passed": [
    [...box("free", [], 8), ...WHOLE],
    [300, 200],
  ],
  "what follows a container is found": [
    [...meta([]), ...WHOLE],
    [300, 200],
  ],
  "what follows a box up to the end is not": [[...box("free", [], 0), ...WHOLE], undefined],
  "a head that is cut": [
    [...WHOLE, 0, 0, 0, 20, 0x69, 0x73, 0x70],
    [300, 200],
  ],
  nothing: [[], undefined],
};

describe("boxes", () => {
  for (const [name, [boxes, found]] of Object.entries(CASES))
    it(name, () => {
      const view = new DataView(new Uint8Array(boxes).buffer);
      expect(boxDimensions(view)).toEqual(found && { width: found[0], height: found[1] });
    });
});
