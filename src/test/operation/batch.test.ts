/** A batch of another operation: it resumes without paying again, and never mixes its tasks with those of others. */
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Magnific } from "../../index.js";
import { planAll, upscaleAll } from "../../node.js";
import { pngOf } from "../../test-support/png.js";
import { PAIR, siblingContract, siblingProvider } from "../../test-support/sibling.js";
import { tempFolder } from "../../test-support/temp-folder.js";

const VIDEO = Uint8Array.from([0, 0, 0, 24, ...Buffer.from("ftypisom"), ...new Array(200).fill(7)]);

async function all<T>(results: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const result of results) found.push(result);
  return found;
}

it("resumes what a stopped run left, pays once, and refuses its sources under another operation", async () => {
  const folder = tempFolder("sibling-batch-");
  const [image, out] = [join(folder, "a.png"), join(folder, "out")];
  writeFileSync(image, pngOf(500));
  const server = await siblingProvider(["painting", "painting", "ready"], VIDEO);
  const poll = { first: 1, max: 1 };
  const magnific = new Magnific({ apiKey: "key", baseUrl: server.origin, poll, retry: 0, rate: false });
  const contract = await siblingContract();
  const client = magnific.operation(PAIR, contract);
  const options = { client, out, parameters: { style: "oil", front: pngOf(300) }, image: "back", name: "{name}.mp4" };
  const stop = new AbortController();
  const first = upscaleAll([image], {
    ...options,
    signal: stop.signal,
    onEvent: ({ type }) => type === "status" && stop.abort(),
  });
  expect(await all(first)).toMatchObject([{ outcome: "stopped" }]);
  expect(await all(upscaleAll([image], options))).toMatchObject([{ outcome: "done", paid: false }]);
  expect(readdirSync(out)).toContain("a.mp4");
  expect(server.bodies.map((body) => Object.keys(JSON.parse(body)))).toEqual([["style", "front", "back"]]);

  const other = { ...contract, submit: { path: "/v1/ai/another" } };
  const elsewhere = { ...options, client: magnific.operation("/v1/ai/another", other) };
  expect(await all(planAll([image], elsewhere))).toMatchObject([
    { action: "refuse", reason: expect.stringContaining("sent before") },
  ]);
  const wrong = all(upscaleAll([image], { ...options, image: "style" }));
  await expect(wrong).rejects.toThrow(
    "`image` must name a field of the operation that takes an image: it has front, back.",
  );
  expect(server.bodies).toHaveLength(1);
});
