import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rateFactsOf, requestIdOf, retryAfterOf } from "../headers.js";

const NOW = Date.UTC(1994, 10, 6, 8, 49, 30);
const only = (wanted: string, value: string) => ({ get: (name: string) => (name === wanted ? value : null) });
const seconds = (value: string): number | undefined => retryAfterOf(only("retry-after", value), NOW);

describe("Retry-After", () => {
  it.each([
    ["120", 120],
    [" 0 ", 0],
    ["1.5", 1.5],
    ["9007199254740991", Number.MAX_SAFE_INTEGER],
    ["Sun, 06 Nov 1994 08:49:37 GMT", 7],
    ["Sunday, 06-Nov-94 08:49:37 GMT", 7],
    ["Sun Nov  6 08:49:37 1994", 7],
    ["Sun, 06 Nov 1994 08:00:00 GMT", 0],
  ])("of %j is read as %d seconds, from a number or a date in one of the three forms of HTTP", (value, expected) => {
    expect(seconds(value)).toBe(expected);
  });

  it.each([
    ...["", "soon", "-5", "1e9", "Infinity", "NaN", "9".repeat(400), "9007199254740992", "5 minutes", "x5", "5.", ".5"],
    ...["1994-11-06T08:49:37Z", "Sun, 06 Nov 1994 25:49:37 GMT", "xSun, 06 Nov 1994 08:49:37 GMT"],
    ...["Sun, 06 Nov 1994 08:49:37 GMTx", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Foo 1994 08:49:37 GMT"],
  ])("of %j is ignored", (value) => {
    expect(seconds(value)).toBeUndefined();
  });

  it("is undefined without the header, and rounds a date up to whole seconds", () => {
    expect(retryAfterOf(new Headers(), NOW)).toBeUndefined();
    expect(retryAfterOf(only("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT"), NOW - 1)).toBe(8);
  });

  it("reads every date that a server can write, and never asks for less than nothing", () => {
    const dates = fc.date({ min: new Date(NOW), max: new Date("9999-12-31T00:00:00Z"), noInvalidDate: true });
    fc.assert(
      fc.property(dates, (date) => {
        expect(seconds(date.toUTCString())).toBe(Math.floor((date.getTime() - NOW) / 1000));
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: "grapheme-ascii" }), (value) => {
        expect(seconds(value) ?? 0).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

it.each([
  ["50", "0", "60", { limit: 50, remaining: 0, reset: 60 }],
  [" 5 ", "", "0.5", { limit: 5 }],
  ["", "7", "", { remaining: 7 }],
  ["9".repeat(15), "9".repeat(16), "86400", { limit: 999_999_999_999_999, reset: 86_400 }],
  ["many", "-1", "1760749154", undefined],
  ["x1", "1x", "86401", undefined],
  ["", "", "", undefined],
])("x-ratelimit-* of %j, %j and %j is read as far as it makes sense", (limit, remaining, reset, expected) => {
  const values: Record<string, string> = { limit, remaining, reset };
  expect(rateFactsOf({ get: (name) => values[name.replace("x-ratelimit-", "")] ?? null })).toEqual(expected);
});

it("x-request-id is read where it can be printed, up to 200 characters", () => {
  for (const id of ["ak-0123", "!~", "x".repeat(200)]) expect(requestIdOf(only("x-request-id", id))).toBe(id);
  for (const odd of ["", "two words", "a\n", "\na", "ü", "a\u007f", "x".repeat(201)])
    expect(requestIdOf(only("x-request-id", odd)), odd).toBeUndefined();
  expect(requestIdOf(new Headers())).toBeUndefined();
});
