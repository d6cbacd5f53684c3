import { expect, it } from "vitest";
import { byteRange } from "../byte-range.js";

it.each([
  [undefined, "all"],
  ["bytes=0-3", { start: 0, end: 3 }],
  ["bytes=4-", { start: 4, end: 9 }],
  ["bytes=4-100", { start: 4, end: 9 }],
  ["bytes=-3", { start: 7, end: 9 }],
  ["bytes=-100", { start: 0, end: 9 }],
  ["bytes=-0", "unsatisfiable"],
  ["bytes=10-", "unsatisfiable"],
  [" bytes=0-3 ", { start: 0, end: 3 }],
  ["bytes=3-3", { start: 3, end: 3 }],
  ["bytes=9-", { start: 9, end: 9 }],
  ["bytes=0-9", { start: 0, end: 9 }],
  ["bytes=12-34", { start: 12, end: 34 }, 40],
  ["bytes=-12", { start: 28, end: 39 }, 40],
  ["bytes=-5", "unsatisfiable", 0],
  ["bytes=0-", "unsatisfiable", 0],
  ["bytes=11-12", "unsatisfiable"],
  ["bytes=11-10", "all"],
  ["xbytes=0-3", "all"],
  ["bytes=0-3x", "all"],
  ["bytes=a-b", "all"],
  // What is no single range of bytes is ignored, as RFC 9110 allows.
  ["bytes=3-2", "all"],
  ["bytes=0-1,4-5", "all"],
  ["lines=0-1", "all"],
  ["bytes=-", "all"],
] as const)("reads %s of 10 bytes", (header, expected, size: number = 10) => {
  expect(byteRange(header, size)).toEqual(expected);
});
