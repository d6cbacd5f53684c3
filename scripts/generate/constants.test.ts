import { describe, expect, it } from "vitest";
import { constantsOf } from "./constants.js";

const document = {
  servers: [{ url: "https://api.example.com/" }, { url: "https://other.example.com" }],
  security: [{ key: [] }],
  components: {
    securitySchemes: {
      other: { type: "http", scheme: "bearer" },
      key: { type: "apiKey", in: "header", name: "x-key" },
    },
  },
  paths: {
    "/things/{id}": {
      get: { operationId: "getThing", responses: {} },
    },
  },
};

describe("constantsOf", () => {
  it("writes the first server, the header of the required key, and each operation", () => {
    const text = constantsOf(document);
    expect(text).toContain('SERVER = "https://api.example.com";');
    expect(text).toContain('KEY_HEADER = "x-key";');
    expect(text).toContain('getThing: { method: "GET", path: "/things/{id}" },');
  });

  it("refuses a document without a plain https server or without a key in a header", () => {
    for (const servers of [[], [{ url: "http://api.example.com" }], [{ url: "https://{region}.example.com" }]])
      expect(() => constantsOf({ ...document, servers })).toThrow("/servers/0/url");
    expect(() => constantsOf({ ...document, security: [{ other: [] }] })).toThrow("/security");
  });
});
