import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { loadVendored } from "../../../openapi/document/load.js";
import { tempFolder } from "../../../src/test-support/temp-folder.js";
import { lint } from "../lint.js";
import { knownProblems } from "../lint-exceptions.js";

it("A flaw is known in one document or, by a pattern, in each; with what is below it, and by its rule only", () => {
  const root = tempFolder("lint-");
  expect(knownProblems(root)("a.yaml", { rule: "r", pointer: "#/info" })).toBe(false);
  const text = "openapi/*.yaml: {r: ['#/paths/*/get']}\nopenapi/a.yaml: {r: ['#/info'], s: ['#/paths/~1x']}\n";
  writeFileSync(join(root, ".redocly.lint-ignore.yaml"), text);
  const isKnown = knownProblems(root);
  for (const [known, document, rule, pointer] of [
    [true, "a.yaml", "r", "#/paths/~1x/get"],
    [true, "b.yaml", "r", "#/paths/~1y/get/responses/200"],
    [false, "b.yaml", "r", "#/paths/~1y"],
    [false, "b.yaml", "r", "#/paths/~1y/post"],
    [false, "b.yaml", "s", "#/paths/~1x/get"],
    [true, "a.yaml", "s", "#/paths/~1x/get"],
    [true, "a.yaml", "r", "#/info"],
    [false, "b.yaml", "r", "#/info"],
  ] as const)
    expect(isKnown(document, { rule, pointer }), `${document} ${rule} ${pointer}`).toBe(known);
});

it("A new page of the provider with no flaw of its own is clean, and one with a flaw is not", async () => {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  onTestFinished(() => log.mockRestore());
  const [page] = loadVendored();
  const text = page?.text.replaceAll("image-upscaler-precision", "image-other") ?? "";
  expect(await lint([{ name: "other.yaml", text }])).toBe(0);
  expect(log).toHaveBeenLastCalledWith(
    expect.stringMatching(/^openapi\/other\.yaml: 0 problems, and \d+ that are known$/),
  );
  expect(await lint([{ name: "other.yaml", text: text.replace("operationId:", "x-id:") }])).toBe(1);
});
