import { describe, expect, it } from "vitest";
import { due, dueAt, type LifeCycle, lifeCycles, needsImage, stepsOf } from "../life-cycle.js";

const at = (index: number, answers: number, since = 0) => ({ index, answers, since });

describe("a life cycle", () => {
  it("moves on after so many answers, one by default", () => {
    const steps = stepsOf(["CREATED", { status: "IN_PROGRESS", answers: 3 }, "COMPLETED"]);
    expect(due(steps, at(0, 0), 0)).toBeUndefined();
    expect(due(steps, at(0, 1), 0)).toBe("answers");
    expect(due(steps, at(1, 2), 1e9)).toBeUndefined();
    expect(due(steps, at(1, 3), 0)).toBe("answers");
  });

  it("moves on after so much time, and then not by answers", () => {
    const steps = stepsOf([{ status: "CREATED", ms: 100 }, "COMPLETED"]);
    expect(due(steps, at(0, 50, 1000), 1099)).toBeUndefined();
    expect(due(steps, at(0, 0, 1000), 1100)).toBe("time");
    expect(dueAt(steps, at(0, 0, 1000))).toBe(1100);
  });

  it("takes whichever comes first where both are given", () => {
    const steps = stepsOf([{ status: "CREATED", ms: 100, answers: 2 }, "COMPLETED"]);
    expect(due(steps, at(0, 2), 0)).toBe("answers");
    expect(due(steps, at(0, 0), 100)).toBe("time");
  });

  it("rests in its last step", () => {
    const steps = stepsOf(["CREATED", { status: "COMPLETED", ms: 5, answers: 1 }]);
    expect(due(steps, at(1, 9), 1e9)).toBeUndefined();
    expect(dueAt(steps, at(1, 9))).toBeUndefined();
  });

  it("needs an image where it lists one", () => {
    expect(needsImage({ status: "COMPLETED" })).toBe(true);
    expect(needsImage({ status: "COMPLETED", images: 0 })).toBe(false);
    expect(needsImage({ status: "FAILED" })).toBe(false);
  });

  it.each([
    [[], "at least one step"],
    [[{ status: "" }], "needs a status"],
    [[{ status: "CREATED", answers: 0 }], '"answers"'],
    [[{ status: "CREATED", ms: -1 }], '"ms"'],
    [[{ status: "COMPLETED", images: Number.NaN }], '"images"'],
    [[{ status: "COMPLETED", webhook: "loose" }], '"webhook"'],
    [[{ status: "CREATED", answer: 3 }], 'unknown field "answer"'],
    [[null], "needs a status"],
    [{ status: "CREATED" }, "list of steps"],
  ])("refuses %j", (cycle, message) => {
    // Much of it comes as JSON, which no compiler has seen.
    expect(() => stepsOf(cycle as LifeCycle)).toThrow(message);
  });

  it("is well-formed under every ready-made name", () => {
    for (const cycle of Object.values(lifeCycles)) expect(stepsOf(cycle).length).toBeGreaterThan(0);
  });
});
