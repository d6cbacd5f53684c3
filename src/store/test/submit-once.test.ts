/** The same request is paid for once: in one call after another, at once, and from several processes. */
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import {
  type ImageSource,
  Magnific,
  MagnificError,
  type MagnificOptions,
  memoryTaskStore,
  type TaskStore,
} from "../../index.js";
import { fileTaskStore } from "../../node.js";
import { TASK_ID } from "../../test-support/client-context.js";
import { countedSignal, freePort, type Loopback, loopback, type Serve } from "../../test-support/loopback.js";
import { pngOf } from "../../test-support/png.js";
import { created, json, script } from "../../test-support/provider.js";
import { rejection } from "../../test-support/rejection.js";
import { SteppingTime } from "../../test-support/stepping-time.js";
import { tempFolder } from "../../test-support/temp-folder.js";

const image = pngOf(5_000);
const HASH = expect.stringMatching(/^[\da-f]{64}$/);
const refused =
  (status: number): Serve =>
  (response, n, request) => {
    request.resume();
    request.on("end", () => json({ message: "no" }, status)(response, n, request));
  };

function folder(): string {
  const path = tempFolder("magnific-once-");
  return path;
}

function clientOf(server: Pick<Loopback, "origin">, store: TaskStore, options: MagnificOptions = {}): Magnific {
  return new Magnific({ apiKey: "key", baseUrl: server.origin, store, time: new SteppingTime([60_000]), ...options });
}
const failure = (promise: Promise<unknown>): Promise<MagnificError> => rejection(promise, MagnificError);

describe.each([
  ["memoryTaskStore", memoryTaskStore],
  ["fileTaskStore", () => fileTaskStore(folder())],
])("a client with a %s", (_name, make) => {
  it("resumes the task of an earlier submit without sending, also where it knows nothing else of it", async () => {
    const server = await loopback(created);
    const store = make();
    const first = await clientOf(server, store).submit({ image, sharpen: 3 });
    const again = await clientOf(server, store).submit({ sharpen: 3, image: new Blob([image]) });
    expect([again.id, again.digest]).toEqual([first.id, first.digest]);
    expect(server.requests.length).toBe(1);
    await clientOf(server, store).submit({ image, sharpen: 4 });
    expect(server.requests.length).toBe(2);
  });

  it("sends once what is submitted several times at once", async () => {
    const server = await loopback(created);
    const store = make();
    const [one, two] = [clientOf(server, store), clientOf(server, store)];
    const all = await Promise.all([one, two, one].map((magnific) => magnific.submit({ image })));
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    expect(server.requests.length).toBe(1);
  });

  it("reports an earlier send of unknown outcome instead of retrying it, until it is forgotten", async () => {
    const server = await loopback(script((response) => response.destroy(), created));
    const store = make();
    const magnific = clientOf(server, store);
    const lost = await failure(magnific.submit({ image }));
    expect(lost).toMatchObject({ submission: "unknown", digest: HASH });
    const error = await failure(magnific.submit({ image }));
    expect(error).toMatchObject({ code: "submission_unknown", submission: "unknown", digest: lost.digest });
    expect(server.requests.length).toBe(1);
    await store.forget(lost.digest ?? "");
    expect((await magnific.submit({ image })).id).toBe(TASK_ID);
  });

  it.each([400, 401, 402, 403, 413, 429])("forgets a request that was refused with %d", async (status) => {
    const magnific = clientOf(await loopback(script(refused(status), created)), make(), { retry: 0 });
    expect(await failure(magnific.submit({ image }))).toMatchObject({ status, submission: "rejected" });
    expect((await magnific.submit({ image })).id).toBe(TASK_ID);
  });

  it("lets the next in line send when the first made no task", async () => {
    const server = await loopback(script(refused(402), created));
    const magnific = clientOf(server, make());
    const [first, second, third] = await Promise.allSettled([1, 2, 3].map(() => magnific.submit({ image })));
    expect(first).toMatchObject({ status: "rejected", reason: { code: "credits_exhausted" } });
    expect([second?.status, third?.status]).toEqual(["fulfilled", "fulfilled"]);
    expect(server.requests.length).toBe(2);
  });

  it("refuses an image that can be read once: what it is would be known only after it was sent", async () => {
    const server = await loopback(created);
    const error = await failure(clientOf(server, make()).submit({ image: new Blob([image]).stream() }));
    expect(error).toMatchObject({ code: "invalid_request", faults: [{ field: "image", rule: "replayable" }] });
    expect(server.requests.length).toBe(0);
  });

  it("asks the store each time, and forgets what was not sent", async () => {
    const server = await loopback(created);
    const store = make();
    const magnific = clientOf(server, store);
    const { digest = "" } = await magnific.submit({ image });
    await store.forget(digest);
    await magnific.submit({ image });
    expect(server.requests.length).toBe(2);
    const nobody = { origin: `http://127.0.0.1:${await freePort()}` };
    const error = await failure(clientOf(nobody, store).submit({ image }));
    expect(error).toMatchObject({ submission: "not_sent", digest: HASH });
    expect(await store.begin(error.digest ?? "", 1)).toBeUndefined();
  });
});

