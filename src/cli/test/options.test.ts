import { Command } from "commander";
import { describe, expect, it } from "vitest";
import {
  atLeast,
  jsonFlag,
  openClient,
  slidersOf,
  whole,
  withClientFlags,
  withSliders,
  withWaitFlags,
} from "../options.js";
import { hereOf } from "./here.js";

function parsed(command: Command, ...args: string[]): Record<string, unknown> {
  command.exitOverride().configureOutput({ writeErr: () => {} });
  return command.parse(args, { from: "user" }).opts();
}

describe("numbers", () => {
  it.each([
    ["0", 0, 100, 0],
    ["100", 0, 100, 100],
    ["7", 7, 7, 7],
    ["9007199254740991", 0, undefined, Number.MAX_SAFE_INTEGER],
  ])("%s is a whole number from %s to %s", (text, least, most, value) => {
    expect(whole(least, most)(text)).toBe(value);
  });

  it.each(["-1", "101", "1.5", "1e1", "", " ", "x", "5x", "x5", "0x10"])("%j is none from 0 to 100", (text) => {
    expect(() => whole(0, 100)(text)).toThrow("It must be a whole number from 0 to 100.");
  });

  it("without an upper bound only the lower one is named", () => {
    expect(() => whole(3)("2")).toThrow("It must be a whole number of at least 3.");
    expect(() => whole(0)("9007199254740993")).toThrow("of at least 0.");
  });

  it("a number of at least may have a fraction", () => {
    expect(["0.01", "1e3", "5"].map(atLeast(0.01))).toEqual([0.01, 1000, 5]);
    expect(atLeast(0)("0")).toBe(0);
    for (const text of ["0.009", "", "  ", "x", "Infinity", "-1"])
      expect(() => atLeast(0.01)(text), text).toThrow("It must be a number of at least 0.01.");
    expect(() => atLeast(0)(" ")).toThrow("at least 0.");
  });
});

describe("flags", () => {
  it("say nothing that was not said", () => {
    expect(parsed(withSliders(withWaitFlags(new Command())).addOption(jsonFlag()))).toEqual({});
  });

  it("have the names and values that the client is made of", () => {
    const args = ["--key-file", "k", "--base-url", "u", "--rate", "7", "--retry", "0"];
    const expected = { keyFile: "k", baseUrl: "u", rate: 7, retry: 0 };
    expect(parsed(withClientFlags(new Command()), ...args)).toEqual(expected);
    expect(parsed(withWaitFlags(new Command()), ...args, "--wait-timeout", "0", "--poll", "0.01")).toEqual({
      ...expected,
      waitTimeout: 0,
      poll: 0.01,
    });
    expect(parsed(withClientFlags(new Command()), "--rate", "none")).toEqual({ rate: false });
    expect(parsed(new Command().addOption(jsonFlag()), "--json")).toEqual({ json: true });
  });

  it.each([
    ["--rate", "0"],
    ["--rate", "None"],
    ["--retry", "-1"],
    ["--poll", "0"],
    ["--wait-timeout", "-1"],
    ["--sharpen", "101"],
    ["--smart-grain", "101"],
    ["--ultra-detail", "-1"],
  ])("%s %s cannot work", (flag, value) => {
    expect(() => parsed(withSliders(withWaitFlags(new Command())), flag, value)).toThrow(/must be a (whole )?number/);
  });

  it("become the fields of the request, those that were given alone", () => {
    const sliders = (...args: string[]) => slidersOf(parsed(withSliders(new Command()), ...args));
    expect(sliders()).toEqual({});
    const all = sliders("--sharpen", "0", "--smart-grain", "1", "--ultra-detail", "100", "--filter-nsfw");
    expect(all).toEqual({ sharpen: 0, smart_grain: 1, ultra_detail: 100, filter_nsfw: true });
    expect(sliders("--no-filter-nsfw")).toEqual({ filter_nsfw: false });
  });
});

describe("a client", () => {
  it("is made with a key, and without one only where nothing is sent", async () => {
    await using here = await hereOf();
    const keyFile = await here.file("none", "", 0o600);
    await expect(openClient({ keyFile })).rejects.toThrow(/is empty/);
    await using keyless = await openClient({ keyFile }, { keyless: true });
    await expect(keyless.client.tasks()).rejects.toMatchObject({ code: "authentication_failed" });
    await using open = await openClient({});
    expect(await open.client.tasks()).toEqual([]);
    await using elsewhere = await openClient({ baseUrl: "http://127.0.0.1:2", retry: 0 });
    await expect(elsewhere.client.tasks()).rejects.toMatchObject({ code: "connection_failed" });
  });

  it("repeats, and looks at tasks, as often as the flags say", async () => {
    await using here = await hereOf({ lifeCycle: ["CREATED", { status: "IN_PROGRESS", answers: 4 }, "COMPLETED"] });
    await using open = await openClient({ retry: 0, poll: 0.01, rate: false });
    here.sandbox.fault({ kind: "error", status: 503, on: "list" });
    await expect(open.client.tasks()).rejects.toMatchObject({ code: "server_error", attempts: 1 });
    const task = await open.client.submit({ image: new Uint8Array(await (await fetch(PIXEL)).arrayBuffer()) });
    const began = performance.now();
    await open.client.task(task.id).wait();
    // By the client's own pauses it would take 2 s and more.
    expect(performance.now() - began).toBeLessThan(1500);
    expect(here.sandbox.counts.reads).toBeGreaterThan(3);
  });
});

const PIXEL =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
