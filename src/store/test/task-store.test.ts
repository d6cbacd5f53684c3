/** The stores by themselves, and the files of the one in a folder. */
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { memoryTaskStore } from "../../index.js";
import { fileTaskStore } from "../../node.js";
import { TASK_ID } from "../../test-support/client-context.js";
import { CAN_MOUNT, smallDisk } from "../../test-support/small-disk.js";
import { tempFolder } from "../../test-support/temp-folder.js";

const DIGEST = "0f".repeat(32);
const FILE = `${DIGEST}.json`;

function folder(): string {
  const path = tempFolder("magnific-store-");
  return path;
}

describe.each([
  ["memoryTaskStore", memoryTaskStore],
  ["fileTaskStore", () => fileTaskStore(join(folder(), "made", "when", "needed"))],
])("%s", (_name, make) => {
  it("keeps the entry of the first that began until it is forgotten", async () => {
    const store = make();
    expect(await store.begin(DIGEST, 1)).toBeUndefined();
    for (const at of [2, 3]) expect(await store.begin(DIGEST, at)).toEqual({ state: "sending", at: 1 });
    await store.finish(DIGEST, TASK_ID, 3);
    expect(await store.begin(DIGEST, 4)).toEqual({ state: "sent", taskId: TASK_ID, at: 3 });
    await store.forget(DIGEST);
    await store.forget(DIGEST);
    expect(await store.begin(DIGEST, 5)).toBeUndefined();
  });

  it("lets exactly one of many begin", async () => {
    const store = make();
    const all = await Promise.all(Array.from({ length: 20 }, () => store.begin(DIGEST, 1)));
    expect(all.filter((one) => one === undefined).length).toBe(1);
  });

  it("can begin an entry that others forget at the same moment", async () => {
    const store = make();
    const one = async (): Promise<void> => {
      for (let turn = 0; turn < 8; turn++) {
        await store.begin(DIGEST, turn);
        await store.forget(DIGEST);
      }
    };
    await Promise.all([one(), one(), one(), one()]);
    expect(await store.begin(DIGEST, 1)).toBeUndefined();
  });
});

describe("fileTaskStore in its folder", () => {
  it("writes complete entries, and leaves neither drafts nor open files", async () => {
    const path = folder();
    const store = fileTaskStore(path);
    const entry = (): unknown => JSON.parse(readFileSync(join(path, FILE), "utf8"));
    await store.begin(DIGEST, 7);
    expect(entry()).toEqual({ state: "sending", at: 7 });
    await store.finish(DIGEST, TASK_ID, 8);
    expect(entry()).toEqual({ state: "sent", taskId: TASK_ID, at: 8 });
    expect(readdirSync(path)).toEqual([FILE]);
    await store.forget(DIGEST);
    const fds = existsSync("/proc/self/fd") ? readdirSync("/proc/self/fd").map((fd) => `/proc/self/fd/${fd}`) : [];
    expect(fds.filter((fd) => existsSync(fd) && readlinkSync(fd).startsWith(path))).toEqual([]);
  });

  it.each([
    ["", 9],
    ['{"state":"sent"', 9],
    ['{"state":"sent","taskId":7}', 9],
    [`{"state":"sending","taskId":"${TASK_ID}","at":5}`, 5],
    [`{"state":"sending","at":1e300}`, 9],
  ])("takes the entry %s for a send of unknown outcome", async (text, at) => {
    const path = folder();
    writeFileSync(join(path, FILE), text);
    expect(await fileTaskStore(path).begin(DIGEST, 9)).toEqual({ state: "sending", at });
  });

  it.each([
    "../x",
    "",
    "AB".repeat(32),
    `../${DIGEST}`,
    `${DIGEST}/../x`,
    `${DIGEST}\n`,
    `x${DIGEST}`,
    "0f".repeat(65),
  ])("gives no access to another file by the digest %j", async (digest) => {
    await expect(fileTaskStore(folder()).begin(digest, 1)).rejects.toThrow("hexadecimal");
  });

  it("gives up an entry that leads nowhere", async () => {
    const path = folder();
    symlinkSync(join(path, "nothing"), join(path, FILE));
    await expect(fileTaskStore(path).begin(DIGEST, 1)).rejects.toThrow("can be neither made nor read");
    expect(readdirSync(path)).toEqual([FILE]);
  });

  it("says why it cannot be used", async () => {
    const path = folder();
    mkdirSync(join(path, FILE));
    await expect(fileTaskStore(path).begin(DIGEST, 1)).rejects.toMatchObject({ code: "EISDIR" });
    await expect(fileTaskStore(path).finish(DIGEST, TASK_ID, 1)).rejects.toMatchObject({ code: "EISDIR" });
    expect(readdirSync(path)).toEqual([FILE]);
    expect(() => fileTaskStore("")).toThrow("folder");
  });

  it.skipIf(!CAN_MOUNT)("leaves no draft on a full disk, and its entry as it was", async () => {
    const path = folder();
    await using disk = await smallDisk(path);
    const store = fileTaskStore(path);
    disk.fill();
    await expect(store.begin(DIGEST, 1)).rejects.toMatchObject({ code: "ENOSPC" });
    expect(readdirSync(path)).toEqual(["ballast"]);
    disk.clear();
    expect(await store.begin(DIGEST, 2)).toBeUndefined();
    disk.fill();
    await expect(store.finish(DIGEST, TASK_ID, 3)).rejects.toMatchObject({ code: "ENOSPC" });
    expect(readdirSync(path).sort()).toEqual([FILE, "ballast"]);
    expect(await store.begin(DIGEST, 4)).toEqual({ state: "sending", at: 2 });
  });
});
