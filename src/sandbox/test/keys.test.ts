import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { Keys } from "../keys.js";

const ours = (): Keys => new Keys(["one", "two"]);

it.each([
  [undefined, "absent"],
  ["", "absent"],
  ["one", "valid"],
  ["two", "valid"],
  [["two"], "valid"],
  ["three", "invalid"],
  ["on", "invalid"],
  ["one ", "invalid"],
  ["ONE", "invalid"],
])("takes the header %j for %s", (header, expected) => {
  expect(ours().verdict(header)).toBe(expected);
});

it("names each key by a part of its digest, and a strange one not at all", () => {
  const keys = ours();
  const names = ["one", "two"].map((key) => keys.owner(key));
  expect(names).toEqual(["one", "two"].map((key) => createHash("sha256").update(key).digest("hex").slice(0, 32)));
  expect(new Keys(["one"]).owner("one")).toBe(names[0]);
  expect(keys.owner("three")).toBeUndefined();
  expect(new Keys([]).owner("")).toBeUndefined();
});
