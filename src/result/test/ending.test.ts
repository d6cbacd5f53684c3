import { expect, it } from "vitest";
import { endsWhole, TAIL_LENGTH } from "../ending.js";

const NONE = new Uint8Array();
const PNG_END = [0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82];

it("a PNG ends with its last chunk, whatever a writer appends", () => {
  expect(endsWhole("image/png", NONE, Uint8Array.from(PNG_END), 8)).toBe(true);
  expect(endsWhole("image/png", NONE, Uint8Array.from([1, ...PNG_END, 2, 3]), 11)).toBe(true);
  expect(endsWhole("image/png", NONE, Uint8Array.from(PNG_END.slice(0, 7)), 7)).toBe(false);
  expect(endsWhole("image/png", NONE, Uint8Array.from([0xff, 0xd9]), 2)).toBe(false);
});

it("a JPEG ends with its marker", () => {
  expect(endsWhole("image/jpeg", NONE, Uint8Array.from([1, 0xff, 0xd9, 0]), 4)).toBe(true);
  expect(endsWhole("image/jpeg", NONE, Uint8Array.from([0xff, 0xd8]), 2)).toBe(false);
  expect(endsWhole("image/jpeg", NONE, Uint8Array.from(PNG_END), 8)).toBe(false);
});

it("a WebP states its size, all but the first 8 bytes, least byte first", () => {
  const file = Uint8Array.from([9, 9, 0x52, 0x49, 0x46, 0x46, 0x10, 0x02, 0x01, 0x00]);
  // As a view that does not begin where its memory does.
  const head = file.subarray(2);
  const size = 0x10210 + 8;
  expect(endsWhole("image/webp", head, NONE, size)).toBe(true);
  expect(endsWhole("image/webp", head, NONE, size + 1)).toBe(true);
  expect(endsWhole("image/webp", head, NONE, size - 1)).toBe(false);
});

it("of any other format nothing speaks against it", () => {
  expect(endsWhole("image/gif", NONE, NONE, 1)).toBe(true);
  expect(TAIL_LENGTH).toBeGreaterThanOrEqual(PNG_END.length);
});
