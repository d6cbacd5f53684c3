import { request as httpRequest } from "node:http";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as validators from "../../../generated/upscaler-precision/validators.js";
import { DEFAULTS, SLIDER_DEFAULTS, SLIDERS } from "../../test-support/document.js";
import { type Sandbox, startSandbox } from "../index.js";
import { entries, PROBLEM, submit, TASKS, TINY } from "./requests.js";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ port: false, upscaler: "echo", lifeCycle: "stuck", bodyLimit: 5000 });
});
afterAll(() => sandbox.close());

const NOT_JSON = "The body is not valid JSON";
const NOT_BASE64 = "Parameter 'image' must be base64 with padding";

it.each<[string, unknown, string | RegExp, string[]]>([
  ["without an image", {}, "Parameter 'image' is required", ["image"]],
  ["with an empty image", { image: "" }, "Parameter 'image' must not be empty", ["image"]],
  ["with an image that is not text", { image: 7 }, "Parameter 'image' must be string", ["image"]],
  ["with unpadded base64", { image: "QUI" }, NOT_BASE64, ["image"]],
  ["with base64url", { image: "-_8=" }, NOT_BASE64, ["image"]],
  ["with a data: URI", { image: `data:image/png;base64,${TINY}` }, NOT_BASE64, ["image"]],
  ["with a line break in the base64", { image: "QUJD\nQUJD" }, NOT_BASE64, ["image"]],
  ["with padding in the middle of the base64", { image: "QUI=QUJD" }, NOT_BASE64, ["image"]],
  [
    "with a webhook that is not a URI",
    { image: TINY, webhook_url: "x y" },
    /'webhook_url' must match/,
    ["webhook_url"],
  ],
  ["with a flag that is text", { image: TINY, filter_nsfw: "yes" }, /'filter_nsfw' must be boolean/, ["filter_nsfw"]],
  ...SLIDERS.flatMap(([name, { minimum, maximum }]): [string, unknown, RegExp, string[]][] => [
    [
      `with ${name} above its maximum`,
      { image: TINY, [name]: maximum + 1 },
      new RegExp(`'${name}' must be <= ${maximum}`),
      [name],
    ],
    [
      `with ${name} below its minimum`,
      { image: TINY, [name]: minimum - 1 },
      new RegExp(`'${name}' must be >= ${minimum}`),
      [name],
    ],
    [`with a fraction for ${name}`, { image: TINY, [name]: 0.5 }, new RegExp(`'${name}' must be integer`), [name]],
    [`with null for ${name}`, { image: TINY, [name]: null }, new RegExp(`'${name}' must be integer`), [name]],
  ]),
  [
    "with several errors",
    { webhook_url: 1, filter_nsfw: 1 },
    /^(?=.*'image' is required)(?=.*; )(?=.*'webhook_url' must be string)(?=.*'filter_nsfw' must be boolean)/,
    ["filter_nsfw", "image", "webhook_url"],
  ],
  ["whose body is an array", [], "The body must be object", ["body"]],
  ["whose body is null", "null", "The body must be object", ["body"]],
  ["whose body is incomplete", '{"image":"AAAA"', NOT_JSON, []],
  ["whose body is empty", "", NOT_JSON, []],
  ["whose body is not UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), NOT_JSON, []],
])("A submit %s is refused with 400 that names the parameters, and costs nothing", async (_, body, message, names) => {
  const { paid } = sandbox.counts;
  const refused = await submit(sandbox, body);
  expect(refused.status).toBe(400);
  expect(validators.postAiImageUpscalerPrecisionResponse400(refused.body)).toBe(true);
  const text = (refused.body as { message: string }).message;
  if (typeof message === "string") expect(text).toBe(message);
  else expect(text).toMatch(message);

  const { headers, body: problemBody } = await submit(sandbox, body, PROBLEM);
  expect(headers.get("content-type")).toBe("application/problem+json");
  expect(validators.postAiImageUpscalerPrecisionResponse400ProblemJson(problemBody)).toBe(true);
  const { problem } = problemBody as {
    problem: { message: string; invalid_params: { name: string; reason: string }[] };
  };
  expect(problem.message).toBe(text);
  expect(problem.invalid_params.map(({ name }) => name).sort()).toEqual(names);
  if (names.length > 0) expect(text).toBe(problem.invalid_params.map(({ reason }) => reason).join("; "));
  expect(sandbox.counts.paid).toBe(paid);
});

it.each([
  ["", false],
  ["application/problem+json", true],
  ["Application/Problem+JSON", true],
  ["text/html, application/problem+json;q=0.9", true],
  ["application/problem+json ; q=1,text/plain", true],
  ["application/problem+json, application/json", false],
  ["application/json;q=0.1, application/problem+json", false],
  ["application/problem+json, */*;q=0.1", false],
  ["text/html", false],
])("To a client that accepts %j a 400 is problem+json: %s", async (accept, isProblem) => {
  const { headers } = await submit(sandbox, {}, { accept });
  expect(headers.get("content-type")).toBe(isProblem ? "application/problem+json" : "application/json");
});

it.each([
  ["application/json", true],
  ["APPLICATION/JSON", true],
  ["application/json ; Charset=UTF-8", true],
  ['application/json; x=1; charset="utf-8"', true],
  ["application/json; charset=utf-16", false],
  ["application/json; charset=xutf-8", false],
  ["application/json; charset=", false],
  ["application/jsonx", false],
  ["text/json", false],
])("A body of the type %j is accepted: %s", async (type, accepted) => {
  const { status, body } = await submit(sandbox, undefined, { "content-type": type });
  if (accepted) expect(status).toBe(200);
  else {
    expect([status, body]).toEqual([400, { message: "The body must be sent as application/json in UTF-8" }]);
    expect(entries(sandbox, "request").at(-1)?.body).toEqual({ bytes: 0, fields: [] });
  }
});

describe("An accepted submit", () => {
  it("has the document's defaults, and may have fields that the document does not declare", async () => {
    expect((await submit(sandbox, { image: TINY, sharpn: 3 })).status).toBe(200);
    expect(sandbox.tasks()[0]).toMatchObject({
      sliders: SLIDER_DEFAULTS,
      fields: { sharpn: 3, ...DEFAULTS },
      image: {
        bytes: 98,
        sha256: "32b9c5ca9753e785a1e540c74de4a88ea690c9c72d7c132f6f1128ea3255c1c0",
        type: "image/png",
      },
    });
  });

  it("keeps every value, also 0", async () => {
    const sliders = Object.fromEntries(
      SLIDERS.map(([name, { minimum, maximum }], index) => [name, index % 2 === 0 ? minimum : maximum]),
    );
    await submit(sandbox, { image: TINY, ...sliders, filter_nsfw: true });
    expect(sandbox.tasks()[0]).toMatchObject({ sliders, fields: { ...sliders, filter_nsfw: true } });
  });

  it("gives the upscaler the exact bytes, however the JSON writes their base64", async () => {
    let seen: Uint8Array | undefined;
    await using own = await startSandbox({
      port: false,
      lifeCycle: "immediate",
      upscaler: async (bytes) => {
        seen = bytes;
        return { bytes, type: "image/png" };
      },
    });
    const escaped = (text: string, seed: number): string =>
      [...text]
        .map((character, index) => {
          if ((seen === undefined ? 0 : (seed >> (index % 30)) & 3) === 3 || character === "+")
            return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
          return character === "/" ? "\\/" : character;
        })
        .join("");
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.nat(), async (bytes, seed) => {
        const text = escaped(Buffer.from(bytes).toString("base64"), seed);
        await submit(own, `{"other":{"image":"!!"},"image" : "${text}"}`);
        expect(Buffer.from(seen ?? []).equals(bytes)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

// @tests sandbox/SandboxOptions.bodyLimit
describe("A body", () => {
  const sized = (size: number): string => {
    const empty = JSON.stringify({ image: TINY, x: "" });
    return JSON.stringify({ image: TINY, x: "x".repeat(size - empty.length) });
  };

  it("may be as large as the limit and no larger, and the client can read the 413", async () => {
    await using own = await startSandbox({ upscaler: "echo", lifeCycle: "stuck", bodyLimit: 5000 });
    const send = (size: number, headers = {}): Promise<number> =>
      new Promise((resolve, reject) => {
        const request = httpRequest(own.url + TASKS, {
          method: "POST",
          headers: { "content-type": "application/json", "x-magnific-api-key": own.key, ...headers },
        });
        request.on("response", (response) => resolve(response.resume().statusCode ?? 0)).on("error", reject);
        request.write(sized(size).slice(0, 9));
        request.end(sized(size).slice(9));
      });
    const seen: unknown[] = [];
    for (const size of [5000, 5001, 2_000_000])
      for (const headers of [{}, { "content-length": size }]) seen.push(await send(size, headers));
    expect(seen).toEqual([200, 200, 413, 413, 413, 413]);
    const [small, , chunked, declared] = entries(own, "request");
    expect(small?.body).toEqual({ bytes: 5000, fields: ["image", "x"] });
    expect(chunked).toMatchObject({ reason: "The body is larger than the 5000 bytes that this sandbox accepts" });
    expect(chunked?.body?.bytes).toBeGreaterThan(5000);
    expect(declared?.body?.bytes).toBe(0);
  });

  it("is logged by its size and its first fields only", async () => {
    const names = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`${index}${"n".repeat(70)}`, 1]));
    await submit(sandbox, { image: TINY, ...names });
    const { fields = [] } = entries(sandbox, "request").at(-1)?.body ?? {};
    expect([fields.length, Math.max(...fields.map((field) => field.length))]).toEqual([20, 64]);
  });
});
