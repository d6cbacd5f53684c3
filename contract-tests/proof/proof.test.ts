import { describe, expect, it } from "vitest";
import { at } from "../../openapi/document/pointer.js";
import { KNOWN_FINDINGS, MOCK_DEFECTS } from "../known/known.js";
import { upscaler } from "../only.js";
import { MutantRun } from "./document-mutants.js";
import { EQUIVALENTS, LOCK_ONLY } from "./equivalents.js";
import { mutantsOf } from "./mutants.js";
import { judgeDocuments, judgeFaults, percent, scoreDocuments } from "./score.js";

const { vendored, overlays } = upscaler();
const [page] = vendored;
if (!page) throw new Error("There is no vendored document.");
const mutants = mutantsOf(page.document);

describe("the mutants of the page", () => {
  it("are single-point, distinct, and cover every kind of node", () => {
    expect(new Set(mutants.map((mutant) => mutant.id)).size).toBe(mutants.length);
    expect(new Set(mutants.map((mutant) => JSON.stringify(mutant.document))).size).toBe(mutants.length);
    const operators = new Set(mutants.map((mutant) => mutant.operator));
    for (const wanted of [
      "drop security",
      "rename path",
      "change method",
      "drop status",
      "change media type",
      "rename key",
      "minimum - 1",
      "maximum + 1",
      "drop from enum",
      "drop format",
      "type to string",
      "drop property",
      "flip required",
      "change example",
      "drop default",
    ]) {
      expect(operators, wanted).toContain(wanted);
    }
    expect(at(page.document, "/components/schemas/request-content_2/properties/sharpen/maximum")).toBe(100);
  });

  // The whole is `npm run contract:proof`; here are a few of each fate.
  it.each([
    ["maximum + 1 at /components/schemas/request-content_2/properties/sharpen/maximum", "case"],
    ["drop from enum at /components/schemas/task/properties/status/enum/2", "case"],
    ["key to bearer at /components/securitySchemes/magnificApiKey", "case"],
    ["add status 409 at /paths/~1v1~1ai~1image-upscaler-precision/post/responses", "case"],
    ["change default at /components/schemas/request-content_2/properties/sharpen/default", "lock"],
    ["change example at /components/schemas/task/example/status", "lock"],
  ] as const)("%s is seen by the %s", async (id, by) => {
    const mutant = mutants.find((each) => each.id === id);
    if (!mutant) throw new Error(`There is no mutant "${id}".`);
    const run = new MutantRun(vendored, overlays, { findings: KNOWN_FINDINGS, defects: MOCK_DEFECTS });
    expect((await run.play(mutant, page.name)).killed).toBe(by);
  });

  it("include all that are listed as of the same meaning", () => {
    for (const { id, reason } of EQUIVALENTS) {
      expect(mutants.map((mutant) => mutant.id)).toContain(id);
      expect(reason.length).toBeGreaterThan(10);
    }
  });
});

describe("the score", () => {
  const result = (killed: "case" | "lock" | "no", operator = "drop default", pointer = "/a/default") => ({
    id: `${operator} at ${pointer} ${Math.random()}`,
    operator,
    pointer,
    killed,
  });

  it("fails below its gates and says why", () => {
    expect(
      judgeDocuments(
        scoreDocuments([result("case"), result("case"), result("case"), result("case"), result("lock")], false),
      ),
    ).toEqual({ ok: true, why: [] });
    expect(judgeDocuments(scoreDocuments([result("case"), result("lock")], false)).why).toEqual([
      "document mutants: 50.0 % by cases, the gate is 80.0 %",
    ]);
    const survived = scoreDocuments([...Array.from({ length: 9 }, () => result("case")), result("no")], false);
    expect(survived.survivors).toHaveLength(1);
    expect(judgeDocuments(survived).why).toEqual(["document mutants: 90.0 % seen, the gate is 100.0 %"]);
    expect(judgeFaults([{ fault: { id: "a", group: "shape", what: "b" }, found: false }]).ok).toBe(false);
  });

  it("wants a reason for what the lock alone sees, and notices an equivalent that is none", () => {
    const odd = scoreDocuments(
      [...Array.from({ length: 9 }, () => result("case")), result("lock", "turn upside down", "/nowhere")],
      false,
    );
    expect(judgeDocuments(odd).why).toEqual([expect.stringContaining("no reason is listed: turn upside down")]);
    const [first] = EQUIVALENTS;
    const seen = scoreDocuments(
      [{ id: first?.id ?? "", operator: "flip nullable", pointer: "/x", killed: "case" }],
      false,
    );
    expect(judgeDocuments(seen).ok).toBe(false);
    expect(LOCK_ONLY.every((each) => each.reason.length > 20)).toBe(true);
  });

  it("rounds down", () => {
    expect(percent(0.9999)).toBe("99.9 %");
    expect(percent(1)).toBe("100.0 %");
  });
});
