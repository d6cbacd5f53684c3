import { expect, it } from "vitest";
import { DEFAULT_TASK } from "../../contract/default.js";
import { run } from "./here.js";

it.each(["bash", "zsh", "fish"])("completion prints a script for %s that asks the command", async (shell) => {
  const { out, said, code } = await run(["completion", shell]);
  expect({ said, code, texts: out.length }).toEqual({ said: [], code: undefined, texts: 1 });
  expect(out[0]).toContain("__complete -- ");
  expect(out[0]).toMatch(/\S$/);
});

it("completion knows no other shell", async () => {
  expect(await run(["completion", "tcsh"])).toMatchObject({ code: 2, out: [] });
});

it.each<[string[], string[]]>([
  [["up"], ["upscale\tupscale images; run it again to resume"]],
  [
    ["webhook", ""],
    ["listen\tverify and print deliveries", "sign\tsign a body as the provider would"],
  ],
  [
    ["sandbox", "--upscaler", ""],
    ["sharp\t", "echo\t"],
  ],
  [["sandbox", "--upscaler", "e"], ["echo\t"]],
  [["upscale", "a.png", "--debu"], ["--debug\tshow the stack of errors"]],
  [["upscale", "-y"], ["-y\tdo not ask before many paid calls"]],
  [["completion", "f"], ["fish\t"]],
  [["list", "--status", ""], DEFAULT_TASK.statuses.map((status) => `${status}\t`)],
  [["upscale", "--out", ""], []],
  [["upscale", "pho"], []],
  [["nonsense", "--key"], []],
  [
    ["list", "--key"],
    ["--key-file\tread the API key from this file, which only you may read (default: MAGNIFIC_API_KEY)"],
  ],
])("%j is completed", async (words, lines) => {
  expect(await run(["__complete", "--", ...words])).toMatchObject({ out: lines, said: [] });
});

it("all commands are completed, and not the one that completes", async () => {
  const { out } = await run(["__complete", "--", ""]);
  expect(out.map((line) => line.split("\t")[0])).toEqual(
    "upscale resume submit status wait list download webhook sandbox doctor completion".split(" "),
  );
});
