import { request as httpRequest } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as validators from "../../../generated/validators.js";
import { type Sandbox, startSandbox } from "../index.js";
import { dataOf, look, submit, TASKS, TINY, talk } from "./talk.js";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ lifeCycle: "completed", bodyLimit: 5000 });
});
afterAll(() => sandbox.close());

describe("a task", () => {
  it("is created, worked on and completed, in answers of the declared shape", async () => {
    const created = await submit(sandbox);
    expect(created.status).toBe(200);
    expect(created.headers.get("content-type")).toBe("application/json");
    expect(validators.postAiImageUpscalerPrecisionResponse200(created.body)).toBe(true);
    const { task_id: id, ...rest } = dataOf(created);
    expect(rest).toEqual({ status: "CREATED", generated: [] });

    const seen: string[] = [];
    for (let answer = 0; answer < 5; answer++) {
      const reply = await talk(sandbox, `${TASKS}/${id}`);
      expect(validators.getAiImageUpscalerPrecisionTaskResponse200(reply.body)).toBe(true);
      seen.push(dataOf(reply).status);
    }
    expect(seen).toEqual(["IN_PROGRESS", "IN_PROGRESS", "IN_PROGRESS", "COMPLETED", "COMPLETED"]);
    expect((await look(sandbox, id)).generated).toHaveLength(1);
  });

  it("is listed without its images, the newest first, and the list does not move it on", async () => {
    const { task_id: id } = dataOf(await submit(sandbox));
    for (let time = 0; time < 3; time++) {
      const list = await talk(sandbox, TASKS);
      expect(validators.getAiImageUpscalerPrecisionTasksResponse200(list.body)).toBe(true);
      expect((list.body as { data: unknown[] }).data[0]).toEqual({ task_id: id, status: "CREATED" });
    }
  });

  it("is answered with 404 when unknown, 400 when its id is none", async () => {
    const unknown = await talk(sandbox, `${TASKS}/046b6c7f-0b8a-43b9-b35d-6489e6daee91`);
    expect([unknown.status, unknown.body]).toEqual([404, { message: "AI resource not found" }]);
    const invalid = await talk(sandbox, `${TASKS}/nonsense`);
    expect([invalid.status, invalid.body]).toEqual([400, { message: "Parameter 'task-id' is not valid" }]);
  });
});

describe("a submit is refused with 400", () => {
  const cases: [string, unknown, RegExp][] = [
    ["without an image", {}, /'image' is required/],
    ["with an empty image", { image: "" }, /'image' must not be empty/],
    ["with an image that is no text", { image: 7 }, /'image' must be string/],
    ["with unpadded base64", { image: TINY.replace(/=+$/, "") }, /'image' must be base64/],
    ["with base64url", { image: TINY.replaceAll("/", "_") }, /'image' must be base64/],
    ["with a data: URI", { image: `data:image/png;base64,${TINY}` }, /'image' must be base64/],
    ["with a webhook that is no URI", { image: TINY, webhook_url: "no uri" }, /'webhook_url'/],
    ["with a flag that is none", { image: TINY, filter_nsfw: "yes" }, /'filter_nsfw' must be boolean/],
    ...["sharpen", "smart_grain", "ultra_detail"].flatMap((name): [string, unknown, RegExp][] => [
      [`with ${name} beyond its end`, { image: TINY, [name]: 101 }, new RegExp(`'${name}' must be <= 100`)],
      [`with ${name} before its start`, { image: TINY, [name]: -1 }, new RegExp(`'${name}' must be >= 0`)],
      [`with a broken ${name}`, { image: TINY, [name]: 0.5 }, new RegExp(`'${name}' must be integer`)],
      [`with ${name} null`, { image: TINY, [name]: null }, new RegExp(`'${name}' must be integer`)],
    ]),
    ["for a body that is an array", [], /body must be object/],
    ["for a body that is null", "null", /body must be object/],
    ["for half a body", '{"image":"AAAA"', /not valid JSON/],
    ["for no body", "", /not valid JSON/],
  ];
  for (const [name, body, message] of cases) {
    it(name, async () => {
      const before = sandbox.counts.paid;
      const reply = await submit(sandbox, body);
      expect(reply.status).toBe(400);
      expect(validators.postAiImageUpscalerPrecisionResponse400(reply.body)).toBe(true);
      expect((reply.body as { message: string }).message).toMatch(message);
      expect(sandbox.counts.paid).toBe(before);
    });
  }

  it.each(["text/plain", "application/json; charset=latin1", "application/x-www-form-urlencoded", ""])(
    "as %j",
    async (type) => {
      const body = JSON.stringify({ image: TINY });
      expect((await submit(sandbox, body, { "content-type": type })).status).toBe(400);
    },
  );

  it("names every fault at once, and speaks problem+json to whoever wants nothing else", async () => {
    const body = { image: TINY, sharpen: 101, smart_grain: -1 };
    const reply = await submit(sandbox, body, { accept: "application/problem+json" });
    expect(reply.headers.get("content-type")).toBe("application/problem+json");
    expect(validators.postAiImageUpscalerPrecisionResponse400ProblemJson(reply.body)).toBe(true);
    expect(reply.body).toMatchObject({ problem: { invalid_params: [{ name: "sharpen" }, { name: "smart_grain" }] } });
    const both = await submit(sandbox, body, { accept: "application/problem+json, application/json" });
    expect(both.headers.get("content-type")).toBe("application/json");
  });
});

