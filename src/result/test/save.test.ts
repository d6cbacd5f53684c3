import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { FileError } from "../../errors/file-error.js";
import { clientContext, TASK_ID } from "../../test-support/client-context.js";
import { CompressedTime } from "../../test-support/compressed-time.js";
import { type Loopback, loopback, noisePng, type Serve } from "../../test-support/loopback.js";
import { ResultImage } from "../result-image.js";

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
    withWrite(() => () => Promise.reject(Object.assign(new Error("full"), { code: "ENOSPC" })));
    await expect(here.image.save(here.path)).rejects.toMatchObject({
      code: "file_failed",
      message: expect.stringMatching(/ENOSPC/),
    });
    await here.server.idle();
    expect(readdirSync(here.folder)).toEqual([]);
  });

  it("short writes are continued", async () => {
    const here = await ground();
    withWrite((write) => (bytes, offset, length, position) => write(bytes, offset, Math.min(length, 999), position));
    await here.image.save(here.path);
    expect(Buffer.compare(readFileSync(here.path), IMAGE)).toBe(0);
  });

  it.each([new URL("https://example.com/x.png"), undefined])("no path, %s, is a FileError", async (path) => {
    const here = await ground();
    const error = await here.image.save(path as URL).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(FileError);
    expect(error).toMatchObject({
      message: `${path} could not be written: it is neither a path nor a file: URL.`,
      taskId: TASK_ID,
    });
    expect(here.server.requests).toHaveLength(0);
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

describe("what save does to the files", () => {
  type Fault = Readonly<Record<string, unknown>>;

  /** Notes each step, and fails at those that are told. */
  function noted(faults: Fault = {}): string[] {
    const log: string[] = [];
    const actual = process.getBuiltinModule("node:fs/promises");
    const name = (path: unknown): string => basename(String(path)).replace(/^save-.*/, "folder");
    const step = <T>(text: string, run: () => Promise<T>): Promise<T> => {
      log.push(text);
      const fault = Object.entries(faults).find(([which]) => text.startsWith(which));
      return fault === undefined ? run() : Promise.reject(fault[1]);
    };
    const open = (path: string, flags: string): Promise<unknown> =>
      step(`open ${name(path)} ${flags}`, async () => {
        const file = await actual.open(path, flags);
        const of = flags === "r" ? "folder" : "file";
        return {
          write: (...given: Parameters<typeof file.write>) => file.write(...given),
          truncate: (length: number) => step(`truncate ${length}`, () => file.truncate(length)),
          sync: () => step(`sync ${of}`, () => file.sync()),
          close: async () => {
            await file.close();
            await step(`close ${of}`, async () => {});
          },
        };
      });
    const fs = {
      open,
      stat: actual.stat,
      rename: (from: string, to: string) => step(`rename ${name(from)} ${name(to)}`, () => actual.rename(from, to)),
      link: (from: string, to: string) => step(`link ${name(from)} ${name(to)}`, () => actual.link(from, to)),
      unlink: (path: string) => step(`unlink ${name(path)}`, () => actual.unlink(path)),
    };
    withBuiltins((which) => (which === "node:fs/promises" ? fs : undefined));
    return log;
  }

  const plain = (log: readonly string[]): string[] =>
    log.map((text) => text.replace(/\.magnific-[\da-f-]{36}\.part/, "PART").replace("portrait@2x.png", "TARGET"));
  const coded = (code: string): Error => Object.assign(new Error("no"), { code });

  it("writes beside the target, syncs, closes, moves and syncs the folder", async () => {
    const { image, path, folder } = await ground();
    const log = noted();
    await image.save(path);
    expect(plain(log)).toEqual([
      "open PART wx",
      "sync file",
      "close file",
      "rename PART TARGET",
      `open ${basename(folder).replace(/^save-.*/, "folder")} r`,
      "sync folder",
      "close folder",
    ]);
    expect(log[0]).toMatch(/^open \.magnific-[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\.part wx$/);
  });

  it("links where it must not replace", async () => {
    const { image, path } = await ground();
    const log = noted();
    await image.save(path, { overwrite: false });
    expect(plain(log).slice(3, 5)).toEqual(["link PART TARGET", "unlink PART"]);
    expect(plain(log).filter((text) => text.startsWith("rename"))).toEqual([]);
  });

  it("empties the file once, and only where the content begins anew", async () => {
    const { image, path } = await ground((response, n) => {
      if (n > 0) response.end(IMAGE);
      else response.write(IMAGE.subarray(0, 100_000), () => setTimeout(() => response.destroy(), 20));
    });
    const log = noted();
    await image.save(path);
    expect(log.filter((text) => text.startsWith("truncate"))).toEqual(["truncate 0"]);
  });

  it.each<[string, Fault, string]>([
    ["opened", { "open .magnific": coded("EACCES") }, "EACCES"],
    ["synced", { "sync file": coded("EIO") }, "EIO"],
    ["closed", { "close file": coded("EDQUOT") }, "EDQUOT"],
    ["moved", { rename: coded("EXDEV") }, "EXDEV"],
    ["moved, by an error without a code", { rename: new Error("odd") }, "Error: odd"],
    [
      "moved, by an error whose code is a number",
      { rename: Object.assign(new Error("odd"), { code: 5 }) },
      "Error: odd",
    ],
    ["moved, by what is no error", { rename: "odd" }, "odd"],
  ])("leaves nothing when it cannot be %s, and says why", async (_name, faults, reason) => {
    const { image, folder, path, server } = await ground();
    const log = noted(faults);
    const error = await image.save(path).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(FileError);
    expect(error).toMatchObject({
      message: `${path} could not be written: ${reason}.`,
      taskId: TASK_ID,
      cause: Object.values(faults)[0],
    });
    await server.idle();
    expect(readdirSync(folder)).toEqual([]);
    expect(log.filter((text) => text === "close file")).toHaveLength(log.length > 1 ? 1 : 0);
  });

  it("closes the file when the download fails", async () => {
    const { image, path } = await ground((response) => void response.writeHead(404).end());
    const log = noted();
    await expect(image.save(path)).rejects.toMatchObject({ code: "download_failed", status: 404 });
    expect(plain(log)).toEqual(["open PART wx", "close file", "unlink PART"]);
  });

  it.each(["open folder", "open save-", "sync folder", "close folder"])(
    "is done where a folder cannot be synced: %s fails",
    async (which) => {
      const { image, path } = await ground();
      noted({ [which]: coded("EPERM") });
      expect((await image.save(path)).bytes).toBe(IMAGE.byteLength);
    },
  );

  it("does not replace a file that comes meanwhile, where there are no links either", async () => {
    const here: Ground = await ground((response) => {
      writeFileSync(here.path, "new");
      response.end(IMAGE);
    });
    noted({ link: coded("ENOTSUP") });
    await expect(here.image.save(here.path, { overwrite: false })).rejects.toMatchObject({
      message: `${here.path} could not be written: it is there already, and \`overwrite\` is false.`,
      taskId: TASK_ID,
    });
    expect(readFileSync(here.path, "utf8")).toBe("new");
    expect(readdirSync(here.folder)).toEqual([basename(here.path)]);
  });

  it("says of a folder what it is", async () => {
    const { image, folder, path } = await ground();
    mkdirSync(path);
    await expect(image.save(path)).rejects.toHaveProperty("message", `${path} could not be written: it is a folder.`);
    expect(readdirSync(folder)).toEqual([basename(path)]);
  });

  it.each(["node:fs/promises", "node:path", "node:url"])("needs %s", async (missing) => {
    const { image, path, server } = await ground();
    const actual = process.getBuiltinModule.bind(process) as (name: string) => object | undefined;
    vi.spyOn(process, "getBuiltinModule").mockImplementation(((name: string) =>
      name === missing ? undefined : actual(name)) as never);
    onTestFinished(() => void vi.restoreAllMocks());
    await expect((async () => image.save(path))()).rejects.toMatchObject({ code: "configuration" });
    expect(server.requests).toHaveLength(0);
  });
});

/** Replaces what `process.getBuiltinModule` gives, for file systems that cannot be had here. */
type Write = (bytes: Uint8Array, offset: number, length: number, position: number) => Promise<unknown>;

/** Opens files that write in another way. */
function withWrite(changed: (write: Write) => Write): void {
  const actual = process.getBuiltinModule("node:fs/promises");
  const open = async (...given: Parameters<typeof actual.open>) => {
    const file = await actual.open(...given);
    file.write = changed(file.write.bind(file)) as typeof file.write;
    return file;
  };
  withBuiltins((name) => (name === "node:fs/promises" ? { ...actual, open } : undefined));
}

function withBuiltins(replacement: (name: string) => object | undefined): void {
  const actual = process.getBuiltinModule.bind(process) as (name: string) => object | undefined;
  vi.spyOn(process, "getBuiltinModule").mockImplementation(
    ((name: string) => replacement(name) ?? actual(name)) as never,
  );
  onTestFinished(() => void vi.restoreAllMocks());
}
