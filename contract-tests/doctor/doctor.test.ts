import { describe, expect, it } from "vitest";
import { parseYaml } from "../../openapi/document/yaml.js";
import { upscaler } from "../only.js";
import { diagnosisOf, ownFlaws, redoclyFlaws } from "./doctor.js";
import type { Flaw } from "./flaw.js";

const [page] = upscaler().vendored;
if (!page) throw new Error("There is no vendored document.");

async function examine(text: string): Promise<Flaw[]> {
  const document = parseYaml(text, "page");
  return [...(await redoclyFlaws({ name: "page.yaml", text })), ...ownFlaws({ document })];
}

describe("the doctor", () => {
  it("finds the known flaws of the page, all of them and nothing else", async () => {
    const { known, fresh, vanished } = diagnosisOf(await examine(page.text));
    expect(fresh).toEqual([]);
    expect(vanished).toEqual([]);
    expect(known.length).toBeGreaterThan(40);
    expect(known.every((each) => each.reason.length > 10)).toBe(true);
  });

  // Each flaw that the provider's page is known for, by the rule that states it.
  it.each([
    ["redocly/no-invalid-media-type-examples", "invalid_page"],
    ["example-of-unknown-input", '"filter"'],
    ["template-left", ":attribute"],
    ["describes-unknown-input", "prompt"],
    ["no-request-example", "no example"],
    ["contradictory-example", "CREATED"],
    ["shadowed-examples", "4 named"],
    ["unreachable-example", "no request"],
    ["numbered-name", "numbered"],
    ["foreign-name", "style transfer"],
    ["borrowed-schema", "401 borrows"],
    ["usual-status-undeclared", "429"],
    ["no-response-headers", "no header"],
    ["error-may-be-empty", "valid error"],
    ["open-request", "misspelt"],
    ["empty-passes", '"image"'],
    ["any-scheme", "javascript:"],
    ["webhook-without-callbacks", "webhook_url"],
    ["id-without-operation", "task_id"],
  ])("states by %s what is wrong with the page", async (rule, part) => {
    const own = (await examine(page.text)).filter((flaw) => flaw.rule === rule);
    expect(own.some((flaw) => flaw.message.includes(part) || flaw.pointer.includes(part))).toBe(true);
  });

  it.each([
    [
      "a new flaw",
      "description: Sharpen the image\n          maximum: 100",
      "description: Sharpen the image\n          example: 7\n          maximum: 100",
      "unreachable-example",
    ],
    [
      "an example that breaks its schema",
      "message: Parameter 'query' must not be empty",
      "message: 7",
      "redocly/no-invalid-media-type-examples",
    ],
    ["another placeholder", "message: Missing API key", "message: Missing {{key}}", "template-left"],
  ])("fails on %s", async (_, from, to, rule) => {
    expect(page.text).toContain(from);
    const { fresh } = diagnosisOf(await examine(page.text.replace(from, to)));
    expect(fresh.map((flaw) => flaw.rule)).toContain(rule);
  });

  it("notices when a flaw is mended", async () => {
    const { vanished, fresh } = diagnosisOf(
      await examine(page.text.replace("Parameter ':attribute' is not valid", "The request is not valid")),
    );
    expect(fresh).toEqual([]);
    expect(vanished.map((flaw) => flaw.rule)).toEqual(["template-left"]);
  });

  it("has nothing to say of a document without flaws", () => {
    const document = parseYaml(
      `openapi: 3.0.0
info: { title: Sound, version: "1" }
paths:
  /lamps/{lamp-id}:
    get:
      parameters: [{ name: lamp-id, in: path, required: true, schema: { type: string } }]
      responses:
        "200": { description: OK, headers: { x-request-id: { schema: { type: string } } } }
        "404": { description: None }
        "429": { description: Later }
`,
      "sound",
    );
    expect(ownFlaws({ document })).toEqual([]);
  });
});
