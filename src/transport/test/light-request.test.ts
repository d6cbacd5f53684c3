import { describe, expect, it } from "vitest";
import { LightRequest } from "../light-request.js";

const entries = (request: LightRequest): string[] => {
  const seen: string[] = [];
  request.eachHeader((value, name) => void seen.push(`${name}: ${value}`));
  return seen;
};

describe("LightRequest", () => {
  it("has the defaults of a safe call", () => {
    const request = new LightRequest(new URL("http://x/y"));
    expect([request.url, request.method, request.body, request.redirect, request.given, request.duplex]).toEqual([
      "http://x/y",
      "GET",
      null,
      "error",
      undefined,
      "half",
    ]);
    expect([...request.headers]).toEqual([]);
    expect(entries(new LightRequest("http://x/", {}))).toEqual([]);
  });

  it("takes over what another says, and what is given beside it wins", () => {
    const { signal } = new AbortController();
    const first = new LightRequest("http://x/", {
      method: "POST",
      headers: { a: "1" },
      body: "b",
      redirect: "manual",
      signal,
    });
    const same = new LightRequest(first);
    expect([same.url, same.method, same.body, same.redirect, same.given]).toEqual([
      "http://x/",
      "POST",
      "b",
      "manual",
      signal,
    ]);
    expect(entries(same)).toEqual(["a: 1"]);
    const other = new LightRequest(first, { method: "PUT", headers: { c: "2" }, body: "d", redirect: "error" });
    expect([other.method, other.body, other.redirect, entries(other)]).toEqual(["PUT", "d", "error", ["c: 2"]]);
    const platform = new Request("http://x/", { signal });
    expect(new LightRequest(platform).given).toBe(platform.signal);
    expect(new LightRequest(platform).redirect).toBe("follow");
  });

  it("gives each header once, by its lower name, from a record as from Headers", () => {
    expect(entries(new LightRequest("http://x/", { headers: { "x-key": "k", a: "b c" } }))).toEqual([
      "x-key: k",
      "a: b c",
    ]);
    expect(entries(new LightRequest("http://x/", { headers: { "X-Key": "k" } }))).toEqual(["x-key: k"]);
    expect(entries(new LightRequest("http://x/", { headers: [["B", "1"]] }))).toEqual(["b: 1"]);
    expect(entries(new LightRequest("http://x/", { headers: new Headers({ C: "2" }) }))).toEqual(["c: 2"]);
  });

  it("sends what was set later, too", () => {
    const request = new LightRequest("http://x/", { headers: { a: "1" } });
    request.headers.set("b", "2");
    request.headers.delete("a");
    expect(entries(request)).toEqual(["b: 2"]);
    expect(entries(request.clone())).toEqual(["b: 2"]);
  });

  it.each<[string, unknown]>([
    [" padded ", "padded"],
    [" front", "front"],
    ["back ", "back"],
    ["", ""],
    ["x", "x"],
    ["x y", "x y"],
    ["ü", "ü"],
    [5 as never, "5"],
  ])("writes the value %j as Headers would", (value, expected) => {
    expect(entries(new LightRequest("http://x/", { headers: { a: value } }))).toEqual([`a: ${expected}`]);
  });

  it("refuses names and values that would begin another header", () => {
    for (const headers of [{ a: "1\r\nx-other: 2" }, { a: "\n1\nb" }, { "a:b": "1" }, { "a\r\nb": "1" }, { "": "1" }])
      expect(() => new LightRequest("http://x/", { headers: headers as never })).toThrow(TypeError);
  });

  it("clones what can be read twice, with headers of its own", () => {
    const request = new LightRequest("http://x/", { method: "POST", headers: { a: "1" }, body: "b" });
    const copy = request.clone();
    copy.headers.set("a", "2");
    expect([copy.method, copy.body, request.headers.get("a")]).toEqual(["POST", "b", "1"]);
    expect(new LightRequest("http://x/").clone().body).toBeNull();
    expect(new LightRequest("http://x/", { body: Uint8Array.of(1) }).clone().body).toEqual(Uint8Array.of(1));
    const iterable = { async *[Symbol.asyncIterator]() {} } as never;
    for (const body of [new ReadableStream(), iterable])
      expect(() => new LightRequest("http://x/", { body }).clone()).toThrow("cannot be cloned");
  });

  it("reads its body in each form, a stream once", async () => {
    const request = new LightRequest("http://x/", { body: "[1]" });
    expect([await request.text(), await request.json()]).toEqual(["[1]", [1]]);
    expect(new Uint8Array(await request.arrayBuffer())).toEqual(new Uint8Array(Buffer.from("[1]")));
    expect([request.bodyUsed, await new LightRequest("http://x/").text()]).toEqual([false, ""]);
    const streamed = new LightRequest("http://x/", { body: new Blob(["s"]).stream() });
    expect([await streamed.text(), streamed.bodyUsed]).toEqual(["s", true]);
    await expect(streamed.text()).rejects.toThrow("read already");
  });
});
