import { existsSync } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ConfigurationError } from "../../errors/request-errors.js";
import { Magnific } from "../../index.js";
import { upscaleAll } from "../upscale-all.js";
import { all, bench, clientOf, tally } from "./bench.js";

const client = new Magnific({ apiKey: "key" });
const run = (options: object, inputs: unknown = ["a.png"]) =>
  all(upscaleAll(inputs as never, { client, out: "/nowhere/out", ...options } as never));

describe("an option of a batch", () => {
  const mustBe = (name: string): [object, string] => [{ [name]: 5 }, `\`${name}\` must be `];
  it.each<[object, string]>([
    [{ out: "" }, "`out` must name the folder for results."],
    [{ out: undefined }, "`out` must name the folder for results."],
    [{ client: {} }, "`client` must be a Magnific."],
    [{ client: undefined }, "`client` must be a Magnific."],
    [{ name: "../{name}.png" }, "The name template must stay inside the output folder."],
    [{ concurrency: 0 }, "`concurrency` must be a whole number of at least 1, not 0."],
    [{ concurency: 2 }, "`concurency` is not an option. Did you mean `concurrency`?"],
    [{ timeout: "60" }, "`timeout` must be a number of at least 0, not 60."],
    ...["parameters", "name", "journal", "resubmitUnknown", "resubmitFailed", "resubmitChanged"].map(mustBe),
    ...["overwrite", "verify", "stop", "signal", "onEvent"].map(mustBe),
  ])("that cannot work is refused before anything is sent or written: %j", async (options, message) => {
    const error: unknown = await run(options).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(String(error)).toContain(message);
    expect(existsSync("/nowhere")).toBe(false);
  });

  it("that is a parameter of the provider is checked before anything is sent or written", async () => {
    await using place = await bench();
    const paths = await place.images("a.png");
    await expect(place.run(paths, { parameters: { sharpen: 101 } })).rejects.toThrow(/sharpen/);
    expect(place.sandbox.counts.requests).toBe(0);
    expect(existsSync(place.out)).toBe(false);
  });

  it("may be null or undefined, which counts as left out", async () => {
    await using place = await bench();
    const paths = await place.images("a.png");
    const none = { name: undefined, journal: null, verify: null, stop: undefined, onEvent: null } as object;
    expect(tally(await place.run(paths, none))).toEqual({ done: 1 });
  });
});

describe("the inputs of a batch", () => {
  it("need no {name} in the names of their results where there is one of them", async () => {
    await using place = await bench();
    const [a = "", b = ""] = await place.images("a.png", "b.png");
    expect(await place.run([a], { name: "all.png" })).toMatchObject([{ outputs: [join(place.out, "all.png")] }]);
    const message = "The name template must contain {name}, or all results would have the same name.";
    await expect(place.run([a, b], { name: "all.png" })).rejects.toThrow(message);
    await expect(place.run(new Set([a]), { name: "all.png" })).rejects.toThrow(message);
  });

  it.each([undefined, null, 5, {}, () => {}])("cannot be %o", async (inputs) => {
    const message = "The inputs of a batch must be an array or another iterable of paths.";
    await expect(run({}, inputs ?? null)).rejects.toThrow(new ConfigurationError(message));
  });

  it("cannot be one path, whose letters could be iterated", async () => {
    await expect(run({}, "a.png")).rejects.toThrow('or another iterable of paths; for one file pass ["a.png"].');
  });

  it.each([undefined, null, 5, {}, "", { path: "" }])("cannot contain %j", async (input) => {
    await using place = await bench();
    await expect(place.run([input as never])).rejects.toThrow(
      new ConfigurationError("An input of a batch must be a path, or an object with a `path`."),
    );
    expect(place.sandbox.counts.requests).toBe(0);
  });
});

it("a journal and its results can be moved together, with the sources", async () => {
  await using place = await bench();
  await place.images("a.png");
  const moved = join(place.folder, "moved");
  await place.run([join(place.folder, "in", "a.png")]);
  await mkdir(moved);
  for (const name of ["in", "out"]) await rename(join(place.folder, name), join(moved, name));
  expect(tally(await place.run([join(moved, "in", "a.png")], { out: join(moved, "out") }))).toEqual({ skipped: 1 });
});

it("results of another server are not mistaken for this one's", async () => {
  await using place = await bench();
  await using other = await bench();
  const paths = await place.images("a.png");
  await place.run(paths);
  expect(await place.run(paths, { client: clientOf(other.sandbox) })).toMatchObject([
    { error: { fault: "source_changed" } },
  ]);
  expect(other.sandbox.counts.requests).toBe(0);
});
