import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { chmod, readFile, symlink } from "node:fs/promises";
import { dirname, relative } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { JOURNAL_NAME } from "../../batch/job.js";
import { asNobody, CAN_BE_NOBODY } from "../../test-support/as-nobody.js";
import { UsageError } from "../exit.js";
import { findInputs } from "../inputs.js";
import { type Here, hereOf, run, withStdin } from "./here.js";

let here: Here;
beforeEach(async () => {
  here = await hereOf();
});
afterEach(() => here[Symbol.asyncDispose]());

async function files(...names: string[]): Promise<void> {
  for (const name of names) await here.file(name, "");
}

/** What the arguments stand for, as `path (dir)`. */
async function found(...args: string[]): Promise<string[]> {
  await using inputs = await findInputs(args.map(here.at), here.at("out"));
  return inputs.files.map(({ path, dir }) => `${relative(here.folder, path)} (${dir})`);
}

it("a folder stands for the images below it, in the order of their names", async () => {
  const ends = "jpg jpeg jpe jfif png webp gif bmp tif tiff avif heic heif PNG".split(" ");
  await files(...ends.map((end) => `in/a.${end}`), "in/a.txt", "in/png", "in/.hidden.png", "in/.dir/a.png");
  expect(await found("in")).toEqual(ends.toSorted().map((end) => `in/a.${end} ()`));
  await files("tree/b.png", "tree/a/z.png", "tree/a/b/y.png", "tree/c.png");
  expect(await found("tree")).toEqual(["tree/a/b/y.png (a/b)", "tree/a/z.png (a)", "tree/b.png ()", "tree/c.png ()"]);
});

it("a file stands for itself, whatever it is called, and each once", async () => {
  await files("in/a.txt", "in/.b", "in/c.png");
  expect(await found("in/a.txt", "in/.b", "in/a.txt")).toEqual(["in/a.txt ()", "in/.b ()"]);
  // The first argument that names it says what its folder is.
  expect(await found("in/c.png", "in")).toEqual(["in/c.png ()"]);
  expect(await found("in", "in/c.png", "in", "in/*.png")).toEqual(["in/c.png ()"]);
});

it("a pattern stands for the files that match, images or not, named from its fixed part on", async () => {
  await files("in/a.png", "in/b.txt", "in/sub/c.png", "in/sub/deep/d.png");
  expect(await found("in/*")).toEqual(["in/a.png ()", "in/b.txt ()"]);
  expect(await found("in/**/*.png")).toEqual(["in/a.png ()", "in/sub/c.png (sub)", "in/sub/deep/d.png (sub/deep)"]);
  expect(await found("in/s*/*.png")).toEqual(["in/sub/c.png (sub)"]);
  // A file that is called like a pattern is itself.
  await files("in/[x].png");
  expect(await found("in/[x].png")).toEqual(["in/[x].png ()"]);
});

it("what stands for nothing is an error", async () => {
  await files("in/a.txt", "in/b.png");
  const wrong = async (arg: string, message: string): Promise<void> => {
    const error = await found(arg).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toBe(message);
  };
  await wrong("away.png", `There is no file or folder ${here.at("away.png")}.`);
  await wrong("in/*.jpg", `No file matches ${here.at("in/*.jpg")}.`);
  await wrong("away/*.jpg", `No file matches ${here.at("away/*.jpg")}.`);
  await wrong("in/a.txt/*.jpg", `No file matches ${here.at("in/a.txt/*.jpg")}.`);
  await files("empty/a.txt");
  await wrong("empty", `There is no image in ${here.at("empty")}.`);
  await files("out/a.png");
  await expect(found("out")).rejects.toThrow(/is the folder for results too.*Choose another --out/);
});

it("what is left out of a folder is told in a line, unless only failures are to be", async () => {
  await here.image("in/a.png");
  await files("in/b.txt", "in/c.mov", "in/sub/d", "in/e.pdf", `in/old/${JOURNAL_NAME}`, "in/old/f.png");
  const dry = (...more: string[]) => run(["upscale", here.at("in"), "--out", here.at("out/"), "--dry-run", ...more]);
  const named = ["in/old/", "in/b.txt", "in/c.mov"].map(here.at).join(", ");
  expect((await dry()).said[0]).toBe(`Left out, as other files or the results of other batches: ${named}, 2 more.`);
  expect((await dry("--quiet")).said.join()).not.toContain("Left out");
});

it("a URL is refused with the line that fetches it, and a file that is not an image by itself", async () => {
  for (const command of ["submit", "upscale"])
    expect(await run([command, "https://example.com/it's.jpg"])).toMatchObject({
      code: 2,
      said: [
        expect.stringContaining("Fetch it first: curl -fsSL 'https://example.com/it%27s.jpg' | magnific upscale -"),
      ],
    });
  await here.image("in/a.png");
  await here.file("in/b.jfif", "no image");
  const { code, out } = await run(["upscale", here.at("in"), "--out", here.at("out/"), "--poll", "0.01"]);
  expect({ code, failed: out.find((line) => line.startsWith("red(failed ")) }).toEqual({
    code: 1,
    failed: expect.stringMatching(/b\.jfif: image is not an image/),
  });
  expect(here.sandbox.counts.paid).toBe(1);
});

it("results of this batch and of others are no sources, unless their folder is named", async () => {
  await files("in/a.png", `in/old/${JOURNAL_NAME}`, "in/old/a.png", `in/${JOURNAL_NAME}`, "in/sub/b.jpg");
  expect(await found("in")).toEqual(["in/a.png ()", "in/sub/b.jpg (sub)"]);
  expect(await found("in/**/*.png")).toEqual(["in/a.png ()"]);
  expect(await found("in/old")).toEqual(["in/old/a.png ()"]);
  await files("out/b.png", "c.png", "more/d.png");
  expect(await found("*/*.png")).toEqual(["more/d.png (more)"]);
});

