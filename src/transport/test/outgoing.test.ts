import { describe, expect, it } from "vitest";
import { TAKE } from "../../image/text-body.js";
import { Outgoing } from "../outgoing.js";
import type { Puller, RequestBody } from "../request-body.js";
import { PIECE } from "../send-body.js";

interface Source extends Puller {
  readonly reasons: unknown[];
  pulled: number;
}

function source(...chunks: readonly (string | Error)[]): Source {
  const left = [...chunks];
  const made: Source = {
    reasons: [],
    pulled: 0,
    pull: async () => {
      made.pulled++;
      const next = left.shift();
      if (next instanceof Error) throw next;
      return next === undefined ? undefined : Buffer.from(next);
    },
    cancel: (reason) => void made.reasons.push(reason),
  };
  return made;
}

const streamed = (from: Puller): RequestBody => ({ kind: "streamed", source: from });
const text = (make: () => string): RequestBody => ({ kind: "text", text: { [TAKE]: make } as never });
const iterator = (outgoing: Outgoing): AsyncIterator<Uint8Array> =>
  (outgoing.body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();

async function all(outgoing: Outgoing): Promise<string[]> {
  const chunks: string[] = [];
  for await (const chunk of outgoing.body as AsyncIterable<Uint8Array>) chunks.push(Buffer.from(chunk).toString());
  return chunks;
}

describe("a body that is there", () => {
  it("goes as it is up to one piece, and in pieces beyond", async () => {
    const bytes = new Uint8Array(PIECE);
    expect(new Outgoing({ kind: "none" }, undefined).body).toBeNull();
    expect(new Outgoing({ kind: "whole", bytes }, PIECE).body).toBe(bytes);
    expect(new Outgoing({ kind: "whole", bytes: "a" }, 1).body).toBe("a");
    const large = await all(new Outgoing({ kind: "whole", bytes: new Uint8Array(PIECE + 1) }, PIECE + 1));
    expect(large.map(({ length }) => length)).toEqual([PIECE, 1]);
    const letters = "é".repeat(PIECE + 1);
    const sent = (await all(new Outgoing({ kind: "whole", bytes: letters }, 2 * PIECE + 2))).map(
      ({ length }) => length,
    );
    expect(sent).toEqual([PIECE / 2, PIECE / 2, 1]);
  });
});

describe("a text", () => {
  it("is made when it is asked for, exactly as long as announced", async () => {
    expect(
      await all(
        new Outgoing(
          text(() => "é"),
          2,
        ),
      ),
    ).toEqual(["é"]);
    expect(
      await all(
        new Outgoing(
          text(() => "é"),
          undefined,
        ),
      ),
    ).toEqual(["é"]);
    await expect(
      all(
        new Outgoing(
          text(() => "é"),
          1,
        ),
      ),
    ).rejects.toMatchObject({
      code: "ERR_CONTENT_LENGTH_MISMATCH",
      connected: true,
    });
    const cause = new Error("gone");
    const failing = new Outgoing(
      text(() => {
        throw cause;
      }),
      1,
    );
    await expect(all(failing)).rejects.toMatchObject({
      code: "ERR_REQUEST_BODY",
      connected: true,
      message: "The request's body failed.",
      cause,
    });
  });
});

describe("a streamed body", () => {
  it("goes whole, its empty pieces left out, and is not cancelled after its end", async () => {
    const from = source("ab", "", "c");
    expect(await all(new Outgoing(streamed(from), 3))).toEqual(["ab", "c"]);
    expect(await all(new Outgoing(streamed(source("ab", "c")), undefined))).toEqual(["ab", "c"]);
    expect(from.reasons).toEqual([]);
  });

  it.each([
    ["fewer", 4, ["ab", "c"]],
    ["more", 2, ["ab"]],
  ])("of %s bytes than announced fails, and is not taken for whole", async (_name, announced, sent) => {
    const from = source("ab", "c", "d".repeat(announced === 2 ? 1 : 0));
    const chunks: string[] = [];
    const run = async (): Promise<void> => {
      for await (const chunk of new Outgoing(streamed(from), announced).body as AsyncIterable<Uint8Array>)
        chunks.push(Buffer.from(chunk).toString());
    };
    await expect(run()).rejects.toMatchObject({ code: "ERR_CONTENT_LENGTH_MISMATCH", connected: true });
    expect([chunks, from.reasons.length]).toEqual([sent, 1]);
  });

  it("that fails carries the cause and is let go of", async () => {
    const cause = new Error("disk gone");
    const from = source("ab", cause);
    await expect(all(new Outgoing(streamed(from), undefined))).rejects.toMatchObject({
      code: "ERR_REQUEST_BODY",
      cause,
    });
    expect(from.reasons).toHaveLength(1);
  });

  it("whose reader stops is let go of", async () => {
    const from = source("ab", "c");
    const each = iterator(new Outgoing(streamed(from), undefined));
    await each.next();
    await each.return?.();
    expect(from.reasons).toEqual([new Error("The rest of the request is not wanted.")]);
  });

  it("is freed by an early answer, and never ends as if it were whole", async () => {
    const from = source("ab", "c");
    const outgoing = new Outgoing(streamed(from), undefined);
    const each = iterator(outgoing);
    await each.next();
    outgoing.answered();
    expect(from.reasons).toEqual([new Error("The server answered before it had read the request.")]);
    let settled = false;
    const next = each.next().then((result) => {
      settled = true;
      return result;
    });
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(settled).toBe(false);
    outgoing.over("done");
    expect((await next).done).toBe(true);
    expect(from.reasons).toHaveLength(1);
  });

  it("is freed with the reason when the exchange is over, and gives nothing more", async () => {
    const from = source("ab", "c");
    const outgoing = new Outgoing(streamed(from), undefined);
    const each = iterator(outgoing);
    await each.next();
    outgoing.over("enough");
    outgoing.over("again");
    expect(from.reasons).toEqual(["enough"]);
    expect(await each.next()).toMatchObject({ done: true });
  });
});
