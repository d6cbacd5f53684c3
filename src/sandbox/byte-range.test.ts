import { expect, it } from "vitest";
import { byteRange } from "./byte-range.js";

it.each([
  [undefined, "all"],
  ["bytes=0-3", { start: 0, end: 3 }],
  ["bytes=4-", { start: 4, end: 9 }],
  ["bytes=4-100", { start: 4, end: 9 }],
  ["bytes=-3", { start: 7, end: 9 }],
  ["bytes=-100", { start: 0, end: 9 }],
  ["bytes=-0", "unsatisfiable"],
  ["bytes=10-", "unsatisfiable"],
  // What is no single range of bytes is ignored, as RFC 9110 allows.
  ["bytes=3-2", "all"],
  ["bytes=0-1,4-5", "all"],
  ["lines=0-1", "all"],
  ["bytes=-", "all"],
])("reads %s of 10 bytes", (header, expected) => {
  expect(byteRange(header, 10)).toEqual(expected);
});
