import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { run } from "./here.js";

it.each([["--key"], ["--api-key"], ["--key=secret"], ["--api-key=secret"]])(
  "refuses %s before anything else",
  async (flag) => {
    const { code, said, json, out } = await run(["no-command", flag, "secret"]);
    expect({ code, json, out }).toEqual({ code: 2, json: [], out: [] });
    expect(said).toEqual([expect.stringMatching(/^red\(magnific:\) A key on the command line .*MAGNIFIC_API_KEY/)]);
  },
);

it.each([["--key-file"], ["--keys"], ["x--key"]])("takes %s for no key", async (flag) => {
  expect((await run(["list", flag, "/nowhere"])).said.join("\n")).not.toContain("A key on the command line");
});

it("ends with 0 on --help and --version", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
  for (const flag of ["--version", "-V"])
    expect(await run([flag, "--json"])).toEqual({ code: 0, out: [version], said: [], json: [], drawn: [] });
  for (const flag of ["--help", "-h"]) {
    const help = await run([flag]);
    expect(help).toMatchObject({ code: 0, said: [], json: [] });
    expect(help.out.join("\n")).toMatch(/^Usage: magnific \[options\] \[command\]\n[\s\S]*--concurrency 8$/);
  }
});

it("ends with 2 when it is called in a way that cannot work, and tells --json so", async () => {
  const wrong = await run(["list", "--no-such"]);
  expect(wrong).toMatchObject({ code: 2, out: [], json: [] });
  expect(wrong.said).toEqual(["magnific: unknown option '--no-such'", "Use --help to see how to call it."]);
  expect(await run(["list", "--no-such", "--json"])).toMatchObject({
    code: 2,
    json: [{ event: "error", message: "unknown option '--no-such'" }],
  });
  // Want of a command shows the help, on stderr.
  const bare = await run(["webhook"]);
  expect(bare).toMatchObject({ code: 2, out: [], json: [] });
  expect(bare.said.join("\n")).toMatch(/^Usage: magnific webhook/);
});

it("tells other errors with their exit codes, and --json as an object", async () => {
  const args = ["upscale", "/nowhere/at/all.png", "--out", "big"];
  expect(await run(args)).toMatchObject({
    code: 2,
    said: ["red(magnific:) There is no file or folder /nowhere/at/all.png."],
    json: [],
  });
  expect(await run([...args, "--json"])).toMatchObject({
    code: 2,
    json: [{ event: "error", message: "There is no file or folder /nowhere/at/all.png." }],
  });
  const { said } = await run(args, { debug: true });
  expect(said.at(-1)).toMatch(/^UsageError: [\s\S]*\n {4}at /);
});
