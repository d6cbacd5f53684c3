import { describe, expect, it } from "vitest";
import type { Step } from "../life-cycle.js";
import { advanced, begun, detailOf, infoOf, statusOf, type TaskRecord, wantsImage } from "../task.js";

const STEPS: readonly Step[] = [{ status: "CREATED" }, { status: "COMPLETED", webhook: "late" }];

function record(more: Partial<TaskRecord> = {}, index = 0): TaskRecord {
  return {
    id: "id-1",
    owner: "owner",
    createdAt: 5,
    steps: STEPS,
    position: { index, since: 7, answers: 3 },
    image: { bytes: 9, sha256: "ab" },
    sliders: { sharpen: 1, smart_grain: 2, ultra_detail: 3 },
    filterNsfw: true,
    generated: ["/results/a", "/results/b"],
    ...more,
  };
}

const INFO = {
  id: "id-1",
  createdAt: 5,
  image: { bytes: 9, sha256: "ab" },
  sliders: { sharpen: 1, smart_grain: 2, ultra_detail: 3 },
  filterNsfw: true,
};

describe("a task as it is shown", () => {
  it("lists its images in a step that has them, and in no other", () => {
    const urls = ["http://here/results/a", "http://here/results/b"];
    expect(detailOf(record({}, 1), "http://here")).toEqual({ task_id: "id-1", status: "COMPLETED", generated: urls });
    expect(detailOf(record(), "http://here")).toEqual({ task_id: "id-1", status: "CREATED", generated: [] });
    const imageless = record({ steps: [{ status: "COMPLETED", images: 0 }] });
    expect(detailOf(imageless, "")).toEqual({ task_id: "id-1", status: "COMPLETED", generated: [] });
    // A state that was written by hand, perhaps.
    expect(detailOf(record({}, 2), "")).toEqual({ task_id: "id-1", status: "FAILED", generated: [] });
    expect(statusOf(record({}, 2))).toBe("FAILED");
  });

  it("tells of result and failure where there is one", () => {
    expect(infoOf(record(), "")).toStrictEqual({ ...INFO, status: "CREATED", generated: [] });
    const result = { type: "image/png", bytes: 4 };
    const generated = ["o/results/a", "o/results/b"];
    expect(infoOf(record({ result }, 1), "o")).toStrictEqual({ ...INFO, status: "COMPLETED", result, generated });
    expect(infoOf(record({ failure: "why" }), "")).toStrictEqual({
      ...INFO,
      status: "CREATED",
      failure: "why",
      generated: [],
    });
  });
});

describe("a task as it goes on", () => {
  it("wants an image while its life may show one", () => {
    expect(wantsImage(record())).toBe(true);
    expect(wantsImage(record({ result: { type: "image/png", bytes: 4 } }))).toBe(false);
    expect(wantsImage(record({ failure: "why" }))).toBe(false);
    expect(wantsImage(record({ steps: [{ status: "CREATED" }, { status: "FAILED" }] }))).toBe(false);
  });

  it("begins its next step now, with no answer yet", () => {
    expect(advanced(record(), 99)).toEqual(record({ position: { index: 1, since: 99, answers: 0 } }));
  });

  it("ends as FAILED where it would need the image that could not be made", () => {
    const failure = "why";
    const over = advanced(record({ failure, steps: [...STEPS, { status: "CREATED" }] }), 99);
    expect(over.steps).toStrictEqual([{ status: "CREATED" }, { status: "FAILED", webhook: "late" }]);
    const steps = [{ status: "COMPLETED" }];
    expect(begun(record({ failure, steps })).steps).toStrictEqual([{ status: "FAILED" }]);
  });

  it("stays as it is where it has its image, or needs none", () => {
    for (const same of [record({}, 1), record({ failure: "why" }), record({ failure: "why" }, 2)])
      expect(begun(same)).toBe(same);
  });
});
