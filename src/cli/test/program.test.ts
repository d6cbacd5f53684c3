import type { Command } from "commander";
import { expect, it } from "vitest";
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

it("the command has these subcommands", () => {
  expect(paths.map((path) => path.join(" "))).toEqual([
    "upscale",
    "resume",
    "submit",
    "status",
    "wait",
    "list",
    "download",
    "webhook",
    "webhook listen",
    "webhook sign",
    "sandbox",
    "doctor",
    "completion",
  ]);
});

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
    const { code, out, said } = await run([
      ...path,
      "--no-such-flag",
      ...(path[0] === "upscale" ? ["--out", "x"] : []),
    ]);
    expect({ code, out }, path.join(" ")).toEqual({ code: 2, out: [] });
    expect(said).toEqual(["magnific: unknown option '--no-such-flag'", "Use --help to see how to call it."]);
  }
  expect((await run(["upscal"])).said[0]).toMatch(/^magnific: unknown command 'upscal'\n\(Did you mean upscale\?\)$/);
});

it("the help says in a line what each subcommand is for", async () => {
  const help = (await run(["--help"])).out.join("\n");
  for (const [name = "", ...below] of paths)
    if (below.length === 0) expect(help).toMatch(new RegExp(`^ {2}${name} .*[a-z] [a-z]`, "m"));
  expect(help).toMatch(/^Exit codes:$/m);
});
