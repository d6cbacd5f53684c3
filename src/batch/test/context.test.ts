import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { ConfigurationError } from "../../errors/configuration-error.js";
import { Magnific } from "../../index.js";
import { checkedInputs, jobOf, lengthened, ownOutputs, placesOf, settingsKey, shortened } from "../context.js";
import type { JournalRecord } from "../journal/record.js";
import { stateOf } from "../journal/state.js";

const client = new Magnific({ apiKey: "key" });

describe("the places of a batch", () => {
  it("are below the output folder", () => {
    const out = resolve("out");
    const journal = join(out, "magnific-journal.jsonl");
    expect(placesOf({ client, out: "out" })).toEqual({ out, journal, base: out, template: "{dir}/{name}.{ext}" });
  });

  it("may be elsewhere", () => {
    expect(placesOf({ client, out: "/o", journal: "/j/x.jsonl", name: "{name}" })).toEqual({
      out: "/o",
      journal: "/j/x.jsonl",
      base: "/j",
      template: "{name}",
    });
  });

  it.each(["", undefined])("need a folder, which %j is not", (out) => {
    expect(() => placesOf({ client, out: out as string })).toThrow(
      new ConfigurationError("`out` must name the folder for results."),
    );
  });

  it.each([undefined, null, {}, "key"])("need a client, which %j is not", (given) => {
    expect(() => placesOf({ client: given as never, out: "/o" })).toThrow(
      new ConfigurationError("`client` must be a Magnific."),
    );
  });

  it("are refused by name where plain JavaScript gives another kind", () => {
    const callable = "a function";
    const flag = "true or false";
    const signal = "an AbortSignal";
    const kinds = {
      parameters: "an object",
      name: "a string",
      journal: "a string",
      resubmitUnknown: flag,
      resubmitFailed: flag,
      resubmitChanged: flag,
      overwrite: flag,
      verify: flag,
      stop: signal,
      signal,
      onEvent: callable,
    };
    for (const [option, kind] of Object.entries(kinds)) {
      expect(() => placesOf({ client, out: "/o", [option]: 5 })).toThrow(
        new ConfigurationError(`\`${option}\` must be ${kind}, not a number.`),
      );
      expect(placesOf({ client, out: "/o", [option]: null })).toEqual(placesOf({ client, out: "/o" }));
    }
  });

  it("need a name's template that works", () => {
    expect(() => placesOf({ client, out: "/o", name: "x" })).toThrow("must hold {name}");
  });
});

describe("the inputs of a batch", () => {
  it("are whatever can be gone through", () => {
    async function* later() {
      yield "a.png";
    }
    for (const inputs of [["a.png"], new Set(["a.png"]), later()]) expect(checkedInputs(inputs)).toBe(inputs);
  });

  it.each([undefined, null, 5, {}, () => {}])("are not %o", (given) => {
    expect(() => checkedInputs(given as never)).toThrow(
      new ConfigurationError("The inputs of a batch must be an array, or something else to go through, of paths."),
    );
  });

  it("are not one path, whose letters could be gone through", () => {
    expect(() => checkedInputs("a.png")).toThrow(
      new ConfigurationError(
        'The inputs of a batch must be an array, or something else to go through, of paths; for one file give ["a.png"].',
      ),
    );
  });
});

describe("a job", () => {
  const places = placesOf({ client, out: "/data/out" });

  it("of a path is called as it was given, and in the journal as it lies to it", () => {
    expect(jobOf(places, "/data/in/a.jpg")).toEqual({
      path: "/data/in/a.jpg",
      file: "/data/in/a.jpg",
      source: "../in/a.jpg",
      stem: join("/data/out", "a.{ext}"),
      output: "a.{ext}",
    });
    expect(jobOf(places, { path: "a.jpg" })).toMatchObject({ path: "a.jpg", file: resolve("a.jpg") });
  });

  it.each([undefined, null, 5, {}, "", { path: "" }])("is not made of %j", (given) => {
    expect(() => jobOf(places, given as never)).toThrow(
      new ConfigurationError("An input of a batch must be a path, or an object with a `path`."),
    );
  });

  it("is called what it is told to, with its result in its folder", () => {
    expect(jobOf(places, { path: "/tmp/x.png", dir: "d/e", as: "-" })).toEqual({
      path: "-",
      file: "/tmp/x.png",
      source: "-",
      stem: join("/data/out", "d/e/x.{ext}"),
      output: "d/e/x.{ext}",
    });
  });

  it("has paths that come back as they were", () => {
    for (const path of ["/data/out/a.png", "/data/b.png", "/c/d.png"]) {
      expect(shortened(places, path)).not.toMatch(/^\//);
      expect(lengthened(places, shortened(places, path))).toBe(path);
    }
    expect(lengthened(places, "/d/e.png")).toBe("/d/e.png");
  });
});

it("the key of settings tells parameters and servers apart, and nothing else", async () => {
  const key = await settingsKey({ client, out: "/a", parameters: { sharpen: 5 } });
  expect(key).toMatch(/^[\da-f]{16}$/);
  expect(await settingsKey({ client, out: "/b", parameters: { sharpen: 5 } })).toBe(key);
  expect(await settingsKey({ client, out: "/a", parameters: { sharpen: 6 } })).not.toBe(key);
  expect(await settingsKey({ client, out: "/a" })).not.toBe(key);
  const other = new Magnific({ apiKey: "key", baseUrl: "https://example.com" });
  expect(await settingsKey({ client: other, out: "/a", parameters: { sharpen: 5 } })).not.toBe(key);
});

describe("a source's own outputs", () => {
  const places = placesOf({ client, out: "/data/out" });
  const facts = { size: 1, mtimeMs: 2, ctimeMs: 3 };
  const done = (source: string, digest: string, outputs: readonly string[]): JournalRecord => {
    return { type: "done", at: 1, source, digest, settings: "s", task: "t", outputs, facts };
  };
  const intent: JournalRecord = { type: "intent", at: 1, source: "a", digest: "e", settings: "s", output: "a.{ext}" };
  const own = (...records: readonly JournalRecord[]): string[] =>
    ownOutputs(stateOf(records), places, jobOf(places, { path: "/data/in/a.png", as: "a" }));

  it("are the files of its result, or of an earlier one while the new one is not there", () => {
    expect(own()).toEqual([]);
    expect(own(intent)).toEqual([]);
    const both = ["/data/out/a.png", "/data/out/a-2.png"];
    expect(own(done("a", "d", ["a.png", "a-2.png"]))).toEqual(both);
    expect(own(done("a", "d", ["a.png", "a-2.png"]), intent)).toEqual(both);
    expect(own(done("b", "d", ["b.png"]))).toEqual([]);
  });

  it("are those no more that another source's result was put over", () => {
    expect(own(done("a", "d", ["a.png", "a-2.png"]), done("b", "f", ["a.png"]))).toEqual(["/data/out/a-2.png"]);
    expect(own(done("a", "d", ["a.png"]), done("b", "f", ["a.png"]), intent)).toEqual([]);
  });
});
