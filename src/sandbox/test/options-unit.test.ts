import { availableParallelism } from "node:os";
import { describe, expect, it } from "vitest";
import { systemTime } from "../../util/time.js";
import { SandboxError } from "../errors.js";
import { lifeCycles } from "../life-cycle.js";
import { ManualTime } from "../manual-time.js";
import { randomSecret, resolveOptions, type SandboxOptions, stepsByName } from "../options.js";
import { echo } from "../upscaler.js";

const TASK = { id: "1", number: 1, sliders: { sharpen: 0, smart_grain: 0, ultra_detail: 0 } };

it("have the defaults that they are documented with", () => {
  const { stepsFor, upscaler, ...rest } = resolveOptions({});
  expect(rest).toEqual({
    port: 0,
    keys: undefined,
    concurrency: Math.min(2, availableParallelism()),
    bodyLimit: 268_435_456,
    resultTtlMs: 3_600_000,
    rateLimit: { limit: 30_000, windowMs: 60_000 },
    latencyMs: 0,
    faults: [],
    webhooks: {
      secret: undefined,
      targets: "loopback",
      retryDelaysMs: [1000, 5000, 30_000],
      timeoutMs: 10_000,
      lateByMs: 5000,
    },
    folder: undefined,
    logSize: 10_000,
    onLog: undefined,
    time: systemTime,
  });
  expect(stepsFor(TASK)).toEqual(stepsByName("standard"));
  expect(upscaler).not.toBe(echo);
});

it("are taken as they are given", () => {
  const given = {
    port: 65_535,
    concurrency: 1,
    bodyLimit: 1,
    resultTtlMs: 0,
    rateLimit: { limit: 0, windowMs: 1 },
    latencyMs: 7,
    faults: [{ kind: "stall" }],
    webhooks: { secret: "w", targets: "any", retryDelaysMs: [], timeoutMs: 1, lateByMs: 0 },
    folder: "here",
    logSize: 0,
    onLog: () => {},
    time: new ManualTime(),
  } satisfies SandboxOptions;
  const upscaler = async (): Promise<never> => Promise.reject(new Error("no"));
  const resolved = resolveOptions({ ...given, key: "!~", upscaler, lifeCycle: ["PAUSED"] });
  expect(resolved).toMatchObject({ ...given, keys: ["!~"] });
  expect(resolved.upscaler).toBe(upscaler);
  expect(resolved.stepsFor(TASK)).toEqual([{ status: "PAUSED" }]);
  expect(resolveOptions({ upscaler: "echo", key: ["one", "two"] })).toMatchObject({
    upscaler: echo,
    keys: ["one", "two"],
  });
  const byTask = resolveOptions({ lifeCycle: ({ number }) => (number === 1 ? "stuck" : ["X"]) });
  expect([byTask.stepsFor(TASK), byTask.stepsFor({ ...TASK, number: 2 })]).toEqual([
    [{ status: "CREATED" }],
    [{ status: "X" }],
  ]);
});

describe("an option without meaning", () => {
  it.each([
    ...["", "with blank", "line\nbreak", "tab\t", "é", "\x7f", " lead", "trail "].map(
      (key): [SandboxOptions, string] => [{ key }, "`key` must be printable ASCII without blanks"],
    ),
    [{ key: ["good", "not good"] }, "`key` must be"],
    [{ key: [] }, "`key` must be"],
    [{ port: -1 }, "`port` must be a number from 0 to 65535; it is -1."],
    [{ port: 65_536 }, "`port` must be a number from 0 to 65535; it is 65536."],
    [{ port: Number.NaN }, "`port`"],
    [{ port: "80" as never }, "`port`"],
    [{ scale: 0.5 }, "`scale` must be a number from 1 to 16; it is 0.5."],
    [{ scale: 16.5 }, "`scale`"],
    [{ resultFormat: "bmp" as never }, '`resultFormat` must be "png" or "source".'],
    [{ concurrency: 0 }, "`concurrency` must be a number of at least 1; it is 0."],
    [{ concurrency: Number.POSITIVE_INFINITY }, "`concurrency`"],
    [{ bodyLimit: 0 }, "`bodyLimit` must be a number of at least 1"],
    [{ resultTtlMs: -1 }, "`resultTtlMs` must be a number of at least 0"],
    [{ rateLimit: { limit: -1 } }, "`rateLimit.limit` must be a number of at least 0"],
    [{ rateLimit: { windowMs: 0 } }, "`rateLimit.windowMs` must be a number of at least 1"],
    [{ latencyMs: -1 }, "`latencyMs` must be a number of at least 0"],
    [{ logSize: -1 }, "`logSize` must be a number of at least 0"],
    [{ webhooks: { timeoutMs: 0 } }, "`webhooks.timeoutMs` must be a number of at least 1"],
    [{ webhooks: { lateByMs: -1 } }, "`webhooks.lateByMs` must be a number of at least 0"],
    [{ faults: [{ kind: "html" }, { kind: "delay" } as never] }, 'A delay needs "ms".'],
    [{ lifeCycle: [] }, "at least one step"],
    [
      { lifeCycle: "toString" as never },
      `There is no life cycle "toString". The names: ${Object.keys(lifeCycles).join(", ")}.`,
    ],
  ] satisfies [SandboxOptions, string][])("%j: is refused", (options, message) => {
    expect(() => resolveOptions(options)).toThrow(SandboxError);
    expect(() => resolveOptions(options)).toThrow(message);
  });

  it("says what was wrong, and keeps the cause", () => {
    let caught: unknown;
    try {
      resolveOptions({ lifeCycle: [] });
    } catch (error) {
      caught = error;
    }
    expect(caught).toMatchObject({ name: "SandboxError", code: "invalid_option", cause: expect.any(RangeError) });
  });
});

it("may be at either end of their range", () => {
  expect(resolveOptions({ port: 0, scale: 1, resultFormat: "png" }).port).toBe(0);
  expect(resolveOptions({ port: 65_535, scale: 16, resultFormat: "source" }).port).toBe(65_535);
});

it("have steps under each name, and no secret twice", () => {
  expect(stepsByName("failed")).toEqual([{ status: "CREATED" }, { status: "IN_PROGRESS" }, { status: "FAILED" }]);
  const secrets = [randomSecret("a-"), randomSecret("a-")];
  for (const secret of secrets) expect(secret).toMatch(/^a-[0-9a-f]{48}$/);
  expect(secrets[0]).not.toBe(secrets[1]);
});
