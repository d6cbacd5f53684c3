import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ErrorCode, Magnific, MagnificError } from "../../src/index.js";
import { type Sandbox, startSandbox } from "../../src/sandbox/index.js";
import { pngOf } from "../../src/test-support/png.js";
import { AFTER, moneyTables, SCENARIOS, verdictOf } from "./money.js";

let sandbox: Sandbox;
const image = pngOf(2000);
beforeAll(async () => {
  sandbox = await startSandbox({ upscaler: "echo", lifeCycle: "immediate" });
});
afterAll(() => sandbox.close());

const clientOf = ({ url, key }: Sandbox): Magnific =>
  new Magnific({
    baseUrl: url,
    apiKey: key,
    timeout: 400,
    rate: false,
    retry: { minDelay: 1, maxDelay: 1 },
    poll: { first: 1, factor: 1, max: 1, timeout: 5_000 },
  });

const failureOf = (work: Promise<unknown>): Promise<MagnificError> =>
  work.then(
    () => expect.unreachable("it did not fail"),
    (error: unknown) => {
      if (error instanceof MagnificError) return error;
      throw error;
    },
  );

describe("the table of what a failed submit costs says what the client does", () => {
  for (const scenario of SCENARIOS) {
    const { fault, what } = scenario;
    if (fault === undefined) continue;
    it(what, async () => {
      const own = await startSandbox({ upscaler: "echo", lifeCycle: "immediate", faults: [fault] });
      try {
        const error = await failureOf(clientOf(own).submit({ image }));
        const { error: said, submission, again } = verdictOf(scenario);
        expect({ code: error.code, submission: error.submission }).toEqual({ code: said.code, submission });
        expect(own.counts.faults, "sends").toBe(again ? 3 : 1);
        // A rejected or unsent one is not paid for; what is unknown may be.
        if (submission !== "unknown") expect(own.counts.paid).toBe(0);
      } finally {
        await own.close();
      }
    });
  }

  it("knows the connection that never came about, the image that fails, and the signal", async () => {
    const closed = await startSandbox({ upscaler: "echo" });
    await closed.close();
    const refused = await failureOf(clientOf(closed).submit({ image }));
    const [scenario] = SCENARIOS.filter(({ what }) => what.startsWith("No connection"));
    if (scenario === undefined) return expect.unreachable();
    const said = verdictOf(scenario);
    expect([refused.code, refused.submission, refused.attempts]).toEqual([said.error.code, said.submission, 3]);
    expect(said.again).toBe(true);

    const gone = async function* (...first: Uint8Array[]): AsyncGenerator<Uint8Array> {
      yield* first;
      throw new Error("gone");
    };
    const broken = { replayable: true, open: () => gone() };
    const unopened = await failureOf(clientOf(sandbox).submit({ image: broken }));
    expect([unopened.code, unopened.submission]).toEqual(["image_unreadable", "not_sent"]);
    const middle = await failureOf(clientOf(sandbox).submit({ image: gone(pngOf(400_000).subarray(0, 300_000)) }));
    expect([middle.code, middle.submission]).toEqual(["image_unreadable", "unknown"]);

    const early = await failureOf(clientOf(sandbox).submit({ image }, { signal: AbortSignal.abort() }));
    expect([early.code, early.submission]).toEqual(["aborted", "not_sent"]);
  });
});

describe("the table of what comes after the submit", () => {
  /** Each makes one task and then fails in one way. */
  const plays: Partial<Record<ErrorCode, (magnific: Magnific, own: Sandbox) => Promise<unknown>>> = {
    wait_timeout: async (magnific, own) => {
      own.script("stuck");
      await magnific.upscale({ image }, { timeout: 20 });
    },
    aborted: async (magnific, own) => {
      own.script("stuck");
      const task = await magnific.submit({ image });
      await task.wait({ signal: AbortSignal.timeout(20) });
    },
    connection_lost: async (magnific, own) => {
      own.script("stuck");
      const task = await magnific.submit({ image });
      own.fault({ kind: "reset", on: "read", times: 9 });
      await task.get();
    },
    task_failed: async (magnific, own) => {
      own.script("failed");
      await magnific.upscale({ image });
    },
    empty_result: async (magnific, own) => {
      own.script("completed_without_image");
      await magnific.upscale({ image });
    },
    download_failed: async (magnific, own) => {
      const { images } = await magnific.upscale({ image });
      own.fault({ kind: "reset", on: "result", times: 99 });
      await images[0].bytes({ retry: 0 });
    },
    file_failed: async (magnific) => {
      const { images } = await magnific.upscale({ image });
      await images[0].save("/proc/nowhere/out.png");
    },
    store_failed: async ({ submit }, own) => {
      void submit;
      const store = {
        begin: async () => undefined,
        finish: async () => Promise.reject(new Error("disk full")),
        forget: async () => undefined,
      };
      await new Magnific({ baseUrl: own.url, apiKey: own.key, store }).submit({ image });
    },
  };

  for (const { code } of AFTER) {
    it(`${code}: paid once, and the task is known`, async () => {
      const play = plays[code];
      if (play === undefined) return expect.unreachable(`nothing plays ${code}`);
      const own = await startSandbox({ upscaler: "echo", lifeCycle: "immediate" });
      try {
        const error = await failureOf(play(clientOf(own), own));
        expect(error.code).toBe(code);
        expect(error.taskId).toMatch(/^[\da-f-]{36}$/);
        expect(own.counts.paid).toBe(1);
      } finally {
        await own.close();
      }
    });
  }
});

it("every scenario has a row, and those that may be paid are never sent again", () => {
  const rows = moneyTables()
    .split("\n")
    .filter((line) => line.startsWith("| ") && !/^\| (?:what|---)/.test(line));
  expect(rows).toHaveLength(SCENARIOS.length);
  for (const { submission, again } of SCENARIOS.map(verdictOf)) if (submission === "unknown") expect(again).toBe(false);
});
