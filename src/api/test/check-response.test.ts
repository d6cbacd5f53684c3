/** What a 2xx answer is taken for: data with its facts, a report, or an error that says what came instead. */
import { describe, expect, it } from "vitest";
import type { Validator, Violation } from "../../../generated/upscaler-precision/validators.js";
import type { UnexpectedResponseError } from "../../errors/unexpected-response-error.js";
import type { ContractViolation } from "../../http/hooks.js";
import type { RawAnswer } from "../../http/read-response.js";
import { isObject, type Look, lookInto } from "../check-response.js";

const answerOf = (replaced: Partial<RawAnswer> = {}): RawAnswer => {
  const text = replaced.text ?? '{"data":7}';
  return {
    status: 200,
    headers: new Headers({ "retry-after": "9" }),
    requestId: "ak-1",
    rate: { remaining: 3 },
    type: "application/json",
    text,
    length: text.length,
    cut: false,
    charset: undefined,
    ...replaced,
  };
};
const wrong = (instancePath: string, keyword: string, message?: string): Violation =>
  ({ instancePath, keyword, schemaPath: "#", params: {}, ...(message === undefined ? {} : { message }) }) as Violation;
function validator(errors: Violation[] | null | undefined, valid = false): Validator<unknown> {
  const validate = (_: unknown): _ is unknown => valid;
  return Object.assign(validate, { errors }) as Validator<unknown>;
}

function look(
  answer: RawAnswer,
  replaced: Partial<Look<unknown>> = {},
): { result: ReturnType<typeof lookInto>; reports: ContractViolation[] } {
  const reports: ContractViolation[] = [];
  const result = lookInto<unknown>(answer, {
    call: { operation: "GET /x", kind: "read", taskId: "t-1" },
    validate: validator(null, true),
    pick: ({ data }) => data,
    wanted: "thing",
    report: (violation) => reports.push(violation),
    about: { attempts: 2, digest: "d" },
    now: 0,
    ...replaced,
  });
  return { result, reports };
}
function refused(answer: RawAnswer, replaced: Partial<Look<unknown>> = {}): UnexpectedResponseError {
  try {
    look(answer, replaced);
  } catch (error) {
    return error as UnexpectedResponseError;
  }
  throw new Error("it was taken");
}
const about = { operation: "GET /x", status: 200, requestId: "ak-1", taskId: "t-1" };

describe("an answer that keeps to the contract", () => {
  it("is its data with the facts around it, and nothing is reported", () =>
    expect(look(answerOf())).toEqual({
      result: { data: 7, status: 200, requestId: "ak-1", rate: { remaining: 3 } },
      reports: [],
    }));

  it("may be any kind of JSON by its type", () => {
    for (const type of ["application/json", "application/hal+json", "application/a.b-c_d+json"])
      expect(look(answerOf({ type })).reports, type).toEqual([]);
  });
});

describe("an answer that can be gone on with", () => {
  it("is reported for its status, its type and its charset", () => {
    expect(look(answerOf({ status: 201, charset: "utf-16le", type: "text/plain" })).reports).toEqual([
      { ...about, status: 201, place: "", message: "the status is 201, not 200" },
      { ...about, status: 201, place: "header:content-type", message: "is not application/json" },
      { ...about, status: 201, place: "header:content-type", message: "names a charset other than UTF-8" },
    ]);
    for (const type of [
      "",
      "text/json",
      "xapplication/json",
      "application/jsonx",
      "application/+json",
      "application/a b+json",
    ])
      expect(look(answerOf({ type })).reports, type).toHaveLength(1);
  });

  it("is reported for each rule that it breaks, less those that someone else reports", () => {
    const errors = [wrong("/a", "type", "must be a"), wrong("/b", "enum", "must be b"), wrong("/c", "format")];
    const validate = validator(errors);
    const places = (except?: Look<unknown>["except"]) =>
      look(answerOf(), { validate, ...(except ? { except } : {}) }).reports;
    expect(places()).toEqual([
      { ...about, place: "/a", message: "must be a" },
      { ...about, place: "/b", message: "must be b" },
      { ...about, place: "/c", message: "is not valid" },
    ]);
    expect(places((place, keyword) => place === "/b" && keyword === "enum").map(({ place }) => place)).toEqual([
      "/a",
      "/c",
    ]);
    expect(look(answerOf(), { validate: validator(undefined) }).reports).toEqual([]);
    expect(look(answerOf(), { validate: validator(errors, true) }).reports).toEqual([]);
  });

  it("is reported twenty times and no more", () => {
    const errors = Array.from({ length: 25 }, (_, n) => wrong(`/${n}`, "type", "no"));
    const { reports } = look(answerOf(), { validate: validator(errors) });
    expect([reports.length, reports.at(-1)?.place]).toEqual([20, "/19"]);
  });
});

describe("an answer that holds nothing to go on with", () => {
  it("says what came instead", () => {
    const came = (replaced: Partial<RawAnswer>): string | undefined =>
      /answered with (.*?)\. ?$/.exec(refused(answerOf(replaced)).message)?.[1];
    expect(came({ text: '{"data":7}', cut: true, length: 99 })).toBe("200 and a body of more than 99 bytes");
    expect(came({ text: "" })).toBe("200 and an empty body");
    expect(came({ text: "{}" })).toBe("200 and JSON that holds no thing");
    for (const text of ["[]", "null", "7", '"text"'])
      expect(came({ text }), text).toBe("200 and JSON that holds no thing");
    for (const text of ["nothing", "x<html", "< html", `${" ".repeat(200)}<html`])
      expect(came({ text }), text).toBe("200 and a body that is no JSON");
    for (const text of ["<!DOCTYPE html>", " \n <html>", "<HTML lang=en>"])
      expect(came({ text }), text).toBe("200 and an HTML page");
    expect(came({ text: "x", type: "text/html" })).toBe("200 and an HTML page");
  });

  it("is an error with the call's facts and the answer's", () => {
    const error = refused(answerOf({ text: "{}" }));
    expect(error).toMatchObject({ ...about, code: "unexpected_response", attempts: 2, digest: "d", retryAfter: 9 });
    expect(error.submission).toBeUndefined();
  });

  it("leaves a submit unknown: a task may have been made", () => {
    const error = refused(answerOf({ text: "{}" }), { call: { operation: "POST /x", kind: "submit" } });
    expect(error.submission).toBe("unknown");
    expect(error.message).toContain("billed");
  });

  it("is not reported besides", () => {
    const reports: ContractViolation[] = [];
    refused(answerOf({ text: "{}", status: 201 }), { report: (one) => reports.push(one) });
    expect(reports).toEqual([]);
  });
});

it("takes for an object what has members by name", () => {
  for (const value of [{}, { a: 1 }]) expect(isObject(value)).toBe(true);
  for (const value of [null, undefined, [], 7, "text", () => 7]) expect(isObject(value)).toBe(false);
});
