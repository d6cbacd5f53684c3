/** What an answer that is not 2xx says, and the error that is made of it. */
import { describe, expect, it } from "vitest";
import { apiError, complaintOf, isUsageLimit, unsure } from "../api-errors.js";

const of = (text: string, type = "application/json", secrets: string[] = [], cut = false) =>
  complaintOf({ text, type, cut }, secrets);
const json = (value: unknown) => of(JSON.stringify(value));

describe("what the body of an error says", () => {
  it("is a message under any of its names, the most telling first", () => {
    const all = { message: "message", detail: "detail", title: "title", error: "error" };
    expect(json({ ...all, problem: { message: "inner" } })).toEqual({ message: "inner" });
    expect(json(all)).toEqual({ message: "message" });
    expect(json({ ...all, message: " " })).toEqual({ message: "detail" });
    expect(json({ title: "title", error: "error" })).toEqual({ message: "title" });
    expect(json({ error: "error" })).toEqual({ message: "error" });
    expect(json({ message: 7, problem: "none", error: null })).toEqual({});
  });

  it("is a list of parameters, nested as the schema says or flat as the example does", () => {
    const invalid_params = [{ name: "sharpen", reason: "too large" }];
    const expected = { invalidParams: [{ name: "sharpen", reason: "too large" }] };
    expect(json({ problem: { invalid_params } })).toEqual(expected);
    expect(json({ invalid_params })).toEqual(expected);
    expect(json({ problem: { invalid_params: "none" }, invalid_params })).toEqual(expected);
    expect(json({ invalid_params: [{ name: "a" }, { reason: "b" }, { name: "", reason: "c" }, null, 7] })).toEqual({});
    expect(json({ invalid_params: Array(60).fill(invalid_params[0]) }).invalidParams?.length).toBe(50);
  });

  it("is plain text where there is no JSON, and a page's title where there is one", () => {
    expect(of("upstream  connect\n\terror", "text/plain")).toEqual({ message: "upstream connect error" });
    expect(of("<html><TITLE>502 Bad Gateway</TITLE><body>x", "text/html")).toEqual({ message: "502 Bad Gateway" });
    expect(of("  <p>Too <b>many</b></p>", "")).toEqual({ message: "Too many" });
    expect(of("a < b and c > d", "text/plain")).toEqual({ message: "a < b and c > d" });
    expect(of("<p>read as a page</p>", "text/html")).toEqual({ message: "read as a page" });
    expect(of("nothing in tags", "application/xhtml+html")).toEqual({ message: "nothing in tags" });
    expect(of("", "text/plain")).toEqual({});
    expect(of(" \u0000\ufffd ", "text/plain")).toEqual({});
    expect(of("[1]")).toEqual({ message: "[1]" });
    expect(of("{}")).toEqual({});
  });

  it("is what stands between the tags of a page without a title, word by word", () => {
    for (const [text, message] of [
      ["<h1>Bad</h1><p>Gateway</p>", "Bad Gateway"],
      ["<p>one</p>two<br>three", "one two three"],
      ["<title></title><p>Bad</p>", "Bad"],
      ["<title lang='en'>Busy\n now</title><p>x", "Busy now"],
    ] as const)
      expect(of(text, "text/html")).toEqual({ message });
  });

  it("is nothing where the JSON is a value that holds none, and that value where it is text", () => {
    for (const text of ["null", "7", "true", '"gone"', "[]", "not json", "{"])
      expect(of(text)).toEqual({ message: text });
    for (const problem of [null, 7, "text", [], [{ message: "inner" }]])
      expect(json({ problem, message: "outer" })).toEqual({ message: "outer" });
    for (const entry of [null, 7, "text", ["name", "reason"]]) expect(json({ invalid_params: [entry] })).toEqual({});
  });

  it("is bounded, and holds no key", () => {
    expect(of("word ".repeat(2_000), "text/plain").message?.length).toBeLessThanOrEqual(200);
    expect(
      of(`<title>${"t".repeat(99)} ${"u".repeat(99)} ${"v".repeat(99)}</title>`, "text/html").message?.length,
    ).toBe(200);
    expect(of('{"message":"bad key-1"}', "", ["key-1"])).toEqual({ message: "bad [key]" });
    expect(of("bad key-1", "", ["key-1"])).toEqual({ message: "bad [key]" });
    // Cut within the key, and everything before it is taken out as data.
    const cut = `bad ${"A".repeat(60_000)} for key-12345`;
    expect(of(cut, "text/plain", ["key-123456789"], true)).toEqual({ message: "bad [data]" });
    expect(of("short", "text/plain", ["key-123456789"], true)).toEqual({});
    expect(of('{"invalid_params":[{"name":"key-1","reason":"is key-1"}]}', "", ["key-1"]).invalidParams).toEqual([
      { name: "[key]", reason: "is [key]" },
    ]);
  });
});

