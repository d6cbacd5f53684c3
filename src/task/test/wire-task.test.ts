import { describe, expect, it } from "vitest";
import { isTaskStatus, urlsOf } from "../wire-task.js";

const A = "https://ai-statics.freepik.com/a.jpg";
const B = "https://ai-statics.freepik.com/b.jpg";

describe("the URLs of a task", () => {
  it.each([
    [
      [A, B],
      [A, B],
    ],
    [[], []],
    [
      [B, "", A],
      [B, A],
    ],
    [[null, 7, { url: A }, [A], undefined, true, A], [A]],
    [undefined, []],
    [null, []],
    [A, []],
    [{ 0: A, length: 1 }, []],
  ])("of %j", (generated, urls) => {
    expect(urlsOf({ generated })).toEqual(urls);
  });

  it("are none where the field is missing", () => {
    expect(urlsOf({})).toEqual([]);
  });
});

it.each([
  ["CREATED", true],
  ["IN_PROGRESS", true],
  ["COMPLETED", true],
  ["FAILED", true],
  ["CANCELLED", false],
  ["completed", false],
  ["", false],
])("%j is a status of the document: %s", (status, known) => {
  expect(isTaskStatus(status)).toBe(known);
});
