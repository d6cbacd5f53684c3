import { describe, expect, it } from "vitest";
import { ConfigurationError } from "../../errors/configuration-error.js";
import {
  A_BOOLEAN,
  A_FUNCTION,
  A_SIGNAL,
  A_STRING,
  AN_OBJECT,
  about,
  checkCall,
  checkKinds,
  having,
  type Kind,
  number,
  numbers,
} from "../check-options.js";

const said = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as Error).message;
  }
  return "nothing";
};

const odd: [unknown, string][] = [
  [5, "a number"],
  ["text", "a string"],
  [true, "a boolean"],
  [Symbol("x"), "a symbol"],
  [() => {}, "a function"],
  [[], "an array"],
  [Object.create(null), "an object"],
];

describe("the kind of an option", () => {
  it("is told from every other, without a word of the value", () => {
    const kinds: [Kind, string[]][] = [
      [AN_OBJECT, ["an object"]],
      [A_FUNCTION, ["a function"]],
      [A_BOOLEAN, ["a boolean"]],
      [A_STRING, ["a string"]],
      [A_SIGNAL, []],
      [having("a Closer", ["close"]), []],
    ];
    for (const [kind, fitting] of kinds)
      for (const [value, name] of odd) {
        const expected = fitting.includes(name) ? "nothing" : `\`option\` must be ${kind.is}, not ${name}.`;
        expect(said(() => checkKinds({ option: value }, { option: kind }))).toBe(expected);
      }
  });

  it("is of no matter where the option is left out", () => {
    const kinds = { option: A_SIGNAL };
    for (const options of [{}, { option: undefined }, { option: null }, { other: 5 }])
      expect(said(() => checkKinds(options, kinds))).toBe("nothing");
  });

  it("is that of whoever has the methods, of whatever class", () => {
    const { signal } = new AbortController();
    expect(said(() => checkKinds({ signal }, { signal: A_SIGNAL }))).toBe("nothing");
    const closer = having("a Closer", ["open", "close"]);
    expect(closer.fits({ open: () => {}, close: () => {} })).toBe(true);
    expect(closer.fits({ open: () => {} })).toBe(false);
  });

  it("is asked for of the options as a whole too, and of a group under its name", () => {
    for (const [value, name] of [...odd, [null, "null"], [undefined, "undefined"]] as const) {
      if (name === "an object") continue;
      expect(said(() => checkKinds(value, {}))).toBe(`The options must be an object, not ${name}.`);
      expect(said(() => checkKinds(value, {}, "group"))).toBe(`\`group\` must be an object, not ${name}.`);
    }
    expect(said(() => checkKinds({ x: 5 }, { x: A_STRING }, "group"))).toBe(
      "`group.x` must be a string, not a number.",
    );
  });
});

describe("a number", () => {
  it("lies within its range, the ends included", () => {
    expect([number("x", 3, 3), number("x", Number.POSITIVE_INFINITY, 3), number("x", 4, 3, 4)]).toEqual([
      3,
      Number.POSITIVE_INFINITY,
      4,
    ]);
    expect(said(() => number("x", 2.9, 3))).toBe("`x` must be a number of at least 3, not 2.9.");
    expect(said(() => number("x", 4.1, 3, 4))).toBe("`x` must be a number from 3 to 4, not 4.1.");
  });

  it("is nothing else, whatever it turns into", () => {
    for (const value of [Number.NaN, "5", true, undefined])
      expect(said(() => number("x", value, 0))).toBe(`\`x\` must be a number of at least 0, not ${String(value)}.`);
    for (const [value, name] of [
      [null, "null"],
      [[5], "an array"],
      [Object.create(null), "an object"],
    ] as const)
      expect(said(() => number("x", value, 0))).toBe(`\`x\` must be a number of at least 0, not ${name}.`);
  });

  it("of a group has its default, and its own least value", () => {
    const defaults = { a: 1, b: 2 };
    const least = { a: 0, b: 2 };
    expect(numbers("g", defaults, undefined, least)).toEqual(defaults);
    expect(numbers("g", defaults, { a: 0, b: undefined }, least)).toEqual({ a: 0, b: 2 });
    expect(said(() => numbers("g", defaults, { b: 1 }, least))).toBe("`g.b` must be a number of at least 2, not 1.");
    expect(said(() => numbers("g", defaults, 5 as never, least))).toBe("`g` must be an object, not a number.");
  });
});

describe("an error of a check", () => {
  it("holds the facts of what it is about", () => {
    const facts = { operation: "POST /x", submission: "not_sent", taskId: "t" } as const;
    const caught = (work: () => unknown): unknown => {
      try {
        return work();
      } catch (error) {
        return error;
      }
    };
    expect(caught(() => about(facts, () => number("x", 0, 1)))).toMatchObject({ ...facts, code: "configuration" });
    expect(about(facts, () => 7)).toBe(7);
    const other = new TypeError("other");
    expect(
      caught(() =>
        about(facts, () => {
          throw other;
        }),
      ),
    ).toBe(other);
    for (const options of [{ signal: 5 }, { timeout: 0.9 }, { retry: -1 }, { more: 5 }, 5, null])
      expect(
        caught(() => checkCall(options, facts, { more: A_STRING })),
        JSON.stringify(options),
      ).toMatchObject(facts);
    for (const options of [{}, { timeout: 1, retry: 0, more: "x", signal: null }, { timeout: null, retry: null }])
      expect(caught(() => checkCall(options, facts, { more: A_STRING }))).toBe(undefined);
  });
});