describe("a store that fails ", () => {
  const unreadable = { code: "store_failed", submission: "not_sent", summary: "The task store could not be read: no." };
  const unwritable = {
    code: "store_failed",
    submission: "unknown",
    taskId: TASK_ID,
    summary: "The task store could not be written, although the task was made: no.",
  };
  it.each<[keyof TaskStore, string, Serve, object, number]>([
    ["begin", "keeps the request from being sent", created, unreadable, 0],
    ["finish", "does not lose the task that was made", created, unwritable, 1],
    ["forget", "does not hide why it was refused", refused(401), { code: "authentication_failed", status: 401 }, 1],
  ])("to %s %s", async (part, _what, serve, expected, requests) => {
    const cause = new Error("no");
    const rejecting = () => Promise.reject(cause);
    const throwing = () => {
      throw cause;
    };
    for (const failing of [rejecting, throwing]) {
      const server = await loopback(serve);
      const store = { ...memoryTaskStore(), [part]: failing };
      const error = await failure(clientOf(server, store).submit({ image }));
      expect(error).toMatchObject(expected);
      if (part !== "forget") expect(error.cause).toMatchObject({ message: "no" });
      expect(server.requests.length).toBe(requests);
    }
  });

  it("to name the task of an entry is one of unknown outcome, and one that says null has no entry", async () => {
    const server = await loopback(created);
    const store: TaskStore = { ...memoryTaskStore(), begin: async (_, at) => ({ state: "sent", at }) };
    const unknown = { code: "submission_unknown", submission: "unknown" };
    expect(await failure(clientOf(server, store).submit({ image }))).toMatchObject(unknown);
    expect(server.requests).toEqual([]);
    const database = { ...memoryTaskStore(), begin: async () => null as never };
    expect((await clientOf(server, database).submit({ image })).id).toBe(TASK_ID);
  });
});

describe("before anything is sent, an image ", () => {
  let closed = 0;
  /** Reads well where the image is checked, and as `then` says where the digest is taken. */
  function later(then: () => AsyncGenerator<Uint8Array>): ImageSource {
    let opened = 0;
    closed = 0;
    return {
      replayable: true,
      size: image.byteLength,
      async *open() {
        try {
          if (opened++ === 0) yield image;
          else yield* then();
        } finally {
          closed += 1;
        }
      },
    };
  }
  const stalled = (event: () => void) =>
    later(async function* () {
      yield image.subarray(0, 100);
      event();
      await new Promise(() => {});
    });
  const NOT_SENT = { submission: "not_sent", attempts: 0 };

  it("that cannot be read is not sent", async () => {
    const server = await loopback(created);
    const broken = later(async function* () {
      yield image.subarray(0, 100);
      throw new Error("the disk is gone");
    });
    const error = await failure(clientOf(server, memoryTaskStore()).submit({ image: broken }));
    expect(error).toMatchObject({ ...NOT_SENT, code: "image_unreadable", cause: { message: "the disk is gone" } });
    expect(error.message).toContain("the disk is gone");
    expect(server.requests).toEqual([]);
  });

  it.each(["timeout", "aborted"])("that stalls ends the submit: %s", async (code) => {
    const server = await loopback(created);
    const time = new SteppingTime(1234);
    const { controller, listeners } = countedSignal();
    const source = stalled(() => (code === "timeout" ? time.expire() : controller.abort(new Error("enough"))));
    const options = { timeout: 1234, signal: controller.signal };
    const error = await failure(clientOf(server, memoryTaskStore(), { time }).submit({ image: source }, options));
    expect(error).toMatchObject({ ...NOT_SENT, code });
    if (code === "timeout") expect(error.message).toContain("1234 ms");
    else expect(error.cause).toMatchObject({ message: "enough" });
    expect([listeners(), time.pending, server.requests.length]).toEqual([0, 0, 0]);
  });

  it("is closed, with no listener and no timer left", async () => {
    const time = new SteppingTime(60_000);
    const { controller, listeners } = countedSignal();
    const source = later(async function* () {
      yield image;
    });
    const magnific = clientOf(await loopback(created), memoryTaskStore(), { time });
    await magnific.submit({ image: source }, { signal: controller.signal });
    expect(closed).toBeGreaterThanOrEqual(2);
    expect([listeners(), time.pending]).toEqual([0, 0]);
  });
});

