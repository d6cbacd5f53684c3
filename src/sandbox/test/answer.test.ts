import { describe, expect, it } from "vitest";
import { type Answer, json, Refusal, refused } from "../answer.js";

const PROBLEM = "application/problem+json";
const JSON_TYPE = "application/json";

const shown = ({ status, headers, body, reason }: Answer) => ({
  status,
  headers,
  body: JSON.parse(String(body)) as unknown,
  reason,
});

it("answers with JSON, and with the headers given", () => {
  expect(shown(json(200, { data: [1] }))).toEqual({
    status: 200,
    headers: { "content-type": JSON_TYPE },
    body: { data: [1] },
    reason: undefined,
  });
  expect(json(429, {}, { "retry-after": "3" }).headers).toEqual({ "content-type": JSON_TYPE, "retry-after": "3" });
});

describe("a refusal", () => {
  const params = [{ name: "sharpen", reason: "Parameter 'sharpen' must be <= 100" }];
  const invalid = (): Refusal => new Refusal(400, "too sharp", { params, headers: { "x-left": "3" } });

  it("has no parameters and no headers unless given", () => {
    const plain = new Refusal(404, "Not found");
    expect([plain.message, plain.status, plain.params, plain.headers]).toEqual(["Not found", 404, [], {}]);
    expect([invalid().params, invalid().headers]).toEqual([params, { "x-left": "3" }]);
  });

  it.each([
    [undefined, false],
    ["", false],
    [PROBLEM, true],
    ["Application/Problem+JSON", true],
    [`text/html, ${PROBLEM};q=0.9`, true],
    [`${PROBLEM} ; q=1,text/plain`, true],
    [`${PROBLEM}, ${JSON_TYPE}`, false],
    [`${JSON_TYPE};q=0.1, ${PROBLEM}`, false],
    [`${PROBLEM}, */*;q=0.1`, false],
    ["*/*", false],
    ["text/html", false],
  ])("of 400 to a client that accepts %j: problem+json is %s", (accept, isProblem) => {
    const headers = { "x-left": "3", "content-type": isProblem ? PROBLEM : JSON_TYPE };
    const body = isProblem ? { problem: { message: "too sharp", invalid_params: params } } : { message: "too sharp" };
    expect(shown(refused(invalid(), accept))).toEqual({ status: 400, headers, body, reason: "too sharp" });
  });

  it("with another status is JSON to every client", () => {
    const full = new Refusal(413, "too large", { headers: { allow: "GET" } });
    const headers = { "content-type": JSON_TYPE, allow: "GET" };
    const body = { message: "too large" };
    expect(shown(refused(full, PROBLEM))).toEqual({ status: 413, headers, body, reason: "too large" });
  });
});