describe("a submit is taken", () => {
  it("with fields the document does not know, and with its defaults filled in", async () => {
    expect((await submit(sandbox, { image: TINY, sharpn: 3 })).status).toBe(200);
    expect(sandbox.tasks()[0]?.sliders).toEqual({ sharpen: 50, smart_grain: 7, ultra_detail: 30 });
  });

  it("with every field, which the sandbox remembers", async () => {
    const body = { image: TINY, sharpen: 0, smart_grain: 100, ultra_detail: 1, filter_nsfw: true };
    await submit(sandbox, body, { "content-type": 'Application/JSON; Charset="utf-8"' });
    expect(sandbox.tasks()[0]).toMatchObject({
      sliders: { sharpen: 0, smart_grain: 100, ultra_detail: 1 },
      filterNsfw: true,
      image: { bytes: 98, sha256: "32b9c5ca9753e785a1e540c74de4a88ea690c9c72d7c132f6f1128ea3255c1c0" },
    });
  });
});

describe("other answers", () => {
  it("are 401 without a key and with a wrong one, without rate headers", async () => {
    for (const [key, message] of [
      ["", "Missing API key"],
      ["wrong", "Invalid API key"],
    ]) {
      const reply = await talk(sandbox, TASKS, { headers: { "x-magnific-api-key": key ?? "" } });
      expect([reply.status, reply.body]).toEqual([401, { message }]);
      expect(reply.headers.has("x-ratelimit-limit")).toBe(false);
      expect(reply.headers.get("x-request-id")).toMatch(/^ak-[0-9a-f]{32}$/);
    }
  });

  it.each(["/v1/ai/unknown", `${TASKS}/`, `${TASKS}/a/b`, "/results/x", "//", "/%"])("are 404 at %s", async (path) => {
    const reply = await talk(sandbox, path);
    expect([reply.status, reply.body]).toEqual([404, { message: "Not found" }]);
  });

  it.each([
    ["PUT", TASKS, "GET, POST"],
    ["POST", `${TASKS}/046b6c7f-0b8a-43b9-b35d-6489e6daee91`, "GET"],
    ["POST", "/", "GET, HEAD"],
  ])("are 405 for %s %s", async (method, path, allow) => {
    const reply = await talk(sandbox, path, { method });
    expect([reply.status, reply.body, reply.headers.get("allow")]).toEqual([
      405,
      { message: "Method not allowed" },
      allow,
    ]);
  });

  // @tests sandbox/SandboxOptions.bodyLimit
  it("are 413 beyond the limit, declared or found out, and the client can read them", async () => {
    const body = JSON.stringify({ image: "A".repeat(2_000_000) });
    expect((await submit(sandbox, body)).status).toBe(413);
    const streamed = await new Promise<number>((resolve, reject) => {
      const headers = { "content-type": "application/json", "x-magnific-api-key": sandbox.key };
      const request = httpRequest(sandbox.url + TASKS, { method: "POST", headers }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      request.on("error", reject);
      request.write(body);
      request.end();
    });
    expect(streamed).toBe(413);
  });

  it("carry the rate headers and an id of their own when the key is right", async () => {
    const [first, second] = [await talk(sandbox, TASKS), await talk(sandbox, `${TASKS}/nonsense`)];
    for (const { headers } of [first, second]) {
      expect(headers.get("x-ratelimit-limit")).toBe("30000");
      expect(headers.get("x-ratelimit-reset")).toMatch(/^\d+$/);
    }
    const left = (headers: Headers): number => Number(headers.get("x-ratelimit-remaining"));
    expect(left(second.headers)).toBe(left(first.headers) - 1);
    expect(first.headers.get("x-request-id")).not.toBe(second.headers.get("x-request-id"));
  });
});
