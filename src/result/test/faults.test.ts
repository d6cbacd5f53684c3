/** Every way a download can go wrong × every moment the caller can give up: how many requests, which error, and nothing left. */
import { readdirSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { MagnificError } from "../../errors/magnific-error.js";
import { TASK_ID } from "../../test-support/client-context.js";
import { CompressedTime } from "../../test-support/compressed-time.js";
import { countedSignal, freePort, type Serve } from "../../test-support/loopback.js";
import { pngOf } from "../../test-support/png.js";
import { rejection } from "../../test-support/rejection.js";
import { tempFolder } from "../../test-support/temp-folder.js";
import type { DownloadOptions } from "../options.js";
import { type Result, resultOf } from "./result-of.js";

const IMAGE = pngOf(200_000);
const HALF = IMAGE.subarray(0, 100_000);

interface Fault {
  readonly name: string;
  readonly serve: Serve | "nobody";
  readonly code: string;
  readonly requests: number;
  /** What else the error says. */
  readonly says?: RegExp;
  readonly status?: number;
  readonly options?: DownloadOptions;
  /** Whether the first bytes of an image come, so that the caller can give up in the body. */
  readonly body?: boolean;
}

function status(code: number, requests: number, headers: Record<string, string> = {}): Fault {
  return {
    name: `${code}${Object.keys(headers).length > 0 ? ` ${JSON.stringify(headers)}` : ""}`,
    serve: (response) => void response.writeHead(code, headers).end("no"),
    code: "download_failed",
    requests,
    status: code,
  };
}

function redirect(name: string, location: string | undefined, requests: number, code = "result_refused"): Fault {
  const serve: Serve = (response) => void response.writeHead(302, location === undefined ? {} : { location }).end();
  return { name, serve, code, requests };
}

const begun = (response: ServerResponse): ServerResponse => {
  response.writeHead(200, { "content-type": "image/png", "content-length": IMAGE.byteLength, etag: '"v1"' });
  response.write(HALF);
  return response;
};

/** One request and, by default, three repetitions. */
const ALL = 4;

/** One that ends in `download_failed`, after all attempts or, where it is final, after one. */
function fails(name: string, requests: number, serve: Serve, says?: RegExp, more: Partial<Fault> = {}): Fault {
  return { name, serve, code: "download_failed", requests, ...(says && { says }), ...more };
}

const FAULTS: readonly Fault[] = [
  { name: "refused connection", serve: "nobody", code: "download_failed", requests: 0, says: /failed \(4 attempts\)/ },
  fails("reset before the answer", ALL, (r) => r.destroy()),
  fails("reset in the body", ALL, (r) => {
    begun(r).write(new Uint8Array(10), () => setTimeout(() => r.destroy(), 5));
  }),
  fails("stall before the headers", ALL, () => {}, /nothing arrived for 30000 ms/),
  fails("stall in the body", ALL, (r) => void begun(r), /nothing arrived/, { body: true }),
  {
    name: "slow drip",
    serve: (r) => {
      begun(r);
      const timer = setInterval(() => r.write(IMAGE.subarray(0, 1)), 20);
      r.on("close", () => clearInterval(timer));
    },
    code: "timeout",
    requests: 1,
    options: { timeout: 60_000 },
    body: true,
  },
  redirect("redirect to another host", "https://example.com/x.png", 1),
  redirect("redirect to a private address", "http://169.254.169.254/latest/meta-data/", 1),
  redirect("redirect to another port of this machine", "http://127.0.0.1:1/x.png", 1),
  redirect("redirect to another scheme", "file:///etc/passwd", 1),
  redirect("redirect to a URL with a user name", "https://magnific.com@127.0.0.1/x.png", 1),
  redirect("redirect without a place", undefined, 1),
  redirect("redirect in a circle", "/again", 4, "download_failed"),
  ...[204, 206, 400, 401, 402, 403, 404, 410, 413, 416, 501].map((code) => status(code, 1)),
  ...[408, 425, 429, 500, 502, 503, 504].map((code) => status(code, ALL)),
  status(429, ALL, { "retry-after": "2" }),
  status(503, ALL, { "retry-after": "nonsense" }),
  status(429, 1, { "retry-after": "61" }),
  fails("empty body", ALL, (r) => void r.writeHead(200).end(), /empty/),
  fails("HTML with 200", 1, (r) => void r.writeHead(200).end("<!doctype html><title>Sorry</title>"), /but HTML/),
  fails("JSON with 200", 1, (r) => void r.writeHead(200).end('{"message":"gone"}'), /but JSON/),
  fails("wrong type", 1, (r) => void r.writeHead(200).end(new Uint8Array(1000)), /not an image/),
  fails("truncated, length stated", ALL, (r) => {
    begun(r);
    setTimeout(() => r.socket?.end(), 5);
  }),
  fails(
    "truncated, no length and no ETag",
    ALL,
    (r) => {
      r.useChunkedEncodingByDefault = false;
      r.writeHead(200, { "content-type": "image/png", connection: "close" }).end(HALF);
    },
    /truncated/,
  ),
  fails(
    "huge, length stated",
    1,
    (r) => void r.writeHead(200, { "content-length": 1001 }).write(IMAGE.subarray(0, 10)),
    /larger than 1000 bytes/,
    { options: { maxBytes: 1000 } },
  ),
  fails(
    "huge, length not stated",
    1,
    (r) => {
      r.writeHead(200, { "content-type": "image/png" });
      // Not endless: a client that reads on must fail here, not fill the disk.
      let left = 100;
      const more = (): void => {
        while (!r.destroyed && left-- > 0 && r.write(IMAGE));
        if (left <= 0) r.end();
      };
      r.on("drain", more);
      more();
    },
    /larger than 1000000 bytes/,
    { options: { maxBytes: 1_000_000 }, body: true },
  ),
];

interface Place extends Result {
  readonly folder: string;
  readonly signal: ReturnType<typeof countedSignal>;
}

async function place({ serve, name }: Fault, onRequest: () => void = () => {}): Promise<Place> {
  const nobody = serve === "nobody" ? `127.0.0.1:${await freePort()}` : undefined;
  // Only where nothing comes does a test live through the idle time. Elsewhere a busy machine must not seem idle.
  const time = new CompressedTime(/stall|drip/.test(name) ? 100 : 20);
  const result = await resultOf(
    (response, n, request) => {
      onRequest();
      if (serve !== "nobody") serve(response, n, request);
    },
    { time, ...(nobody === undefined ? {} : { results: { hosts: [nobody] } }) },
    nobody && `http://${nobody}/image.png`,
  );
  const folder = tempFolder("result-");
  return { ...result, folder, signal: countedSignal() };
}

async function expectNothingLeft({ server, time, folder, signal }: Place): Promise<void> {
  await server.idle();
  expect(time.pending).toBe(0);
  expect(signal.listeners()).toBe(0);
  expect(readdirSync(folder)).toEqual([]);
}

// @tests DownloadOptions.signal
const save = ({ image, folder, signal }: Place, fault: Fault) =>
  image.save(join(folder, "x.png"), { ...fault.options, signal: signal.controller.signal });

describe("a fault that stays", () => {
  for (const fault of FAULTS) {
    it(fault.name, async () => {
      const here = await place(fault);
      const error = await rejection(save(here, fault), MagnificError);
      expect(error).toMatchObject({ code: fault.code, taskId: TASK_ID });
      if (fault.says) expect(error.message).toMatch(fault.says);
      if (fault.status) expect(error.status).toBe(fault.status);
      expect(here.server.requests).toHaveLength(fault.requests);
      await expectNothingLeft(here);
    });
  }
});

describe("given up", () => {
  const reason = new Error("enough");
  const aborted = { code: "aborted", name: "AbortError", taskId: TASK_ID, cause: reason };

  for (const fault of FAULTS) {
    it(`before the request: ${fault.name}`, async () => {
      const here = await place(fault);
      here.signal.controller.abort(reason);
      expect(await rejection(save(here, fault), MagnificError)).toMatchObject(aborted);
      expect(here.server.requests).toHaveLength(0);
      await expectNothingLeft(here);
    });

    if (fault.serve !== "nobody")
      it(`when the server has the request: ${fault.name}`, async () => {
        const here: Place = await place(fault, () => here.signal.controller.abort(reason));
        expect(await rejection(save(here, fault), MagnificError)).toMatchObject(aborted);
        expect(here.server.requests).toHaveLength(1);
        await expectNothingLeft(here);
      });

    if (fault.requests === ALL && fault.code === "download_failed" && !fault.name.includes("circle"))
      it(`between two attempts: ${fault.name}`, async () => {
        const here = await place(fault);
        here.time.onDelay = (delay) => {
          if (delay <= 8_000) setTimeout(() => here.signal.controller.abort(reason), 0);
        };
        expect(await rejection(save(here, fault), MagnificError)).toMatchObject(aborted);
        expect(here.server.requests.length).toBeLessThan(ALL);
        await expectNothingLeft(here);
      });

    if (fault.body)
      it.each(["signal", "cancel()"])(`in the body by %s: ${fault.name}`, async (how) => {
        const here = await place(fault);
        const reader = here.image.stream({ ...fault.options, signal: here.signal.controller.signal }).getReader();
        expect((await reader.read()).value?.byteLength).toBeGreaterThan(0);
        if (how === "signal") {
          here.signal.controller.abort(reason);
          const reading = async (): Promise<void> => {
            while (!(await reader.read()).done);
          };
          expect(await rejection(reading(), MagnificError)).toMatchObject(aborted);
        } else await reader.cancel();
        expect(here.server.requests).toHaveLength(1);
        await expectNothingLeft(here);
      });
  }
});
