import { afterEach, beforeEach, expect, it } from "vitest";
import { CreditsExhaustedError } from "../../../errors/api-error.js";
import { SIGNALS } from "../../interrupt.js";
import { shellOf } from "../../test/here.js";
import { reportError, stackOf, worst } from "../command.js";

it("an error is told with what it is about and what to do, and gives its exit code", () => {
  const error = new CreditsExhaustedError("No \x1b[31mcredits\nleft.", { status: 402 });
  const { shell, heard } = shellOf();
  expect(reportError(shell, "a\nb", error)).toBe(3);
  expect(reportError(shell, undefined, new Error("odd"))).toBe(1);
  expect(heard.json).toEqual([]);
  expect(heard.said).toEqual([
    "red(magnific:) a?b: No credits left.",
    expect.stringMatching(/^ {2}Buy credits/),
    "red(magnific:) odd",
  ]);
});

it("an error is an object too with --json, and has a stack with --debug", () => {
  const { shell, heard } = shellOf({ debug: true });
  reportError(shell, "a", new Error("odd"), true);
  reportError(shell, undefined, new Error("odd"), true);
  expect(heard.json).toEqual([
    { event: "error", about: "a", message: "odd" },
    { event: "error", message: "odd" },
  ]);
  expect(heard.said).toHaveLength(4);
  expect(heard.said[1]).toMatch(/^Error: odd\n {4}at /);
});

it("a stack goes on with the causes", () => {
  const bare = Object.assign(new Error("second"), { stack: undefined });
  const stack = stackOf(new Error("first", { cause: Object.assign(bare, { cause: "no error" }) }));
  expect(stack).toMatch(/^Error: first\n {4}at [\s\S]*\ncaused by second$/);
  expect(stackOf("no error")).toBe("");
});

it("of several exit codes the one that says most wins", () => {
  expect(worst([])).toBe(0);
  expect(worst([0, 0])).toBe(0);
  const order = [2, 4, 130, 3, 1, 0];
  for (const [index, code] of order.entries()) expect(worst(order.slice(index).toReversed())).toBe(code);
});

let before: readonly (readonly unknown[])[] = [];
const own = () =>
  SIGNALS.map((signal, index) => process.listeners(signal).filter((listener) => !before[index]?.includes(listener)));
beforeEach(() => {
  before = SIGNALS.map((signal) => process.listeners(signal));
});
afterEach(() => {
  for (const listener of own().flat()) for (const signal of SIGNALS) process.off(signal, listener);
});
