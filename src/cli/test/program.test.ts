import { expect, it } from "vitest";
import { nodesOf, treeOf } from "../completion/tree.js";
import { programOf } from "../program.js";
import { run, shellOf } from "./here.js";

const paths = () => nodesOf(treeOf(programOf(shellOf().shell))).map(({ path }) => path);

it("has these commands", () => {
  expect(paths().map((path) => path.join(" "))).toEqual([
    "",
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

it("each has help with an example, and says what it takes", async () => {
  for (const path of paths()) {
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

it("each says what is wrong with a call, and where to look", async () => {
  for (const path of paths()) {
    const { code, out, said } = await run([
      ...path,
      "--no-such-flag",
      ...(path[0] === "upscale" ? ["--out", "x"] : []),
    ]);
    expect({ code, out }, path.join(" ")).toEqual({ code: 2, out: [] });
    expect(said).toEqual(["magnific: unknown option '--no-such-flag'", "Run it with --help to see how it is used."]);
  }
  expect((await run(["upscal"])).said[0]).toMatch(/^magnific: unknown command 'upscal'\n\(Did you mean upscale\?\)$/);
});

it("says what each command is for, in a line", async () => {
  const help = (await run(["--help"])).out.join("\n");
  for (const [name = "", ...below] of paths())
    if (name !== "" && below.length === 0) expect(help).toMatch(new RegExp(`^ {2}${name} .*[a-z] [a-z]`, "m"));
  expect(help).toMatch(/^Exit codes:$/m);
});
