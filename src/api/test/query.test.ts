import fc from "fast-check";
import { createQuerySerializer } from "openapi-fetch";
import { describe, expect, it } from "vitest";
import { serializeQuery } from "../query.js";
import { createApi } from "../raw-client.js";

describe("query parameters", () => {
  it("are written as openapi-fetch writes them, where it does", () => {
    const plain = fc.oneof(fc.string({ unit: "grapheme" }), fc.double(), fc.boolean());
    const name = fc.stringMatching(/^[\w.-]{1,12}$/);
    // An array that is empty or holds nothing leaves an empty part behind there.
    const value = fc.oneof(plain, fc.array(plain), fc.dictionary(name, plain, { minKeys: 1 }), fc.constant(undefined));
    const theirs = createQuerySerializer<Record<string, unknown>>();
    fc.assert(
      fc.property(fc.dictionary(name, value), (query) => {
        expect(serializeQuery(query)).toBe(theirs(query));
      }),
    );
  });

  it.each([
    [{ filters: { type: { photo: 1, "a&b": "c=d" } } }, "filters[type][photo]=1&filters[type][a%26b]=c%3Dd"],
    [{ filters: { ids: ["a", { b: 2 }] } }, "filters[ids][0]=a&filters[ids][1][b]=2"],
    [{ filters: { type: { photo: undefined }, none: null }, page: 2 }, "page=2"],
    [{ order: [] }, ""],
  ])("with objects in objects: %j", (query, text) => {
    expect(serializeQuery(query)).toBe(text);
  });

  it("go so through the raw door", async () => {
    let url = "";
    const fetch = async (request: Request): Promise<Response> => {
      url = request.url;
      return Response.json({ data: [] });
    };
    const api = createApi({ apiKey: "key", baseUrl: "http://127.0.0.1:9", fetch: fetch as typeof globalThis.fetch });
    const query = { filters: { type: { photo: 1 } } };
    await api.GET("/v1/ai/image-upscaler-precision", { params: { query } as never });
    expect(new URL(url).search).toBe("?filters[type][photo]=1");
  });
});
