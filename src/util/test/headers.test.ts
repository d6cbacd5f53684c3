import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { httpDate, rateFactsOf, requestIdOf, retryAfterOf } from "../headers.js";

const NOW = Date.UTC(1994, 10, 6, 8, 49, 30);
const seconds = (value: string) => retryAfterOf(new Headers({ "retry-after": value }), NOW);

describe("Retry-After", () => {
  it("is read as seconds, whole or not", () => {
    expect(seconds("120")).toBe(120);
    expect(seconds(" 0 ")).toBe(0);
    expect(seconds("1.5")).toBe(1.5);
    expect(seconds("10.25")).toBe(10.25);
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

  it("looks at a year's two digits from whatever year it is", () => {
    const in2010 = (year: string): number | undefined =>
      httpDate(`Sunday, 06-Nov-${year} 00:00:00 GMT`, Date.UTC(2010, 0, 1));
    expect(in2010("60")).toBe(Date.UTC(2060, 10, 6));
    expect(in2010("61")).toBe(Date.UTC(1961, 10, 6));
    expect(in2010("09")).toBe(Date.UTC(2009, 10, 6));
  });

  it("knows every day and month by name, in every form, and nothing around them", () => {
    const days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    const long = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
    const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    for (let at = 0; at < 12; at++) {
      const moment = Date.UTC(1994, at, 10 + at, 3, 4, 5);
      const [day, month, weekday] = [10 + at, months[at], new Date(moment).getUTCDay()];
      const forms = [
        `${days[weekday]}, ${day} ${month} 1994 03:04:05 GMT`,
        `${long[weekday]}, ${day}-${month}-94 03:04:05 GMT`,
        `${days[weekday]} ${month} ${day} 03:04:05 1994`,
      ];
      for (const form of forms) {
        expect(httpDate(form, NOW), form).toBe(moment);
        expect(httpDate(`x${form}`, NOW)).toBeUndefined();
        expect(httpDate(`${form}x`, NOW)).toBeUndefined();
      }
    }
  });

  it("takes the last second of a day, a leap second too, and none beyond", () => {
    const at = (clock: string): number | undefined => httpDate(`Sun, 06 Nov 1994 ${clock} GMT`, NOW);
    expect(at("23:59:59")).toBe(Date.UTC(1994, 10, 6, 23, 59, 59));
    expect(at("23:59:60")).toBe(Date.UTC(1994, 10, 7));
    for (const clock of ["24:00:00", "23:60:00", "23:59:61"]) expect(at(clock), clock).toBeUndefined();
  });

  it("is rounded up to whole seconds from a date, and kept as it is from a number", () => {
    const later = retryAfterOf(new Headers({ "retry-after": "Sun, 06 Nov 1994 08:49:37 GMT" }), NOW - 1);
    expect(later).toBe(8);
    expect(seconds("9007199254740991")).toBe(Number.MAX_SAFE_INTEGER);
    expect(seconds("9007199254740992")).toBeUndefined();
    for (const value of ["x5", "5x", "5.", ".5", "1.5.5"]) expect(seconds(value), value).toBeUndefined();
    expect(retryAfterOf({ get: () => "  7  " }, NOW)).toBe(7);
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

  it("is read as it stands", () =>
    expect(facts("50", "0", "60")).toStrictEqual({ limit: 50, remaining: 0, reset: 60 }));
  it("is absent where it says nothing that can be", () => {
    expect(facts("many", "-1", "1760749154")).toBeUndefined();
    expect(facts("50", "", "0.5")).toStrictEqual({ limit: 50 });
    expect(rateFactsOf(new Headers())).toBeUndefined();
  });
  it("is told in parts, where not all of it is said", () => {
    expect(facts("", "7", "")).toStrictEqual({ remaining: 7 });
    expect(facts("", "", "86400")).toStrictEqual({ reset: 86_400 });
    expect(facts("", "", "86401")).toBeUndefined();
    expect(facts("x1", "1x", "")).toBeUndefined();
    expect(facts("9".repeat(15), "9".repeat(16), "")).toStrictEqual({ limit: 999_999_999_999_999 });
    expect(rateFactsOf({ get: () => " 5 " })).toStrictEqual({ limit: 5, remaining: 5, reset: 5 });
  });
});

describe("x-request-id", () => {
  it("is read where it can be printed", () => {
    expect(requestIdOf(new Headers({ "x-request-id": "ak-0123" }))).toBe("ak-0123");
    expect(requestIdOf({ get: () => "two words" })).toBeUndefined();
    expect(requestIdOf({ get: () => "x".repeat(201) })).toBeUndefined();
    expect(requestIdOf({ get: () => "x".repeat(200) })).toBe("x".repeat(200));
    for (const odd of ["", "a\n", "\na", "ü", "a\u007f"]) expect(requestIdOf({ get: () => odd }), odd).toBeUndefined();
    expect(requestIdOf({ get: () => null })).toBeUndefined();
    expect(requestIdOf({ get: (name) => (name === "x-request-id" ? "!~" : null) })).toBe("!~");
  });
});
