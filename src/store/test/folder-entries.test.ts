/** The files of a task store in a folder: their content, what never stays behind, and what happens when they cannot be used. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { TASK_ID } from "../../test-support/client-context.js";
import { fileTaskStore } from "../file-task-store.js";
import { memoryTaskStore } from "../task-store.js";

const DIGEST = "0f".repeat(32);

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "magnific-entries-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

describe("an entry", () => {
  it("says from the first moment that a send is under way", async () => {
    const path = folder();
    await fileTaskStore(path).begin(DIGEST, 7);
    expect(JSON.parse(readFileSync(join(path, `${DIGEST}.json`), "utf8"))).toEqual({ state: "sending", at: 7 });
  });

  it("that says it is being sent is believed, whatever else it says", async () => {
    const path = folder();
    writeFileSync(join(path, `${DIGEST}.json`), JSON.stringify({ state: "sending", taskId: TASK_ID, at: 5 }));
    expect(await fileTaskStore(path).begin(DIGEST, 9)).toEqual({ state: "sending", at: 5 });
  });

  it("keeps the moment of the first that began, however often another tries", async () => {
    for (const store of [memoryTaskStore(), fileTaskStore(folder())]) {
      for (const at of [1, 2, 3]) await store.begin(DIGEST, at);
      expect(await store.begin(DIGEST, 4)).toEqual({ state: "sending", at: 1 });
    }
  });

  it("has a hexadecimal name and nothing around it", async () => {
    const store = fileTaskStore(folder());
    for (const name of [
      `../${DIGEST}`,
      `${DIGEST}/../x`,
      `${DIGEST}\n`,
      `x${DIGEST}`,
      "0f",
      "0f".repeat(65),
      "",
      "AB".repeat(32),
    ])
      await expect(store.begin(name, 1), name).rejects.toThrow("hexadecimal");
    expect(() => fileTaskStore("")).toThrow("folder");
  });
});

describe("a damaged entry", () => {
  it.each([
    [
      "of an impossible moment",
      { state: "sent", taskId: TASK_ID, at: 1e300 },
      { state: "sent", taskId: TASK_ID, at: 9 },
    ],
    ["whose moment is text", { state: "sending", at: "soon" }, { state: "sending", at: 9 }],
    ["that is not an object", 7, { state: "sending", at: 9 }],
  ])("%s is read as far as it makes sense", async (_name, entry, expected) => {
    const path = folder();
    writeFileSync(join(path, `${DIGEST}.json`), JSON.stringify(entry));
    expect(await fileTaskStore(path).begin(DIGEST, 9)).toEqual(expected);
  });

  it.skipIf(process.platform === "win32")(
    "that is a symlink to nothing is written through, and the link stays",
    async () => {
      const path = folder();
      const link = join(path, `${DIGEST}.json`);
      symlinkSync("elsewhere.json", link);
      const store = fileTaskStore(path);
      expect(await store.begin(DIGEST, 1)).toBeUndefined();
      await store.finish(DIGEST, TASK_ID, 2);
      expect(await store.begin(DIGEST, 3)).toEqual({ state: "sent", taskId: TASK_ID, at: 2 });
      expect(readlinkSync(link)).toBe("elsewhere.json");
    },
  );
});

describe("a folder that cannot be used", () => {
  it("for reading says why", async () => {
    const path = folder();
    mkdirSync(join(path, `${DIGEST}.json`));
    await expect(fileTaskStore(path).begin(DIGEST, 1)).rejects.toMatchObject({ code: "EISDIR" });
  });

  it("for writing says why, and keeps no draft", async () => {
    const path = folder();
    mkdirSync(join(path, `${DIGEST}.json`));
    await expect(fileTaskStore(path).finish(DIGEST, TASK_ID, 1)).rejects.toThrow("it is a folder");
    expect(readdirSync(path)).toEqual([`${DIGEST}.json`]);
  });
});

it("an entry that another forgets in the same moment is no failure", async () => {
  const store = fileTaskStore(folder());
  const one = async (): Promise<void> => {
    for (let turn = 0; turn < 8; turn++) {
      await store.begin(DIGEST, turn);
      await store.forget(DIGEST);
    }
  };
  await Promise.all([one(), one(), one(), one()]);
  expect(await store.begin(DIGEST, 1)).toBeUndefined();
});

it.skipIf(!existsSync("/proc/self/fd"))("no file stays open", async () => {
  const path = folder();
  const store = fileTaskStore(path);
  await store.begin(DIGEST, 1);
  await store.finish(DIGEST, TASK_ID, 2);
  await store.forget(DIGEST);
  const open = readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return [];
    }
  });
  expect(open.filter((file) => file.startsWith(path))).toEqual([]);
});
