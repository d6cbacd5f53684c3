import { expect, it } from "vitest";
import { fixedPart, folderTest, isPattern, patternOf } from "../glob.js";

it.each([
  ["a*", true],
  ["a?", true],
  ["[a]", true],
  ["{a,b}", true],
  ["a/b.png", false],
  ["a]}", false],
])("%s is a pattern: %s", (text, expected) => {
  expect(isPattern(text)).toBe(expected);
});

it.each([
  ["photos/*.png", "photos"],
  ["photos/2026/**/*.png", "photos/2026"],
  ["photos/a*/b/*.png", "photos"],
  ["*.png", "."],
  ["/*.png", "/"],
  ["/tmp/*.png", "/tmp"],
  ["../*.png", ".."],
  ["photos/a.png", "photos"],
  ["a.png", "."],
])("all that matches %s lies below %s", (pattern, folder) => {
  expect(fixedPart(pattern)).toBe(folder);
});

it.each([
  ["*.png", ["a.png", ".png"], ["a.jpg", "a/b.png", "a.pngx", "xa-png"]],
  ["./*.png", ["a.png"], ["./a.png"]],
  ["././a//*.png", ["a/b.png"], ["a//b.png"]],
  ["a/./*.png", ["a/./b.png"], ["a/b.png"]],
  ["?.png", ["a.png", "é.png"], ["ab.png", ".png", "/.png"]],
  ["a/?b", ["a/xb"], ["a//b"]],
  ["**/*.png", ["a.png", "a/b.png", "a/b/c.png"], ["a/b.jpg"]],
  ["a/**/b.png", ["a/b.png", "a/x/b.png", "a/x/y/b.png"], ["ab.png", "a/xb.png", "b.png"]],
  ["a/**", ["a/b", "a/b/c"], ["a", "b/a"]],
  ["a**b", ["ab", "a/x/b"], ["a", "ba"]],
  ["[abc].png", ["a.png", "c.png"], ["d.png", "abc.png", "[abc].png"]],
  ["[a-c]x", ["bx"], ["dx", "-x"]],
  ["[!a-c]x", ["dx", "!x"], ["ax", "x"]],
  ["[]]x", ["]x"], ["x", "ax"]],
  ["[]a]x", ["]x", "ax"], ["x", "[]a]x"]],
  ["[!]a]x", ["bx"], ["]x", "ax", "/x"]],
  ["[^a]x", ["bx", "^x"], ["ax"]],
  ["[!-a]x", ["bx", ".x"], ["-x", "ax"]],
  ["[!]", ["[!]"], ["a"]],
  ["[\\]x", ["\\x"], ["x"]],
  ["[\\d]x", ["dx", "\\x"], ["1x"]],
  ["[a.png", ["[a.png"], ["a.png"]],
  ["[]", ["[]"], ["a"]],
  ["{a,b}.png", ["a.png", "b.png"], ["c.png", "a,b.png", ".png"]],
  ["{a,{b,c}d}e", ["ae", "bde", "cde"], ["be", "ade", "ade"]],
  ["{a/b,c}/*.png", ["a/b/x.png", "c/x.png"], ["a/x.png"]],
  ["{a,b", ["a", "b"], ["c", "{a,b", "ab"]],
  ["{a,{b,c", ["a", "b", "c"], ["ab"]],
  ["a,b}", ["a,b}"], ["a", "b"]],
  ["a.b+c^d$(e)|f\\g]", ["a.b+c^d$(e)|f\\g]"], ["axb+c^d$(e)|f\\g]", "a.bbc^d$(e)|f\\g]", "f"]],
] as [string, string[], string[]][])("%s matches %j, and none of %j", (pattern, matches, others) => {
  const matched = (path: string) => patternOf(pattern).test(path);
  expect(matches.filter((path) => !matched(path))).toEqual([]);
  expect(others.filter(matched)).toEqual([]);
});

it.each([
  ["photos/*.png", "photos", true],
  ["photos/*.png", "photos/sub", false],
  ["photos/*/*.png", "photos/sub", true],
  ["photos/*/*.png", "photos/sub/sub", false],
  ["photos/s*/*.png", "photos/other", false],
  ["photos/s*/*.png", "other/sub", false],
  ["photos/**/*.png", "photos/a/b/c", true],
  ["photos/**/*.png", "other/a", false],
  ["photos/a**/x/*.png", "photos/ab/c", true],
  ["./photos//*/*.png", "photos/a", true],
  ["photos/**", "photos/a", true],
  ["*.png", "photos", false],
  ["{a/b,c}/*.png", "a/b", true],
  ["{a/b,c}/*.png", "z", true],
  ["{a,c}/*.png", "a", true],
  ["{a,c}/*.png", "z", false],
  ["{a,c}/*/*.png", "z/y", false],
])("a match of %s may lie below %s: %s", (pattern, folder, expected) => {
  expect(folderTest(pattern)(folder)).toBe(expected);
});
