/** Every way a call can go wrong × every call × every moment the caller can give up: requests, error, and nothing left. */
import { Agent } from "undici";
import { afterAll, describe, expect, it } from "vitest";
import { dispatcherFetch } from "../api/dispatcher-fetch.js";
import { Magnific } from "../client.js";
import type { MagnificError } from "../errors/magnific-error.js";
import type { ImageSource } from "../image/source.js";
import type { MagnificOptions } from "../options.js";
import { memoryTaskStore } from "../store/task-store.js";
import { TASK_ID } from "../test-support/client-context.js";
import { countedSignal, freePort, until } from "../test-support/loopback.js";
import { pngOf } from "../test-support/png.js";
import { SteppingTime } from "../test-support/stepping-time.js";
import { tcpServer } from "../test-support/tcp-server.js";
import { ALL, FAULTS, type Fault, type Operation, START, TIMEOUT } from "./faults.js";

const never = new Promise<never>(() => {});

/** When the caller gives up: not at all, before anything, when the fault is about to play, in the pause after it. */
type Abort = "no abort" | "aborted before" | "aborted in the exchange" | "aborted in the pause";

const transports: readonly (readonly [string, MagnificOptions["fetch"]])[] = [
  ["the platform's fetch", undefined],
  ["dispatcherFetch", dispatcherFetch(new Agent())],
];

const sockets = (): number => process.getActiveResourcesInfo().filter((one) => one === "TCPSocketWrap").length;
const before = sockets();

for (const [transport, fetch] of transports) {
  describe.concurrent(`faults over ${transport}`, () => {
    for (const fault of FAULTS) {
      for (const operation of ["submit", "get", "list"] as const) {
        if (fault.only !== undefined && !fault.only.includes(operation)) continue;
        const expected = operation === "submit" ? fault.submit : fault.read;
        const aborts: Abort[] = ["no abort", "aborted before"];
        if (fault.play !== "nobody" && fault.hangs !== "begin") aborts.push("aborted in the exchange");
        if (expected.requests === ALL || fault.play === "nobody") aborts.push("aborted in the pause");
        for (const abort of aborts)
          it(`${operation}: ${fault.name}, ${abort}`, () => cell(fault, operation, abort, fetch));
      }
    }
  });
}

afterAll(() =>
  until(
    () => sockets() <= before,
    () => `${sockets() - before} sockets are still open`,
  ),
);

async function cell(fault: Fault, operation: Operation, abort: Abort, fetch: MagnificOptions["fetch"]): Promise<void> {
  const { controller, listeners } = countedSignal();
  const time = new SteppingTime(TIMEOUT, START);
  const held = async (): Promise<void> => {
    time.wall += fault.jump ?? 0;
    if (abort !== "aborted in the exchange") return;
    controller.abort(new Error("enough"));
    await never;
  };
  const { play } = fault;
  const server =
    play === "nobody"
      ? undefined
      : await tcpServer((connection) => play(connection, held, () => setTimeout(() => time.expire(), 2)));
  const baseUrl = server?.url ?? `http://127.0.0.1:${await freePort()}`;
  const image = countedSource(fault.imageBytes ?? 200_000);
  let pauses = 0;
  const hang = (): Promise<never> => {
    setTimeout(() => time.expire(), 2);
    return never;
  };
  const magnific = new Magnific({
    apiKey: "key",
    baseUrl,
    time,
    timeout: TIMEOUT,
    fetch,
    ...(fault.hangs && { store: { ...memoryTaskStore(), [fault.hangs]: hang } }),
    ...(fault.slowBudget && { rate: 1, retry: { total: 30_000 } }),
    onRetry: () => {
      pauses += 1;
      if (abort === "aborted in the pause") queueMicrotask(() => controller.abort(new Error("enough")));
    },
  });
  if (abort === "aborted before") controller.abort(new Error("enough"));

  const { signal } = controller;
  const call = {
    submit: () => magnific.submit({ image: image.source }, { signal }),
    get: () => magnific.task(TASK_ID).get({ signal }),
    list: () => magnific.tasks({ signal }),
  }[operation];
  const started = performance.now();
  const outcome = await call().then(
    () => undefined,
    (error: MagnificError) => error,
  );
  const took = performance.now() - started;

  try {
    // The platform's fetch opens a connection anew after an abort and sends nothing over it.
    const used = server?.connections.filter((one) => fault.early || one.received() !== "") ?? [];
    const wanted = operation === "submit" ? fault.submit : fault.read;
    const unsent =
      fault.early === true && (outcome?.code === "connection_failed" || outcome?.submission === "not_sent");
    if (abort === "no abort" && !unsent) {
      const { requests, ...facts } = wanted;
      expect(outcome ?? {}).toMatchObject(facts);
      if (wanted.code === undefined) expect(outcome).toBeUndefined();
      expect(used.length).toBe(requests);
      if (outcome !== undefined && fault.hangs === undefined)
        expect(outcome.attempts ?? 1).toBe(fault.play === "nobody" ? ALL : requests);
    } else if (abort === "no abort") {
      expect(outcome).toMatchObject({
        code: "connection_failed",
        ...(operation === "submit" ? { submission: "not_sent" } : {}),
      });
    } else {
      expect(outcome).toMatchObject({ name: "AbortError", code: "aborted", cause: { message: "enough" } });
      if (!unsent) expect(used.length).toBe(abort === "aborted before" || fault.play === "nobody" ? 0 : 1);
      if (abort === "aborted in the pause") expect(pauses).toBe(1);
      const known = {
        "aborted before": "not_sent",
        "aborted in the exchange": "unknown",
        "aborted in the pause": wanted.submission,
      }[abort];
      if (operation === "submit" && !unsent) expect(outcome?.submission).toBe(known);
    }
    if (operation === "get") expect(outcome?.taskId ?? TASK_ID).toBe(TASK_ID);
    if (operation !== "submit") expect(outcome?.submission).toBeUndefined();
    expect(took, "settled in time").toBeLessThan(10_000);

    // Nothing left: timers, listeners, the image's source, connections.
    expect(time.pending).toBe(0);
    expect(listeners()).toBe(0);
    expect(image.open()).toBe(0);
    await until(
      () => used.every(({ socket }) => socket.destroyed || socket.readableEnded),
      () => "a connection is still open",
    );
  } finally {
    await server?.close();
  }
}

/** An image that counts how often it is open. */
function countedSource(bytes: number): { source: ImageSource; open: () => number } {
  const image = pngOf(bytes);
  let open = 0;
  const source: ImageSource = {
    size: image.byteLength,
    replayable: true,
    async *open() {
      open += 1;
      try {
        for (let at = 0; at < image.byteLength; at += 50_000) yield image.subarray(at, at + 50_000);
      } finally {
        open -= 1;
      }
    },
  };
  return { source, open: () => open };
}
