import { expect, it } from "vitest";
import { beginOf, columnsOf, endOf } from "../columns.js";

it.each([
  ["", 0],
  ["abc", 3],
  ["é", 1],
  ["\u10ff", 1],
  ["\u1100", 2],
  ["\u200f", 2],
  ["\u2010", 1],
  ["\u2013\u2026", 2],
  ["\u2027", 1],
  ["\u2028", 2],
  ["日本", 4],
  ["😀", 2],
])("%j takes %i columns", (text, columns) => {
  expect(columnsOf(text)).toBe(columns);
});

it.each([
  ["abcd", 4, "abcd", "abcd"],
  ["abcde", 4, "abc…", "…cde"],
  ["日本語", 6, "日本語", "日本語"],
  ["日本語", 5, "日本…", "…本語"],
  ["日本語", 4, "日…", "…語"],
  ["😀😀", 3, "😀…", "…😀"],
  ["abc", 1, "…", "…"],
  ["日a", 2, "…", "…a"],
])("%s in %i columns is %s from its begin and %s to its end", (text, columns, begin, end) => {
  expect([beginOf(text, columns), endOf(text, columns)]).toEqual([begin, end]);
});
