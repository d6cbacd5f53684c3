import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { asNobody, CAN_BE_NOBODY } from "../../test-support/as-nobody.js";
import { tempFolder } from "../../test-support/temp-folder.js";
import { UsageError } from "../exit.js";
import { defaultKeyFile, findKey, requireKey, secretIn, textIn } from "../key.js";

let folder: string;
beforeEach(async () => {
  folder = tempFolder("magnific-key-");
  await chmod(folder, 0o755);
});

async function file(name: string, text: string, mode = 0o600): Promise<string> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  await chmod(path, mode);
  return path;
}

it("the key comes from --key-file, the environment, the file it names, the configuration folder, in this order", async () => {
  const given = await file("given", "of-the-option\n");
  const named = await file("named", "  of-the-file ");
  const standard = await file("magnific/key", "of-the-folder");
  const env = { MAGNIFIC_API_KEY: " of-the-variable ", MAGNIFIC_API_KEY_FILE: named, XDG_CONFIG_HOME: folder };
  expect(await findKey(env, given)).toEqual({ key: "of-the-option", from: given });
  expect(await findKey(env)).toEqual({ key: "of-the-variable", from: "MAGNIFIC_API_KEY" });
  // What holds nothing counts as not there.
  for (const empty of ["", "  ", undefined])
    expect(await findKey({ ...env, MAGNIFIC_API_KEY: empty })).toEqual({ key: "of-the-file", from: named });
  for (const empty of ["", undefined])
    expect(await findKey({ XDG_CONFIG_HOME: folder, MAGNIFIC_API_KEY_FILE: empty })).toEqual({
      key: "of-the-folder",
      from: standard,
    });
  expect(await requireKey(env)).toEqual({ key: "of-the-variable", from: "MAGNIFIC_API_KEY" });
});

it("no key is an error only where one is needed, and says where it would go", async () => {
  const env = { XDG_CONFIG_HOME: folder };
  expect(await findKey(env)).toBeUndefined();
  const error = await requireKey(env).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UsageError);
  expect((error as Error).message).toMatch(/There is no API key\. Set MAGNIFIC_API_KEY/);
  expect((error as Error).message).toContain(join(folder, "magnific", "key"));
});

it("a file that was named must be there", async () => {
  const away = join(folder, "away");
  const message = `There is no file ${away}.`;
  await expect(findKey({}, away)).rejects.toThrow(message);
  await expect(findKey({ MAGNIFIC_API_KEY_FILE: away })).rejects.toThrow(message);
});

it("a standard file that others can read is an error, not passed by", async () => {
  await file("magnific/key", "secret", 0o640);
  await expect(findKey({ XDG_CONFIG_HOME: folder })).rejects.toThrow(/chmod 600/);
});

it("the standard file lies in the configuration folder", () => {
  expect(defaultKeyFile({ XDG_CONFIG_HOME: "/c", HOME: "/h" })).toBe("/c/magnific/key");
  expect(defaultKeyFile({ XDG_CONFIG_HOME: "", HOME: "/h" })).toBe("/h/.config/magnific/key");
  expect(defaultKeyFile({ HOME: "" })).toBe(join(homedir(), ".config/magnific/key"));
});

it("a secret is used where only the file's owner can read it", async () => {
  for (const mode of [0o600, 0o400, 0o700])
    expect(await secretIn(await file(`mine${mode}`, "the secret\n", mode))).toBe("the secret");
  for (const mode of [0o601, 0o602, 0o604, 0o610, 0o620, 0o640]) {
    const path = await file(`open${mode}`, "secret", mode);
    const message = `${path} can be read by others, so its secret is not used. Run: chmod 600 ${path}`;
    await expect(secretIn(path)).rejects.toEqual(new UsageError(message));
  }
});

it("no file, no text, or a folder is not a secret", async () => {
  await expect(secretIn(await file("empty", " \n"))).rejects.toThrow(/empty is empty\.$/);
  await expect(secretIn(folder)).rejects.toThrow(/is a folder, not a file/);
  await expect(secretIn(join(await file("plain", "x"), "below"))).rejects.toThrow(/cannot be read \(ENOTDIR\)/);
  await expect(secretIn(join(await file("plain", "x"), "below"))).rejects.toBeInstanceOf(UsageError);
});

describe.skipIf(process.platform === "win32")("a secret in a pipe", () => {
  const pipe = (): string => {
    const path = join(folder, "pipe");
    execFileSync("mkfifo", ["-m", "600", path]);
    return path;
  };

  it("is read to its end, also when it comes late and in parts", async () => {
    const path = pipe();
    const writer = spawn("sh", ["-c", '(sleep 0.1; printf "the "; sleep 0.1; echo secret) > "$1"', "sh", path]);
    const ended = once(writer, "exit");
    expect(await secretIn(path)).toBe("the secret");
    await ended;
  });

  it("into which nobody writes is given up", async () => {
    await expect(textIn(pipe(), 50)).rejects.toThrow(/is a pipe into which nobody wrote .* within 50 ms\.$/);
  });

  it("is not looked for in a device, which may have no end", async () => {
    await expect(textIn("/dev/zero")).rejects.toEqual(new UsageError("/dev/zero is a device or a socket, not a file."));
  });
});

it.skipIf(!CAN_BE_NOBODY)("a file that cannot be looked at is an error, not missing", async () => {
  await file("magnific/key", "secret");
  await chmod(join(folder, "magnific"), 0);
  await asNobody(async () => {
    await expect(findKey({ XDG_CONFIG_HOME: folder })).rejects.toThrow(/cannot be read \(EACCES\)/);
  });
});
