import { describe, expect, it } from "vitest";
import { ConfigurationError } from "../../errors/request-errors.js";
import {
  A_BOOLEAN,
  A_FUNCTION,
  A_SIGNAL,
  A_STRING,
  AN_OBJECT,
  ANYTHING,
  about,
  atLeast,
  checkOptions,
  countOf,
  having,
  type Kind,
  type Kinds,
  orFalse,
} from "../check-options.js";

const complaint = (options: unknown, kinds: Kinds, group?: string): string => {
  try {
    checkOptions(options, kinds, group);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as ConfigurationError).summary;
  }
  return "none";
};

const VALUES: [unknown, string][] = [
  [5, "a number"],
  ["text", "a string"],
  [true, "a boolean"],
  [Symbol("x"), "a symbol"],
  [() => {}, "a function"],
  [[], "an array"],
  [Object.create(null), "an object"],
];

describe("the type of an option", () => {
  it("is distinguished from every other, without showing the value", () => {
    const kinds: [Kind, string[]][] = [
      [AN_OBJECT, ["an object"]],
      [A_FUNCTION, ["a function"]],
      [A_BOOLEAN, ["a boolean"]],
      [A_STRING, ["a string"]],
      [A_SIGNAL, []],
      [having("a Closer", ["close"]), []],
      [countOf(1), ["a number"]],
      [ANYTHING, VALUES.map(([, name]) => name)],
    ];
    for (const [kind, fitting] of kinds)
      for (const [value, name] of VALUES) {
        const shown = kind.numeric && typeof value !== "object" ? String(value) : name;
        const expected = fitting.includes(name) ? "none" : `\`option\` must be ${kind.is}, not ${shown}.`;
        expect(complaint({ option: value }, { option: kind })).toBe(expected);
      }
  });

  it("does not matter where the option is left out", () => {
    for (const options of [{}, { option: undefined }, { option: null }])
      expect(complaint(options, { option: A_SIGNAL })).toBe("none");
  });

  it("is checked of the options as a whole too, and of a group under its name", () => {
    for (const [value, name] of [...VALUES, [null, "null"], [undefined, "undefined"]] as const) {
      if (name === "an object") continue;
      expect(complaint(value, {})).toBe(`The options must be an object, not ${name}.`);
      expect(complaint(value, {}, "group")).toBe(`\`group\` must be an object, not ${name}.`);
    }
    expect(complaint({ x: true }, { x: A_STRING }, "group")).toBe("`group.x` must be a string, not a boolean.");
  });
});

describe("a number", () => {
  const cases: [Kind, unknown, boolean][] = [
    [atLeast(3), 3, true],
    [atLeast(3), 2.9, false],
    [atLeast(3), Number.POSITIVE_INFINITY, true],
    [atLeast(3), Number.NaN, false],
    [atLeast(3), "5", false],
    [atLeast(3, 4), 4, true],
    [atLeast(3, 4), 4.1, false],
    [countOf(1), 1, true],
    [countOf(1), 0, false],
    [countOf(1), 1.5, false],
    [countOf(1), Number.POSITIVE_INFINITY, false],
    [orFalse(countOf(1)), false, true],
    [orFalse(countOf(1)), true, false],
  ];
  for (const [kind, value, fits] of cases)
    it(`that must be ${kind.is} ${fits ? "may" : "must not"} be ${String(value)}`, () => {
      expect(kind.fits(value)).toBe(fits);
    });
});

describe("an option that does not exist", () => {
  it("is refused with the nearest name, or with all names", () => {
    const kinds = { retry: ANYTHING, timeout: ANYTHING };
    expect(complaint({ retries: 1 }, kinds)).toBe("`retries` is not an option. Did you mean `retry`?");
    expect(complaint({ timeOut: 1 }, kinds, "wait")).toBe(
      "`wait.timeOut` is not an option. Did you mean `wait.timeout`?",
    );
    expect(complaint({ proxy: undefined }, kinds)).toBe("`proxy` is not an option. The options are retry, timeout.");
    expect(complaint({ toString: 1 }, kinds)).toContain("`toString` is not an option.");
  });
});

it("an error of a check holds the facts of what it is about, and other errors pass", () => {
  const facts = { operation: "POST /x", submission: "not_sent", taskId: "t" } as const;
  expect(() => about(facts, () => checkOptions({ x: 1 }, {}))).toThrow(
    expect.objectContaining({ ...facts, code: "configuration" }),
  );
  expect(about(facts, () => 7)).toBe(7);
  const other = new TypeError("other");
  expect(() =>
    about(facts, () => {
      throw other;
    }),
  ).toThrow(other);
});
