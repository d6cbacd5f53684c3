import { expect, it } from "vitest";
import { downloadLimits } from "../options.js";

it("downloads have limits by default", () => {
  const standard = { timeout: 600_000, idleTimeout: 30_000, retry: 3, maxBytes: 1000 };
  expect(downloadLimits({}, 1000)).toEqual(standard);
  expect(downloadLimits({ timeout: undefined, retry: undefined }, 1000)).toEqual(standard);
});

it("each limit can be set, down to its least value", () => {
  const least = { timeout: 1, idleTimeout: 1, retry: 0, maxBytes: 1 };
  expect(downloadLimits(least, 1000)).toEqual(least);
  const most = { timeout: Number.POSITIVE_INFINITY, idleTimeout: 2, retry: 9, maxBytes: 5000 };
  expect(downloadLimits(most, 1000)).toEqual(most);
});

it.each<[string, unknown, number]>([
  ["timeout", 0, 1],
  ["timeout", "5", 1],
  ["idleTimeout", 0.5, 1],
  ["idleTimeout", Number.NaN, 1],
  ["retry", -1, 0],
  ["retry", null, 0],
  ["maxBytes", 0, 1],
  ["maxBytes", true, 1],
])("%s: %j is refused, and the message says which it was", (name, value, least) => {
  const given = () => downloadLimits({ [name]: value }, 1000);
  // What is null counts as not given.
  if (value === null) expect(given().retry).toBe(3);
  else
    expect(given).toThrow(
      expect.objectContaining({
        code: "configuration",
        message: `\`${name}\` must be a ${/retry|maxBytes/.test(name) ? "whole " : ""}number of at least ${least}, not ${String(value)}.`,
      }),
    );
});
