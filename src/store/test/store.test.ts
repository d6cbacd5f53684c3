/** The same request is paid for once: in one call after another, at once, and from several processes. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Magnific } from "../../client.js";
import { MagnificError } from "../../errors/magnific-error.js";
import type { MagnificOptions } from "../../options.js";
import { TASK_ID } from "../../test-support/client-context.js";
import { type Loopback, loopback, type Serve } from "../../test-support/loopback.js";
import { pngOf } from "../../test-support/png.js";
import { created } from "../../test-support/provider.js";
import { rejection } from "../../test-support/rejection.js";
import { SteppingTime } from "../../test-support/stepping-time.js";
import { fileTaskStore } from "../file-task-store.js";
import { memoryTaskStore, type TaskStore } from "../task-store.js";

const scratch = mkdtempSync(join(tmpdir(), "magnific-store-"));
afterAll(() => rmSync(scratch, { recursive: true }));
let folders = 0;
const folder = (): string => join(scratch, String(++folders), "made", "when", "needed");

const image = pngOf(5_000);
const refused =
  (status: number): Serve =>
  (response, _n, request) => {
    request.resume();
    request.on("end", () => response.writeHead(status, { "content-type": "application/json" }).end('{"message":"no"}'));
  };

function clientOf(server: Loopback, store: TaskStore, options: MagnificOptions = {}): Magnific {
  return new Magnific({ apiKey: "key", baseUrl: server.origin, store, time: new SteppingTime([60_000]), ...options });
}

for (const [name, make] of [
  ["memoryTaskStore", memoryTaskStore],
  ["fileTaskStore", () => fileTaskStore(folder())],
] as const) {
  describe(name, () => {
    it("gives an entry back until it is forgotten", async () => {
      const store = make();
      const digest = "ab".repeat(32);
      expect(await store.begin(digest, 1)).toBeUndefined();
      expect(await store.begin(digest, 2)).toEqual({ state: "sending", at: 1 });
      await store.finish(digest, TASK_ID, 3);
      expect(await store.begin(digest, 4)).toEqual({ state: "sent", taskId: TASK_ID, at: 3 });
      await store.forget(digest);
      await store.forget(digest);
      expect(await store.begin(digest, 5)).toBeUndefined();
    });

    it("lets exactly one of many begin", async () => {
      const store = make();
      const digest = "cd".repeat(32);
      const all = await Promise.all(Array.from({ length: 20 }, () => store.begin(digest, 1)));
      expect(all.filter((one) => one === undefined).length).toBe(1);
    });

    it("gives the task of an earlier submit without sending, also to a client that knows nothing else of it", async () => {
      const server = await loopback(created);
      const store = make();
      const first = await clientOf(server, store).submit({ image, sharpen: 3 });
      const again = await clientOf(server, store).submit({ sharpen: 3, image: new Blob([image]) });
      expect([again.id, again.digest]).toEqual([first.id, first.digest]);
      expect(server.requests.length).toBe(1);
      await clientOf(server, store).submit({ image, sharpen: 4 });
      expect(server.requests.length).toBe(2);
    });

    it("lets two submits at once be one", async () => {
      const server = await loopback(created);
      const store = make();
      const magnific = clientOf(server, store);
      const all = await Promise.all([
        magnific.submit({ image }),
        clientOf(server, store).submit({ image }),
        magnific.submit({ image }),
      ]);
      expect(new Set(all.map(({ id }) => id)).size).toBe(1);
      expect(server.requests.length).toBe(1);
    });

    it("reports an earlier send of unknown outcome instead of repeating it, until it is forgotten", async () => {
      const server = await loopback((response, n, request) =>
        n === 0 ? response.destroy() : created(response, n, request),
      );
      const store = make();
      const magnific = clientOf(server, store);
      const lost = await rejection(magnific.submit({ image }), MagnificError);
      expect(lost).toMatchObject({ submission: "unknown", digest: expect.stringMatching(/^[\da-f]{64}$/) });
      const error = await rejection(magnific.submit({ image }), MagnificError);
      expect(error).toMatchObject({ code: "submission_unknown", submission: "unknown", digest: lost.digest });
      expect(server.requests.length).toBe(1);
      await store.forget(lost.digest ?? "");
      expect((await magnific.submit({ image })).id).toBe(TASK_ID);
    });

    it("forgets a request that made no task", async () => {
      for (const status of [400, 401, 402, 403, 413, 429]) {
        const server = await loopback((response, n, request) =>
          (n === 0 ? refused(status) : created)(response, n, request),
        );
        const magnific = clientOf(server, make(), { retry: 0 });
        expect(await rejection(magnific.submit({ image }), MagnificError), String(status)).toMatchObject({
          status,
          submission: "rejected",
        });
        expect((await magnific.submit({ image })).id).toBe(TASK_ID);
      }
    });

    it("lets the next in line send when the first made no task", async () => {
      const server = await loopback((response, n, request) => (n === 0 ? refused(402) : created)(response, n, request));
      const magnific = clientOf(server, make());
      const [first, second, third] = await Promise.allSettled([1, 2, 3].map(() => magnific.submit({ image })));
      expect(first).toMatchObject({ status: "rejected", reason: { code: "credits_exhausted" } });
      expect([second?.status, third?.status]).toEqual(["fulfilled", "fulfilled"]);
      expect(server.requests.length).toBe(2);
    });

    it("is not used for what could be known only after it was sent", async () => {
      const server = await loopback(created);
      const stream = new Blob([image]).stream();
      const error = await rejection(clientOf(server, make()).submit({ image: stream }), MagnificError);
      expect(error).toMatchObject({ code: "invalid_request", faults: [{ field: "image", rule: "replayable" }] });
      expect(server.requests.length).toBe(0);
    });
  });
}

describe("a store that fails", () => {
  const broken = (part: keyof TaskStore): TaskStore => ({
    ...memoryTaskStore(),
    [part]: () => Promise.reject(new Error("disk full")),
  });

  it("keeps the request from being sent when it cannot be written down", async () => {
    const server = await loopback(created);
    const error = await rejection(clientOf(server, broken("begin")).submit({ image }), MagnificError);
    expect(error).toMatchObject({ code: "store_failed", submission: "not_sent", cause: { message: "disk full" } });
    expect(server.requests.length).toBe(0);
  });

  it("does not lose the task that was made", async () => {
    const server = await loopback(created);
    const error = await rejection(clientOf(server, broken("finish")).submit({ image }), MagnificError);
    expect(error).toMatchObject({ code: "store_failed", taskId: TASK_ID, submission: "unknown" });
  });
});

describe("fileTaskStore in its folder", () => {
  it("leaves whole entries and no drafts", async () => {
    const path = folder();
    const store = fileTaskStore(path);
    await store.begin("ef".repeat(32), 1);
    await store.finish("ef".repeat(32), TASK_ID, 2);
    expect(readdirSync(path)).toEqual([`${"ef".repeat(32)}.json`]);
    expect(JSON.parse(readFileSync(join(path, `${"ef".repeat(32)}.json`), "utf8"))).toEqual({
      state: "sent",
      taskId: TASK_ID,
      at: 2,
    });
  });

  it("takes an entry that it cannot read for a send of unknown outcome", async () => {
    const path = folder();
    mkdirSync(path, { recursive: true });
    for (const [digest, text] of [
      ["aa".repeat(32), ""],
      ["bb".repeat(32), '{"state":"sent"'],
      ["cc".repeat(32), '{"state":"sent","taskId":7}'],
    ] as const) {
      writeFileSync(join(path, `${digest}.json`), text);
      expect(await fileTaskStore(path).begin(digest, 9)).toEqual({ state: "sending", at: 9 });
    }
  });

  it("is shared by processes: of several that send the same, one does", { timeout: 60_000 }, async () => {
    const server = await loopback((response, n, request) => void setTimeout(() => created(response, n, request), 100));
    const path = folder();
    const code = `
      import { Magnific } from ${JSON.stringify(new URL("../../index.ts", import.meta.url).href)};
      import { fileTaskStore } from ${JSON.stringify(new URL("../file-task-store.ts", import.meta.url).href)};
      import { pngOf } from ${JSON.stringify(new URL("../../test-support/png.ts", import.meta.url).href)};
      const magnific = new Magnific({ apiKey: "key", baseUrl: ${JSON.stringify(server.origin)}, store: fileTaskStore(${JSON.stringify(path)}) });
      magnific.submit({ image: pngOf(5000) }).then(({ id }) => console.log(id), ({ code }) => console.log(code));`;
    const outcomes = await Promise.all([1, 2, 3].map(() => outputOf(code)));
    expect(server.requests.length).toBe(1);
    expect(outcomes.filter((one) => one === TASK_ID).length).toBeGreaterThanOrEqual(1);
    // Whoever came while the first was still sending cannot know how that ends.
    for (const one of outcomes) expect([TASK_ID, "submission_unknown"]).toContain(one);
  });
});

function outputOf(code: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", code], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    child.on("error", reject);
    child.on("close", () => resolve(text.trim()));
  });
}

describe("a store that throws before it promises anything", () => {
  const throwing = (part: keyof TaskStore): TaskStore => ({
    ...memoryTaskStore(),
    [part]: () => {
      throw new Error(`no ${part}`);
    },
  });

  it("does not lose the task that was made", async () => {
    const error = await rejection(
      clientOf(await loopback(created), throwing("finish")).submit({ image }),
      MagnificError,
    );
    expect(error).toMatchObject({ code: "store_failed", taskId: TASK_ID });
    expect(error.message).toBe("The task store could not be written, although the task was made: no finish.");
  });

  it("ends the submit before anything is sent, and says why", async () => {
    const server = await loopback(created);
    const error = await rejection(clientOf(server, throwing("begin")).submit({ image }), MagnificError);
    expect(error).toMatchObject({ code: "store_failed", submission: "not_sent" });
    expect(error.message).toBe("The task store could not be read: no begin.");
    expect(server.requests).toEqual([]);
  });

  it("does not hide why the request was refused", async () => {
    const error = await rejection(
      clientOf(await loopback(refused(401)), throwing("forget")).submit({ image }),
      MagnificError,
    );
    expect(error).toMatchObject({ code: "authentication_failed", submission: "rejected" });
  });

  it("may say null for nothing, as databases do", async () => {
    const store = { ...memoryTaskStore(), begin: () => Promise.resolve(null) } as unknown as TaskStore;
    expect((await clientOf(await loopback(created), store).submit({ image })).id).toBe(TASK_ID);
  });
});
