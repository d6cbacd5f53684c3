import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { FileError } from "../errors/file-error.js";
import { clientContext, TASK_ID } from "../testing/client-context.js";
import { CompressedTime } from "../testing/compressed-time.js";
import { type Loopback, loopback, noisePng, type Serve } from "../testing/loopback.js";
import { ResultImage } from "./result-image.js";

const IMAGE = noisePng(300_000);

interface Ground {
  readonly server: Loopback;
  readonly image: ResultImage;
  readonly folder: string;
  readonly path: string;
}

async function ground(serve: Serve = (response) => void response.end(IMAGE)): Promise<Ground> {
  const server = await loopback(serve);
  const results = { hosts: [], origin: server.origin, maxBytes: 1024 ** 3 };
  const image = new ResultImage(
    clientContext({ time: new CompressedTime(20), results }),
    `${server.origin}/x`,
    TASK_ID,
  );
  const folder = mkdtempSync(join(tmpdir(), "save-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return { server, image, folder, path: join(folder, "portrait@2x.png") };
}

describe("save", () => {
  it("writes the exact bytes and says path, size and type", async () => {
    const { image, folder, path } = await ground();
    expect(await image.save(path)).toEqual({ path, bytes: IMAGE.byteLength, type: "image/png" });
    expect(Buffer.compare(readFileSync(path), IMAGE)).toBe(0);
    expect(readdirSync(folder)).toEqual([basename(path)]);
  });

  it("takes relative paths and file: URLs", async () => {
    const { image, path } = await ground();
    expect((await image.save(relative(process.cwd(), path))).path).toBe(path);
    expect((await image.save(pathToFileURL(path))).path).toBe(path);
  });

  it("replaces a file as a whole: until then the old one stands", async () => {
    let old = "";
    const { image, path } = await ground((response) => {
      response.write(IMAGE.subarray(0, 1000));
      setTimeout(() => {
        old = readFileSync(path, "utf8");
        response.end(IMAGE.subarray(1000));
      }, 20);
    });
    writeFileSync(path, "old");
    await image.save(path);
    expect(old).toBe("old");
    expect(readFileSync(path)).toHaveLength(IMAGE.byteLength);
  });

  it("starts the file over when the content starts over", async () => {
    const longer = noisePng(400_000);
    const { image, path } = await ground((response, n) => {
      if (n > 0) response.end(IMAGE);
      else response.write(longer.subarray(0, 350_000), () => setTimeout(() => response.destroy(), 20));
    });
    expect((await image.save(path)).bytes).toBe(IMAGE.byteLength);
    expect(Buffer.compare(readFileSync(path), IMAGE)).toBe(0);
  });

  it("leaves the old file and nothing else when the download fails", async () => {
    const { image, folder, path } = await ground((response) => {
      response.writeHead(200, { "content-length": 500_000 });
      response.write(IMAGE, () => setTimeout(() => response.destroy(), 5));
    });
    writeFileSync(path, "old");
    await expect(image.save(path)).rejects.toMatchObject({ code: "download_failed", taskId: TASK_ID });
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(folder)).toEqual([basename(path)]);
  });
});

// @tests SaveOptions.overwrite
describe("save with overwrite: false", () => {
  it("writes where nothing is", async () => {
    const { image, folder, path } = await ground();
    await image.save(path, { overwrite: false });
    expect(readFileSync(path)).toHaveLength(IMAGE.byteLength);
    expect(readdirSync(folder)).toEqual([basename(path)]);
  });

  it("fetches nothing where a file is", async () => {
    const { image, path, server } = await ground();
    writeFileSync(path, "old");
    await expect(image.save(path, { overwrite: false })).rejects.toMatchObject({
      code: "file_failed",
      taskId: TASK_ID,
    });
    expect(server.requests).toHaveLength(0);
    expect(readFileSync(path, "utf8")).toBe("old");
  });

  it("leaves alone a file that comes while the image is fetched", async () => {
    const here: Ground = await ground((response) => {
      writeFileSync(here.path, "new");
      response.end(IMAGE);
    });
    await expect(here.image.save(here.path, { overwrite: false })).rejects.toThrow(/there already/);
    expect(readFileSync(here.path, "utf8")).toBe("new");
    expect(readdirSync(here.folder)).toEqual([basename(here.path)]);
  });

  it("does without links where a file system has none", async () => {
    const here: Ground = await ground();
    const actual = process.getBuiltinModule("node:fs/promises");
    const link = (): Promise<void> => Promise.reject(Object.assign(new Error("no links"), { code: "ENOTSUP" }));
    withBuiltins((name) => (name === "node:fs/promises" ? { ...actual, link } : undefined));
    await here.image.save(here.path, { overwrite: false });
    expect(readFileSync(here.path)).toHaveLength(IMAGE.byteLength);
    expect(readdirSync(here.folder)).toEqual([basename(here.path)]);
  });
});

describe("save where it cannot", () => {
  const places: Readonly<Record<string, (folder: string) => string>> = {
    "a folder that is not there": (folder) => join(folder, "none", "x.png"),
    "a file as a folder": (folder) => {
      writeFileSync(join(folder, "file"), "");
      return join(folder, "file", "x.png");
    },
    "a folder of that name": (folder) => {
      mkdirSync(join(folder, "x.png"));
      return join(folder, "x.png");
    },
    "a link in a circle": (folder) => {
      symlinkSync(join(folder, "b"), join(folder, "a"));
      symlinkSync(join(folder, "a"), join(folder, "b"));
      return join(folder, "a", "x.png");
    },
  };
  for (const [name, placeIn] of Object.entries(places))
    it(`${name}: a FileError before anything is fetched`, async () => {
      const { image, folder, server } = await ground();
      const place = placeIn(folder);
      const before = readdirSync(folder, { recursive: true });
      const error = await image.save(place).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(FileError);
      expect((error as FileError).message).toContain(place);
      expect(error).toMatchObject({ code: "file_failed", taskId: TASK_ID });
      expect(server.requests).toHaveLength(0);
      expect(readdirSync(folder, { recursive: true })).toEqual(before);
    });

  it("a disk that is full: a FileError, and no file", async () => {
    const here = await ground();
    const actual = process.getBuiltinModule("node:fs/promises");
    withBuiltins((name) => {
      if (name !== "node:fs/promises") return undefined;
      const open = async (...given: Parameters<typeof actual.open>) => {
        const file = await actual.open(...given);
        file.write = (() => Promise.reject(Object.assign(new Error("full"), { code: "ENOSPC" }))) as typeof file.write;
        return file;
      };
      return { ...actual, open };
    });
    await expect(here.image.save(here.path)).rejects.toMatchObject({
      code: "file_failed",
      message: expect.stringMatching(/ENOSPC/),
    });
    await here.server.idle();
    expect(readdirSync(here.folder)).toEqual([]);
  });

  it("short writes are continued", async () => {
    const here = await ground();
    const actual = process.getBuiltinModule("node:fs/promises");
    withBuiltins((name) => {
      if (name !== "node:fs/promises") return undefined;
      const open = async (...given: Parameters<typeof actual.open>) => {
        const file = await actual.open(...given);
        const write = file.write.bind(file) as (...args: unknown[]) => Promise<{ bytesWritten: number }>;
        file.write = ((bytes: Uint8Array, offset: number, length: number, position: number) =>
          write(bytes, offset, Math.min(length, 999), position)) as typeof file.write;
        return file;
      };
      return { ...actual, open };
    });
    await here.image.save(here.path);
    expect(Buffer.compare(readFileSync(here.path), IMAGE)).toBe(0);
  });

  it("a runtime without files: a ConfigurationError that names the other ways", async () => {
    const here = await ground();
    vi.spyOn(process, "getBuiltinModule").mockImplementation((() => undefined) as never);
    onTestFinished(() => void vi.restoreAllMocks());
    await expect(here.image.save(here.path)).rejects.toMatchObject({
      code: "configuration",
      message: expect.stringMatching(/bytes\(\)/),
    });
    expect(here.server.requests).toHaveLength(0);
  });
});

/** Replaces what `process.getBuiltinModule` gives, for file systems that cannot be had here. */
function withBuiltins(replacement: (name: string) => object | undefined): void {
  const actual = process.getBuiltinModule.bind(process) as (name: string) => object | undefined;
  vi.spyOn(process, "getBuiltinModule").mockImplementation(
    ((name: string) => replacement(name) ?? actual(name)) as never,
  );
  onTestFinished(() => void vi.restoreAllMocks());
}
