import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { httpDate, rateFactsOf, requestIdOf, retryAfterOf } from "./header-facts.js";

const NOW = Date.UTC(1994, 10, 6, 8, 49, 30);
const seconds = (value: string) => retryAfterOf(new Headers({ "retry-after": value }), NOW);

describe("Retry-After", () => {
  it("is read as seconds, whole or not", () => {
    expect(seconds("120")).toBe(120);
    expect(seconds(" 0 ")).toBe(0);
    expect(seconds("1.5")).toBe(1.5);
  });

  it("is read in the three date forms of HTTP", () => {
    expect(seconds("Sun, 06 Nov 1994 08:49:37 GMT")).toBe(7);
    expect(seconds("Sunday, 06-Nov-94 08:49:37 GMT")).toBe(7);
    expect(seconds("Sun Nov  6 08:49:37 1994")).toBe(7);
    expect(seconds("Sun, 06 Nov 1994 08:00:00 GMT"), "past").toBe(0);
  });

  it("says nothing where it cannot be", () => {
    const absurd = [
      "",
      "soon",
      "-5",
      "1e9",
      "Infinity",
      "NaN",
      "9".repeat(400),
      "5 minutes",
      "Sun, 31 Feb 1994 08:49:37 GMT",
    ];
    for (const value of [...absurd, "Sun, 06 Nov 1994 25:49:37 GMT", "1994-11-06T08:49:37Z"])
      expect(seconds(value), value).toBeUndefined();
    expect(retryAfterOf(new Headers(), NOW)).toBeUndefined();
  });

  it("takes two digits of a year for the nearest that is not far ahead", () => {
    expect(httpDate("Sunday, 06-Nov-44 00:00:00 GMT", NOW)).toBe(Date.UTC(2044, 10, 6));
    expect(httpDate("Sunday, 06-Nov-45 00:00:00 GMT", NOW)).toBe(Date.UTC(1945, 10, 6));
  });

  it("reads back every date that a server can write", () => {
    const dates = fc.date({ min: new Date(0), max: new Date("9999-12-31T00:00:00Z"), noInvalidDate: true });
    fc.assert(
      fc.property(dates, (date) => {
        expect(httpDate(date.toUTCString(), NOW)).toBe(Math.floor(date.getTime() / 1000) * 1000);
      }),
    );
  });

  it("never fails and never asks for less than nothing", () => {
    const values = fc.string({ unit: "grapheme-ascii" });
    fc.assert(
      fc.property(values, (value) => {
        expect(retryAfterOf({ get: () => value }, NOW) ?? 0).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe("x-ratelimit-*", () => {
  const facts = (limit: string, remaining: string, reset: string) =>
    rateFactsOf(
      new Headers({ "x-ratelimit-limit": limit, "x-ratelimit-remaining": remaining, "x-ratelimit-reset": reset }),
    );

  it("is read as it stands", () => expect(facts("50", "0", "60")).toEqual({ limit: 50, remaining: 0, reset: 60 }));
  it("is absent where it says nothing that can be", () => {
    expect(facts("many", "-1", "1760749154")).toBeUndefined();
    expect(facts("50", "", "0.5")).toEqual({ limit: 50 });
    expect(rateFactsOf(new Headers())).toBeUndefined();
  });
});

describe("x-request-id", () => {
  it("is read where it can be printed", () => {
    expect(requestIdOf(new Headers({ "x-request-id": "ak-0123" }))).toBe("ak-0123");
    expect(requestIdOf({ get: () => "two words" })).toBeUndefined();
    expect(requestIdOf({ get: () => "x".repeat(201) })).toBeUndefined();
  });
});