describe("a store of the caller's whose entry is damaged", () => {
  const submitted = async (entry: unknown) => {
    const server = await loopback(created);
    const store = { ...memoryTaskStore(), begin: async () => entry } as TaskStore;
    const outcome = await clientOf(server, store)
      .submit({ image })
      .catch((error: unknown) => error);
    return { outcome, sends: server.requests.length };
  };

  it.each([
    ["a time beyond all dates", { state: "sending", at: 1e300 }, "at an unknown time"],
    ["no time", { state: "sending" }, "at an unknown time"],
    ["text for a time", { state: "sending", at: "yesterday" }, "at an unknown time"],
    ["a big integer for a time", { state: "sending", at: 1n }, "at an unknown time"],
    ["a task that has no id", { state: "sent", at: 0 }, "1970-01-01"],
    ["an id that is none", { state: "sent", taskId: "../x", at: 0 }, "1970-01-01"],
    ["a state that nobody knows", { state: "done", taskId: TASK_ID, at: 0 }, "1970-01-01"],
    ["nothing in it", {}, "at an unknown time"],
  ])("counts as a send of unknown outcome where it has %s", async (_name, entry, when) => {
    const { outcome, sends } = await submitted(entry);
    expect(outcome).toMatchObject({ code: "submission_unknown", digest: HASH });
    expect(String(outcome)).toContain(`(${when}`);
    expect(sends).toBe(0);
  });

  it.each([true, "sent", 7, [{ state: "sent" }]])("is an error of the store where it is %j", async (entry) => {
    const { outcome, sends } = await submitted(entry);
    expect(outcome).toMatchObject({ code: "store_failed", submission: "not_sent" });
    expect(String(outcome)).toContain("not an object");
    expect(sends).toBe(0);
  });
});

it("a submit that waits for the same one can be aborted; nobody knows then what the other made", async () => {
  let respond = (): void => {};
  const server = await loopback((response, n, request) => {
    respond = () => created(response, n, request);
  });
  const magnific = clientOf(server, memoryTaskStore());
  const first = magnific.submit({ image });
  const { controller, listeners } = countedSignal();
  const outcome = failure(magnific.submit({ image }, { signal: controller.signal }));
  while (server.requests.length === 0 || listeners() === 0) await new Promise((done) => setTimeout(done, 5));
  controller.abort(new Error("no more"));
  const aborted = { code: "aborted", submission: "unknown", cause: { message: "no more" }, digest: HASH };
  expect(await outcome).toMatchObject(aborted);
  const third = countedSignal();
  const last = magnific.submit({ image }, { signal: third.controller.signal });
  respond();
  expect([(await first).id, (await last).id]).toEqual([TASK_ID, TASK_ID]);
  expect([third.listeners(), server.requests.length]).toEqual([0, 1]);
});

it("of several processes that share a folder and submit the same, one sends it", { timeout: 60_000 }, async () => {
  const server = await loopback((response, n, request) => void setTimeout(() => created(response, n, request), 100));
  const code = `
    import { Magnific } from ${JSON.stringify(new URL("../../index.ts", import.meta.url).href)};
    import { fileTaskStore } from ${JSON.stringify(new URL("../../node.ts", import.meta.url).href)};
    const store = fileTaskStore(${JSON.stringify(folder())});
    const magnific = new Magnific({ apiKey: "key", baseUrl: ${JSON.stringify(server.origin)}, store });
    const image = Buffer.from("${Buffer.from(image).toString("base64")}", "base64");
    magnific.submit({ image }).then(({ id }) => console.log(id), ({ code }) => console.log(code));`;
  const outcomes = await Promise.all(
    [1, 2, 3].map(async () => {
      const args = ["--import", "tsx", "--input-type=module", "-e", code];
      const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
      return (await text(child.stdout)).trim();
    }),
  );
  expect(server.requests.length).toBe(1);
  expect(outcomes).toContain(TASK_ID);
  // Whoever came while the first was still sending cannot know how that ends.
  for (const one of outcomes) expect([TASK_ID, "submission_unknown"]).toContain(one);
});
