import { EventEmitter } from "node:events";
import type { ClientRequest } from "node:http";
import { describe, expect, it } from "vitest";
import type { Puller } from "../request-body.js";
import { checkLength, PIECE, piecesOf, sendBody, sourceOf } from "../send-body.js";

/** Takes what a request is given; `full` says that it takes no more before its next "drain". */
class Wire extends EventEmitter {
  readonly writes: Uint8Array[] = [];
  ended = 0;
  full = false;
  socket: unknown = { _handle: {} };

  write(chunk: Uint8Array): boolean {
    this.writes.push(chunk);
    return !this.full;
  }

  end(): void {
    this.ended++;
  }

  get lengths(): number[] {
    return this.writes.map(({ length }) => length);
  }
}

interface Source extends Puller {
  pulled: number;
  readonly cancelled: unknown[];
  readonly recycled: Uint8Array[];
}

function source(...lengths: (number | Error)[]): Source {
  const made: Source = {
    pulled: 0,
    cancelled: [],
    recycled: [],
    pull: async () => {
      made.pulled++;
      const next = lengths.shift();
      if (next instanceof Error) throw next;
      return next === undefined ? undefined : new Uint8Array(next).fill(made.pulled);
    },
    cancel: (reason) => void made.cancelled.push(reason),
    recycle: (piece) => void made.recycled.push(piece),
  };
  return made;
}

const now = (whenReady: () => void): void => whenReady();
const send = (wire: Wire, from: Puller, announced?: number, ready = now): ReturnType<typeof sendBody> =>
  sendBody(wire as unknown as ClientRequest, from, announced, ready);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const mismatch = (announced: number, found: number | "more"): object => ({
  code: "ERR_CONTENT_LENGTH_MISMATCH",
  connected: true,
  message: `The body was announced with ${announced} bytes and has ${found}.`,
});

describe("a body's length", () => {
  it.each<[lengths: number[], announced: number | undefined, writes: number[]]>([
    [[3, 4], 7, [3, 4]],
    [[3, 4], undefined, [3, 4]],
    [[3, 0, 4, 0], 7, [3, 4]],
    [[0], 0, []],
    [[], 0, []],
    [[], undefined, []],
  ])("%j announced as %s goes out, without the empty chunks", async (lengths, announced, writes) => {
    const wire = new Wire();
    const from = source(...lengths);
    await send(wire, from, announced).done;
    expect([wire.lengths, wire.ended, from.pulled]).toEqual([writes, 1, lengths.length + 1]);
    // Nothing was waited for, so nothing is known to be with the kernel.
    expect([from.recycled, from.cancelled]).toEqual([[], []]);
  });

  it.each<[lengths: number[], announced: number, found: number | "more", writes: number[]]>([
    [[3, 4], 6, "more", [3]],
    [[3, 4, 5], 2, "more", []],
    [[1], 0, "more", []],
    [[3, 4], 8, 7, [3, 4]],
    [[], 1, 0, []],
  ])("%j announced as %s fails, and the request is not ended", async (lengths, announced, found, writes) => {
    const wire = new Wire();
    await expect(send(wire, source(...lengths), announced).done).rejects.toMatchObject(mismatch(announced, found));
    expect([wire.lengths, wire.ended]).toEqual([writes, 0]);
  });

  it("is checked alike where it is known at once", () => {
    expect(checkLength(5, 5)).toBeUndefined();
    for (const found of [4, 6, "more"] as const)
      expect(() => checkLength(5, found)).toThrow(expect.objectContaining(mismatch(5, found)) as Error);
  });
});

describe("a body's source", () => {
  it("is its own, or gives what is there, which is not copied", async () => {
    const own = source(1);
    expect(sourceOf({ kind: "streamed", source: own })).toBe(own);
    const bytes = Uint8Array.of(1, 2);
    const piece = await sourceOf({ kind: "whole", bytes }).pull();
    expect([piece, piece?.buffer === bytes.buffer]).toEqual([bytes, true]);
    expect(String(await sourceOf({ kind: "whole", bytes: "größer ✓" }).pull())).toBe("größer ✓");
  });
});

