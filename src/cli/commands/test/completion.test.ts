import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { run } from "../../test/here.js";

it.each(["bash", "zsh", "fish"])("prints a script for %s that knows every command", async (shell) => {
  const { out, said, code } = await run(["completion", shell]);
  expect({ said, code, texts: out.length }).toEqual({ said: [], code: undefined, texts: 1 });
  expect(out[0]).toMatch(new RegExp(`${shell} completion of magnific`));
  expect(out[0]).toMatch(/\S$/);
  for (const word of [
    "upscale",
    "resume",
    "submit",
    "status",
    "wait",
    "list",
    "download",
    "webhook",
    "sandbox",
    "doctor",
  ])
    expect(out[0]).toContain(word);
});

it("knows no other shell", async () => {
  expect(await run(["completion", "tcsh"])).toMatchObject({ code: 2, out: [] });
});

it.skipIf(spawnSync("bash", ["-c", "exit 0"]).status !== 0)("bash completes with it", async () => {
  const { out } = await run(["completion", "bash"]);
  const complete = (...words: string[]): string[] => {
    const set = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}`;
    const ran = spawnSync("bash", ["-c", `${out[0]}\n${set}; _magnific; printf '%s\\n' "\${COMPREPLY[@]}"`], {
      encoding: "utf8",
    });
    expect(ran.stderr).toBe("");
    return ran.stdout.trim().split("\n");
  };
  expect(complete("magnific", "up")).toEqual(["upscale"]);
  expect(complete("magnific", "webhook", "")).toEqual(["listen", "sign"]);
  expect(complete("magnific", "sandbox", "--upscaler", "")).toEqual(["sharp", "echo"]);
  expect(complete("magnific", "upscale", "--deb")).toEqual(["--debug"]);
});