describe("a 429", () => {
  it("is no matter of waiting where the trial is used up", () => {
    for (const message of [
      "Free trial used",
      "free-trial over",
      "freetrial",
      "USAGE LIMIT",
      "upgrade your plan",
      "Upgrade to a plan",
    ])
      expect(isUsageLimit(429, { message }), message).toBe(true);
    for (const message of ["Too many requests", "upgraded", "limit of usage"])
      expect(isUsageLimit(429, { message }), message).toBe(false);
    expect(isUsageLimit(403, { message: "usage limit" })).toBe(false);
    expect(isUsageLimit(429, {})).toBe(false);
  });
});

describe("the error of a status", () => {
  const about = { operation: "POST /x" };
  const codes: [number, string, string][] = [
    [400, "BadRequestError", "bad_request"],
    [401, "AuthenticationError", "authentication_failed"],
    [402, "CreditsExhaustedError", "credits_exhausted"],
    [403, "ForbiddenError", "forbidden"],
    [404, "NotFoundError", "not_found"],
    [413, "PayloadTooLargeError", "payload_too_large"],
    [429, "RateLimitError", "rate_limited"],
    [500, "ServerError", "server_error"],
    [599, "ServerError", "server_error"],
    [499, "ApiError", "unexpected_status"],
    [304, "ApiError", "unexpected_status"],
  ];
  it.each(codes)("%i is a %s", (status, name, code) => {
    const error = apiError(status, { message: "Said so" }, about);
    expect(error).toMatchObject({ name, code, status, operation: "POST /x", providerMessage: "Said so" });
    expect(error.message).toContain(`POST /x was answered with ${status}: Said so.`);
  });

  it("says what the provider says, once, with one full stop", () => {
    const text = (message?: string): string => apiError(500, message === undefined ? {} : { message }, about).message;
    expect(text()).toBe("POST /x was answered with 500.");
    for (const end of [".", "!", "?", "…"]) expect(text(`No${end}`)).toBe(`POST /x was answered with 500: No${end}`);
    expect(text("No")).toBe("POST /x was answered with 500: No.");
  });

  it("names the parameters of a 400", () => {
    const invalidParams = [
      { name: "a", reason: "b" },
      { name: "c", reason: "d" },
    ];
    const error = apiError(400, { invalidParams }, about);
    expect(error.message).toBe("POST /x was answered with 400. a: b; c: d");
    expect(error).toMatchObject({ invalidParams });
  });

  it("is said in whole sentences that end with what can be done", () => {
    const table: [number, object, object, string][] = [
      [400, {}, {}, "."],
      [400, { message: "Bad" }, {}, ": Bad."],
      [401, {}, {}, ". Is the API key the right one for this server?"],
      [402, {}, {}, ". The key has no credits left."],
      [403, {}, {}, ". The plan does not allow it, or the address is blocked; waiting does not help."],
      [404, {}, {}, ". Is `baseUrl` right?"],
      [404, {}, { taskId: "t" }, ". This key has no such task."],
      [413, {}, {}, ". The image is larger than the provider takes."],
      [429, {}, {}, "."],
      [429, { message: "usage limit" }, {}, ": usage limit. Waiting does not help."],
      [418, {}, {}, "."],
      [500, {}, {}, "."],
      [
        500,
        {},
        { submission: "unknown" },
        ". A task may exist and be billed: look at `magnific.tasks()` before you submit again.",
      ],
    ];
    for (const [status, complaint, facts, end] of table)
      expect(apiError(status, complaint, { ...about, ...facts }).message).toBe(
        `POST /x was answered with ${status}${end}`,
      );
  });

  it("tells a wrong address from a wrong task", () => {
    expect(apiError(404, {}, about).message).toContain("baseUrl");
    expect(apiError(404, {}, { ...about, taskId: "t" }).message).toContain("no such task");
  });

  it("tells a used-up trial from a passing limit", () =>
    expect(apiError(429, { message: "usage limit" }, about)).toMatchObject({ code: "usage_limit_reached" }));

  it("warns of a bill where a task may exist, and only there", () => {
    expect(apiError(500, {}, { ...about, submission: "unknown" }).message).toContain("billed");
    expect(apiError(418, {}, { ...about, submission: "unknown" }).message).toContain("billed");
    expect(unsure({ submission: "rejected" })).toBe("");
    expect(unsure({ submission: undefined })).toBe("");
  });
});
