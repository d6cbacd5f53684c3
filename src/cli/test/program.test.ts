import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { expect, it, onTestFinished, vi } from "vitest";
import { programOf } from "../program.js";
import { run, shellOf } from "./here.js";

function pathsOf(command: Command, path: readonly string[] = []): (readonly string[])[] {
  const children = command
    .createHelp()
    .visibleCommands(command)
    .filter((child) => child.name() !== "help");
  return children.flatMap((child) => {
    const below = [...path, child.name()];
    return [below, ...pathsOf(child, below)];
  });
}
const paths = pathsOf(programOf(shellOf().shell));

it("each subcommand has help with an example", async () => {
  for (const path of [[], ...paths]) {
    for (const flag of ["--help", "-h"]) {
      const { code, out, said } = await run([...path, flag]);
      const help = out.join("\n");
      expect({ code, said }, path.join(" ")).toEqual({ code: 0, said: [] });
      expect(help).toMatch(new RegExp(`^Usage: ${["magnific", ...path].join(" ")} .*\\S\\n\\n\\S`));
      expect(help).toMatch(/^ {2}-h, --help +show help$/m);
      expect(help).toMatch(/^ {2}--debug +show the stack of errors$/m);
      expect(help).toMatch(new RegExp(`^Examples?:\\n[\\s\\S]*magnific ${path.join(" ")}`, "m"));
    }
  }
});

it("each subcommand says what is wrong with a call, and where to look", async () => {
  for (const path of [[], ...paths]) {
    const out = path[0] === "upscale" ? ["--out", "x"] : [];
    const heard = await run([...path, "--no-such-flag", ...out]);
    expect(heard, path.join(" ")).toMatchObject({ code: 2, out: [], json: [] });
    expect(heard.said).toEqual(["magnific: unknown option '--no-such-flag'", "Use --help to see how to call it."]);
  }
  expect(await run(["list", "--no-such", "--json"])).toMatchObject({
    code: 2,
    json: [{ event: "error", message: "unknown option '--no-such'" }],
  });
  // Without a subcommand it shows the help, on stderr.
  const bare = await run(["webhook"]);
  expect(bare).toMatchObject({ code: 2, out: [], json: [] });
  expect(bare.said[0]).toMatch(/^Usage: magnific webhook/);
  for (const [args, near] of [
    [["webhook", "lisen"], "listen"],
    [["upscale", "a", "--concurency", "2"], "--concurrency"],
    [["webhook", "sign", "a", "--sand", "x"], "--send"],
    [["list", "--statsu", "x"], "--status"],
  ] as const)
    expect((await run(args)).said[0]).toContain(`(Did you mean ${near}?)`);
  expect((await run(["upscal"])).said[0]).toMatch(/^magnific: unknown command 'upscal'\n\(Did you mean upscale\?\)$/);
});

it("the help says in a line what each subcommand is for", async () => {
  const help = (await run(["--help"])).out.join("\n");
  for (const [name = "", ...below] of paths)
    if (below.length === 0) expect(help).toMatch(new RegExp(`^ {2}${name} .*[a-z] [a-z]`, "m"));
  expect(help).toMatch(/^Exit codes:$/m);
});

it.each([["--key"], ["--api-key"], ["--key=secret"], ["--api-key=secret"]])(
  "%s is refused before anything else, since every user of the machine could read it",
  async (flag) => {
    const { code, said, json, out } = await run(["no-command", flag, "secret"]);
    expect({ code, json, out }).toEqual({ code: 2, json: [], out: [] });
    expect(said).toEqual([expect.stringMatching(/^red\(magnific:\) A key on the command line .*MAGNIFIC_API_KEY/)]);
    for (const other of ["--key-file", "--keys", "x--key"])
      expect((await run(["list", other, "/nowhere"])).said.join("\n")).not.toContain("A key on the command line");
  },
);

it("--version prints the version of the package", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
  for (const flag of ["--version", "-V"])
    expect(await run([flag, "--json"])).toEqual({ code: 0, out: [version], said: [], json: [], drawn: [] });
});

it("an error is a sentence and an exit code, an object too with --json, and has its stack with --debug", async () => {
  const args = ["upscale", "/nowhere/at/\u202eall.png", "--out", "big"];
  const message = "There is no file or folder /nowhere/at/";
  expect(await run(args)).toMatchObject({ code: 2, said: [`red(magnific:) ${message}?all.png.`], json: [] });
  expect(await run([...args, "--json"])).toMatchObject({
    code: 2,
    said: [`red(magnific:) ${message}?all.png.`],
    json: [{ event: "error", message: `${message}\u202eall.png.` }],
  });
  vi.stubEnv("MAGNIFIC_API_KEY", "key");
  onTestFinished(() => void vi.unstubAllEnvs());
  const { said } = await run(["list", "--base-url", "http://127.0.0.1:2", "--retry", "0"], { debug: true });
  expect(said.at(-1)).toMatch(
    /Error: [^\n]*\nSee https:\S*#connection_failed-connection_failed\n {4}at [\s\S]*\ncaused by [\s\S]*ECONNREFUSED/,
  );
});