describe("a body being sent", () => {
  it("is taken only once it may start", async () => {
    const wire = new Wire();
    const from = source(3);
    let start = (): void => {};
    const { done } = send(wire, from, 3, (whenReady) => {
      start = whenReady;
    });
    await turn();
    expect(from.pulled).toBe(0);
    start();
    await done;
    expect([wire.lengths, wire.ended]).toEqual([[3], 1]);
  });

  it("fails as its source does", async () => {
    const wire = new Wire();
    const broken = new Error("broken");
    await expect(send(wire, source(3, broken)).done).rejects.toBe(broken);
    expect([wire.lengths, wire.ended]).toEqual([[3], 0]);
  });

  it("waits for a full connection, and gives a piece back afterwards", async () => {
    const wire = new Wire();
    wire.full = true;
    const from = source(3, 0, 4);
    const { done } = send(wire, from);
    await turn();
    expect([wire.lengths, from.recycled.length, from.pulled]).toEqual([[3], 0, 1]);
    wire.emit("drain");
    await turn();
    expect([wire.lengths, from.recycled.length, from.pulled]).toEqual([[3, 4], 1, 3]);
    wire.emit("drain");
    await done;
    expect(from.recycled).toEqual(wire.writes);
    expect(from.recycled[0]).toBe(wire.writes[0]);
    expect([wire.ended, wire.listenerCount("drain")]).toEqual([1, 0]);
  });

  it.each([
    ["no socket", null],
    ["a socket without a handle", {}],
    ["a socket whose handle is gone", { _handle: null }],
  ])("gives nothing back over %s", async (_name, socket) => {
    const wire = new Wire();
    wire.full = true;
    wire.socket = socket;
    const from = source(3);
    const { done } = send(wire, from, 3);
    await turn();
    wire.emit("drain");
    await done;
    expect([wire.lengths, wire.ended, from.recycled]).toEqual([[3], 1, []]);
  });

  it("whose source takes nothing back is sent all the same", async () => {
    const wire = new Wire();
    wire.full = true;
    const { pull, cancel } = source(3);
    const { done } = send(wire, { pull, cancel }, 3);
    await turn();
    wire.emit("drain");
    await done;
    expect([wire.lengths, wire.ended]).toEqual([[3], 1]);
  });
});

describe("a body that is stopped", () => {
  it("before it may start is never taken", async () => {
    const wire = new Wire();
    const from = source(3);
    const sending = send(wire, from, 3, () => {});
    sending.stop("enough");
    sending.stop("again");
    await sending.done;
    expect([from.pulled, from.cancelled, wire.lengths, wire.ended]).toEqual([0, ["enough"], [], 0]);
  });

  it("while a piece is fetched does not send it", async () => {
    const wire = new Wire();
    const from = source(3);
    const sending = send(wire, from, 3);
    while (from.pulled === 0) await Promise.resolve();
    sending.stop("enough");
    await sending.done;
    expect([from.cancelled, wire.lengths, wire.ended]).toEqual([["enough"], [], 0]);
  });

  it("at its end does not end the request, nor find it too short", async () => {
    const wire = new Wire();
    const from = source();
    const sending = send(wire, from, 3);
    while (from.pulled === 0) await Promise.resolve();
    sending.stop("enough");
    await sending.done;
    expect(wire.ended).toBe(0);
  });

  it.each([3, 30])(
    "while it waits for the connection sends no more and keeps the piece (%d announced)",
    async (length) => {
      const wire = new Wire();
      wire.full = true;
      const from = source(3, 4);
      const sending = send(wire, from, length);
      await turn();
      sending.stop("enough");
      await sending.done;
      expect([from.pulled, from.recycled, from.cancelled, wire.lengths, wire.ended]).toEqual([
        1,
        [],
        ["enough"],
        [3],
        0,
      ]);
    },
  );
});

describe("a body that is there whole", () => {
  it.each([
    [0, []],
    [1, [1]],
    [PIECE, [PIECE]],
    [PIECE + 1, [PIECE, 1]],
    [2 * PIECE, [PIECE, PIECE]],
  ])("of %d bytes comes in pieces", async (length, expected) => {
    const pieces = piecesOf(new Uint8Array(length));
    const lengths: number[] = [];
    for (let piece = await pieces.pull(); piece !== undefined; piece = await pieces.pull()) lengths.push(piece.length);
    expect(lengths).toEqual(expected);
    expect(await pieces.pull()).toBeUndefined();
  });

  it("comes in order, and no more once it is cancelled", async () => {
    const bytes = new Uint8Array(3 * PIECE).map((_, at) => at / PIECE);
    const pieces = piecesOf(bytes);
    expect([(await pieces.pull())?.[0], (await pieces.pull())?.[PIECE - 1]]).toEqual([0, 1]);
    pieces.cancel("enough");
    expect(await pieces.pull()).toBeUndefined();
  });

  it("is cut at 256 KiB", () => {
    expect(PIECE).toBe(262_144);
  });
});
