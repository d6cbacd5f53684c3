import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { all, bench, tally } from "./test/bench.js";
import { upscaleAll } from "./upscale-all.js";

describe("inputs", () => {
  it.each(["stop", "signal"] as const)("that never come do not keep a batch from its end by %s", async (option) => {
    await using place = await bench();
    const [a = ""] = await place.images("a.png");
    async function* inputs() {
      yield a;
      await new Promise(() => {});
    }
    const end = new AbortController();
    const { client, out } = place;
    const results: unknown[] = [];
    for await (const result of upscaleAll(inputs(), { client, out, [option]: end.signal })) {
      results.push(result);
      // After the loop has begun to wait again.
      setTimeout(() => end.abort(), 20);
    }
    expect(results).toMatchObject([{ outcome: "done" }]);
    expect(existsSync(`${place.journal}.lock`)).toBe(false);
  });

  it("that are none leave the journal alone", async () => {
    await using place = await bench();
    const [a = ""] = await place.images("a.png");
    const { client, out } = place;
    await expect(all(upscaleAll(undefined as never, { client, out }))).rejects.toThrow(TypeError);
    expect(existsSync(out)).toBe(false);
    expect(tally(await place.run([a]))).toEqual({ done: 1 });
  });
});
