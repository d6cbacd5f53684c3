/** What a mere import costs: the runtime's `fetch` is loaded when a call is made, not before. */
import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";

const SOURCE = dirname(fileURLToPath(import.meta.url));

/** Node's built-in modules of that kind that a program has loaded at its end. */
function loadedBy(program: string): string[] {
  const code = `${program}\nconsole.log(JSON.stringify(process.moduleLoadList.filter((name) => name.includes("undici"))));`;
  const options = ["--import", "tsx", "--input-type=module", "--eval", code];
  return JSON.parse(execFileSync(process.execPath, options, { cwd: join(SOURCE, "../.."), encoding: "utf8" }));
}

describe("an import alone", () => {
  it("is seen to load the runtime's fetch, where it does", () => {
    expect(loadedBy("new Headers();")).not.toEqual([]);
  });

  it.each(["index.ts", "node.ts", "webhook/index.ts", "sandbox/index.ts"])("of %s does not load it", (entry) => {
    expect(loadedBy(`await import(${JSON.stringify(pathToFileURL(join(SOURCE, entry)).href)});`)).toEqual([]);
  });
});