it.each<[string, string[], string[]]>([
  ["*.png", ["a.png"], ["a.jpg", "b/a.png", "a.pngx", ".a.png"]],
  ["a?.png", ["ab.png", "aä.png"], ["a.png", "abc.png"]],
  ["[ab].png", ["a.png", "b.png"], ["c.png", "ab.png"]],
  ["[!ab].png", ["c.png"], ["a.png", "b.png"]],
  ["[^ab].png", ["c.png"], ["a.png"]],
  ["[a-c]x[]].png", ["bx].png"], ["bx.png", "dx].png"]],
  ["{a,b}*.{png,jpg}", ["a.png", "b2.jpg"], ["c.png", "a.gif"]],
  ["x/{a/b,c}/*.png", ["x/a/b/1.png", "x/c/2.png"], ["x/a/3.png"]],
  ["**/a.png", ["a.png", "x/a.png", "x/y/a.png"], ["x/b.png", ".x/a.png"]],
  ["x/**", ["x/a.png", "x/y/b.txt"], ["z.png"]],
  ["a (1)*.png", ["a (1).png", "a (1) b.png"], ["a 1.png"]],
  ["a+b!@c|*.png", ["a+b!@c|.png"], ["aab!@c|.png"]],
  ["!*.png", ["!a.png"], ["a.png"]],
  ["b*", ["b\n.png"], ["a.png"]],
  ["Ä*.png", ["Äa.png"], ["ä.png"]],
])("%s stands for %j and not for %j", async (pattern, matching, others) => {
  await files(...[...matching, ...others].map((name) => `in/${name}`));
  const names = (await found(`in/${pattern}`)).map((line) => line.replace(/^in\/| \([^()]*\)$/g, ""));
  expect(names).toEqual(matching.toSorted());
});

it.skipIf(process.platform === "win32")("pipes and sockets are no images", async () => {
  await files("in/a.png");
  spawnSync("mkfifo", [here.at("in/pipe.png")]);
  expect(await found("in")).toEqual(["in/a.png ()"]);
  expect(await found("in/*.png")).toEqual(["in/a.png ()"]);
});

it.skipIf(!CAN_BE_NOBODY)("no folder is left out silently, and none is searched without need", async () => {
  await files("photos/a.png", "photos/closed/b.png");
  await chmod(here.at("photos/closed"), 0);
  await chmod(here.folder, 0o755);
  await asNobody(async () => {
    await expect(found("photos")).rejects.toThrow(/closed cannot be read \(EACCES\)/);
    expect(await found("photos/*.png")).toEqual(["photos/a.png ()"]);
  });
});

it("links to files count, links to folders and to nothing do not", async () => {
  await files("in/a.png", "more/b.png");
  await symlink(here.at("more"), here.at("in/folder.png"));
  await symlink(here.at("more/b.png"), here.at("in/link.png"));
  await symlink(here.at("away"), here.at("in/nothing.png"));
  expect(await found("in")).toEqual(["in/a.png ()", "in/link.png ()"]);
});

it("stdin becomes a file that only its owner may read, and is gone afterwards", async () => {
  const before = process.listenerCount("exit");
  const path = await withStdin("the image", async () => {
    await using inputs = await findInputs(["-", "-"], here.at("out"));
    const [file, more] = inputs.files;
    expect(more).toBeUndefined();
    expect(file?.as).toBe("-");
    expect(await readFile(file?.path ?? "", "utf8")).toBe("the image");
    expect(statSync(file?.path ?? "").mode & 0o777).toBe(0o600);
    expect(process.listenerCount("exit")).toBe(before + 1);
    return file?.path ?? "";
  });
  expect(path).toMatch(/magnific-stdin-[^/]+\/stdin$/);
  expect(existsSync(dirname(path))).toBe(false);
  expect(process.listenerCount("exit")).toBe(before);
});

it("stdin is swept away too when a later argument is wrong, or the process ends", async () => {
  vi.stubEnv("TMPDIR", here.folder);
  const { readdirSync } = await import("node:fs");
  const left = (): string[] => readdirSync(here.folder).filter((name) => name.startsWith("magnific-stdin-"));
  await expect(withStdin("x", () => findInputs(["-", here.at("away")], here.at("out")))).rejects.toThrow(
    /no file or folder/,
  );
  expect(left()).toEqual([]);
  const before = process.listeners("exit");
  await using _ = await withStdin("x", () => findInputs(["-"], here.at("out")));
  expect(left()).toHaveLength(1);
  for (const listener of process.listeners("exit")) if (!before.includes(listener)) (listener as () => void)();
  expect(left()).toEqual([]);
});

it("a terminal on stdin is an error, and a signal while it is read ends the process with 130", async () => {
  const terminal = Object.assign(new PassThrough(), { isTTY: true });
  await expect(withStdin(terminal, () => findInputs(["-"], here.at("out")))).rejects.toThrow(
    /stdin, which is a terminal/,
  );
  const exit = vi.spyOn(process, "exit").mockReturnValue(undefined as never);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    const before = process.listeners(signal);
    const own = () => process.listeners(signal).filter((listener) => !before.includes(listener));
    const pipe = new PassThrough();
    await withStdin(pipe, async () => {
      const reading = findInputs(["-"], here.at("out"));
      await expect.poll(own, { interval: 2 }).toHaveLength(1);
      own()[0]?.(signal);
      pipe.end("x");
      await (await reading)[Symbol.asyncDispose]();
    });
    expect(own()).toEqual([]);
  }
  expect(exit.mock.calls).toEqual([[130], [130], [130]]);
  exit.mockRestore();
});
