import { execFile, execFileSync } from "node:child_process";
import {
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { basename, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { MagnificError } from "../../errors/magnific-error.js";
import { FileError } from "../../errors/request-errors.js";
import { TASK_ID } from "../../test-support/client-context.js";
import type { Serve } from "../../test-support/loopback.js";
import { pngOf } from "../../test-support/png.js";
import { rejection } from "../../test-support/rejection.js";
import { tempFolder } from "../../test-support/temp-folder.js";
import { coded, replaceBuiltins, replaceFileSystem } from "./replaced-modules.js";
import { type Result, resultOf } from "./result-of.js";

const IMAGE = pngOf(300_000);
const UNIX = process.platform !== "win32";

interface Place extends Result {
  readonly folder: string;
  readonly path: string;
}

async function place(serve: Serve = (response) => void response.end(IMAGE)): Promise<Place> {
  const folder = tempFolder("save-");
  return { ...(await resultOf(serve)), folder, path: join(folder, "portrait@2x.png") };
}

const expectImage = (path: string): void => expect(Buffer.compare(readFileSync(path), IMAGE)).toBe(0);
/** Sends a part of another image, breaks off, and then has the right one. */
const another: Serve = (response, n) => {
  if (n > 0) response.end(IMAGE);
  else response.write(pngOf(400_000).subarray(0, 350_000), () => setTimeout(() => response.destroy(), 20));
};

describe("save", () => {
  it("writes the exact bytes and reports path, size and type", async () => {
    const { image, folder, path } = await place();
    expect(await image.save(path)).toEqual({ path, bytes: IMAGE.byteLength, type: "image/png" });
    expectImage(path);
    for (const other of [relative(process.cwd(), path), pathToFileURL(path)])
      expect((await image.save(other, { overwrite: true })).path).toBe(path);
    expect(readdirSync(folder)).toEqual([basename(path)]);
  });

  it("replaces a file as a whole: the old one stays until the new one is complete", async () => {
    let before = "";
    const { image, path } = await place((response) => {
      response.write(IMAGE.subarray(0, 1000));
      setTimeout(() => {
        before = readFileSync(path, "utf8");
        response.end(IMAGE.subarray(1000));
      }, 20);
    });
    writeFileSync(path, "old");
    await image.save(path, { overwrite: true });
    expect(before).toBe("old");
    expectImage(path);
  });

  it("starts the file over when the content starts over, but cannot in a pipe", async () => {
    const { image, path, folder } = await place(another);
    expect((await image.save(path)).bytes).toBe(IMAGE.byteLength);
    expectImage(path);
    if (!UNIX) return;
    const pipe = await place(another);
    const fd = openSync(join(folder, "file"), "w");
    onTestFinished(() => closeSync(fd));
    const error = await rejection(pipe.image.save(`/proc/self/fd/${fd}`), MagnificError);
    expect(error).toMatchObject({ code: "download_failed", taskId: TASK_ID });
  });

  it("leaves the old file and nothing else when the download fails", async () => {
    const { image, folder, path } = await place((response) => {
      response.writeHead(200, { "content-length": 500_000 });
      response.write(IMAGE, () => setTimeout(() => response.destroy(), 5));
    });
    writeFileSync(path, "old");
    await expect(image.save(path, { overwrite: true })).rejects.toMatchObject({
      code: "download_failed",
      taskId: TASK_ID,
    });
    expect([readFileSync(path, "utf8"), readdirSync(folder)]).toEqual(["old", [basename(path)]]);
  });
});

// @tests SaveOptions.overwrite
for (const links of [true, false])
  describe(`save without overwriting on a file system ${links ? "with" : "without"} links`, () => {
    const arrange = (): void => {
      if (!links) replaceFileSystem({ link: () => Promise.reject(coded("ENOTSUP")) });
    };

    it("fetches nothing where there is a file", async () => {
      const { image, path, server } = await place();
      arrange();
      writeFileSync(path, "old");
      const error = await rejection(image.save(path), FileError);
      expect(error).toMatchObject({ code: "file_failed", taskId: TASK_ID });
      expect(error.summary).toBe(
        `${path} could not be written: it already exists. \`overwrite: true\` replaces it, another path keeps it.`,
      );
      expect([readFileSync(path, "utf8"), server.requests]).toEqual(["old", []]);
    });

    it("keeps a file that appears while the image is fetched", async () => {
      const { image, folder, path }: Place = await place((response) => {
        writeFileSync(path, "new");
        response.end(IMAGE);
      });
      arrange();
      const error = await rejection(image.save(path), FileError);
      expect(error.message).toContain("already exists");
      expect([readFileSync(path, "utf8"), readdirSync(folder)]).toEqual(["new", [basename(path)]]);
    });
  });

describe("save refuses before it fetches anything", () => {
  const places: Readonly<Record<string, (folder: string) => string>> = {
    "a folder that does not exist": (folder) => join(folder, "none", "x.png"),
    "a file in the place of a folder": (folder) => {
      writeFileSync(join(folder, "file"), "");
      return join(folder, "file", "x.png");
    },
    "a folder of that name": (folder) => {
      mkdirSync(join(folder, "x.png"));
      return join(folder, "x.png");
    },
    ...(UNIX ? { "a device": () => "/dev/null" } : {}),
  };
  for (const [name, placeIn] of Object.entries(places))
    it(`${name}, with a FileError`, async () => {
      const { image, folder, server } = await place();
      const path = placeIn(folder);
      const before = readdirSync(folder, { recursive: true });
      const error = await rejection(image.save(path), FileError);
      expect(error.message).toContain(`${path} could not be written: `);
      expect(error).toMatchObject({ code: "file_failed", taskId: TASK_ID });
      expect([server.requests, readdirSync(folder, { recursive: true })]).toEqual([[], before]);
      if (name.includes("device")) expect(lstatSync(path).isCharacterDevice()).toBe(true);
    });

  it.each([new URL("https://example.com/x.png"), undefined])("%s, which is not a path", async (path) => {
    const { image, server } = await place();
    const error = await rejection(image.save(path as URL), FileError);
    expect(error.summary).toBe(`${path} could not be written: it is neither a path nor a file: URL.`);
    expect([error.taskId, server.requests]).toEqual([TASK_ID, []]);
  });

  it.each(["node:fs", "node:fs/promises", "node:path", "node:url"])("a runtime without %s", async (missing) => {
    const { image, path, server } = await place();
    replaceBuiltins((name, actual) => (name === missing ? undefined : actual));
    const error = await rejection((async () => image.save(path))(), MagnificError);
    expect(error).toMatchObject({ code: "configuration", message: expect.stringContaining("bytes()") });
    expect(server.requests).toEqual([]);
  });
});

describe.runIf(UNIX)("save to what is not a regular file", () => {
  it("writes into a named pipe, whose reader may come later", async () => {
    const { image, path } = await place();
    execFileSync("mkfifo", [path]);
    const saving = image.save(path);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const read = await new Promise<Buffer>((resolve, reject) => {
      const options = { encoding: "buffer", maxBuffer: 1_000_000 } as const;
      execFile("cat", [path], options, (error, stdout) => (error ? reject(error) : resolve(stdout)));
    });
    expect(await saving).toEqual({ path, bytes: IMAGE.byteLength, type: "image/png" });
    expect(Buffer.compare(read, IMAGE)).toBe(0);
    expect(lstatSync(path).isFIFO()).toBe(true);
  });

  it("gives up on a named pipe that nobody reads, by signal and by deadline", async () => {
    const { image, path, server } = await place();
    execFileSync("mkfifo", [path]);
    const reason = new Error("enough");
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 30);
    const { signal } = controller;
    const aborted = { code: "aborted", cause: reason };
    expect(await rejection(image.save(path, { signal }), MagnificError)).toMatchObject(aborted);
    expect(await rejection(image.save(path, { timeout: 500 }), MagnificError)).toMatchObject({ code: "timeout" });
    expect(server.requests).toEqual([]);
  });

  it("writes into a descriptor of the process, behind what stands there, and leaves it open", async () => {
    const { image, folder, path } = await place();
    const file = join(folder, "file");
    const fd = openSync(file, "w");
    onTestFinished(() => closeSync(fd));
    writeSync(fd, "before");
    symlinkSync(`/dev/fd/${fd}`, path);
    await image.save(path);
    writeSync(fd, "after");
    const expected = Buffer.concat([Buffer.from("before"), IMAGE, Buffer.from("after")]);
    expect(Buffer.compare(readFileSync(file), expected)).toBe(0);
  });
});

describe("when the file system fails, save", () => {
  /** Notes each step, and fails at those that begin so. */
  function noted(faults: Readonly<Record<string, unknown>> = {}): string[] {
    const log: string[] = [];
    const actual = process.getBuiltinModule("node:fs/promises");
    const step = async <T>(text: string, run: () => Promise<T>): Promise<T> => {
      log.push(text);
      // A file is closed all the same.
      if (text in faults && text.startsWith("close")) await run();
      if (text in faults) throw faults[text];
      return run();
    };
    replaceFileSystem({
      open: (path: string, flags: string) =>
        step(`open ${flags === "r" ? "folder" : "draft"}`, async () => {
          const file = await actual.open(path, flags);
          const of = flags === "r" ? "folder" : "draft";
          const { close, sync } = file;
          return Object.assign(file, {
            sync: () => step(`sync ${of}`, () => sync.call(file)),
            close: () => step(`close ${of}`, () => close.call(file)),
          });
        }),
      rename: (from: string, to: string) => step("rename", () => actual.rename(from, to)),
    });
    return log;
  }

  it("has synced the draft before the rename, and the folder after it where that is possible", async () => {
    const { image, path } = await place();
    const faults: Record<string, unknown> = {};
    const log = noted(faults);
    await image.save(path, { overwrite: true });
    const draft = ["open draft", "sync draft", "close draft"];
    expect(log).toEqual([...draft, "rename", "open folder", "sync folder", "close folder"]);
    for (const step of log.slice(4)) {
      faults[step] = coded("EPERM");
      expect((await image.save(path, { overwrite: true })).bytes).toBe(IMAGE.byteLength);
    }
  });

  it.each<[string, unknown, string]>([
    ["sync draft", coded("EIO"), "EIO"],
    ["close draft", coded("EDQUOT"), "EDQUOT"],
    ["rename", coded("EXDEV"), "EXDEV"],
    ["rename", Object.assign(new Error("odd"), { code: 5 }), "Error: odd"],
    ["rename", "odd", "odd"],
  ])("leaves nothing of a draft when %s fails with %s, and says why", async (step, fault, reason) => {
    const { image, folder, path, server } = await place();
    noted({ [step]: fault });
    const error = await rejection(image.save(path, { overwrite: true }), FileError);
    expect(error.summary).toBe(`${path} could not be written: ${reason}.`);
    expect([error.taskId, error.cause]).toEqual([TASK_ID, fault]);
    await server.idle();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("reports a full disk, and continues short writes", async () => {
    const { image, folder, path } = await place();
    const { open } = process.getBuiltinModule("node:fs/promises");
    let full = false;
    replaceFileSystem({
      open: async (...args: Parameters<typeof open>) => {
        const file = await open(...args);
        const write = file.write.bind(file) as (...all: [Uint8Array, number, number, number]) => unknown;
        const short = (bytes: Uint8Array, offset: number, length: number, at: number) =>
          full ? Promise.reject(coded("ENOSPC")) : write(bytes, offset, Math.min(length, 9_999), at);
        return Object.assign(file, { write: short });
      },
    });
    await image.save(path);
    expectImage(path);
    full = true;
    expect((await rejection(image.save(path, { overwrite: true }), FileError)).message).toContain("ENOSPC");
    expectImage(path);
    expect(readdirSync(folder)).toEqual([basename(path)]);
  });
});
