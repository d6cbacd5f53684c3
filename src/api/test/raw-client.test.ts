import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Magnific } from "../../client.js";
import { RedirectError } from "../../errors/network-errors.js";
import { ConfigurationError } from "../../errors/request-errors.js";
import { loopback } from "../../test-support/loopback.js";
import { rejection } from "../../test-support/rejection.js";
import { createApi } from "../raw-client.js";

const PATH = "/v1/ai/image-upscaler-precision";

/** What goes over the wire for a body that no type has looked at. */
async function sent(body: unknown): Promise<string> {
  let text = "";
  const fetch = async (_url: unknown, init: RequestInit = {}): Promise<Response> => {
    text = await new Response(init.body).text();
    return Response.json({ data: {} });
  };
  const api = createApi({ apiKey: "key", baseUrl: "http://127.0.0.1:9", fetch });
  await api.POST(PATH, { body: body as { image: string } });
  return text;
}

const base64 = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString("base64"));
const other = fc.oneof(fc.jsonValue(), fc.constant(undefined), fc.constant({ image: "" }), fc.constant('"image":""'));

describe("the raw client", () => {
  it("sends exactly what JSON.stringify makes of a body", async () => {
    const names = fc.oneof(fc.string(), fc.constantFrom("sharpen", '"image', "toJSON", "__proto__"));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(names, other), { maxLength: 4 }),
        fc.oneof(base64, fc.string(), other),
        fc.nat(4),
        async (members, image, at) => {
          const all = [...members.slice(0, at), ["image", image] as const, ...members.slice(at)];
          const body = Object.fromEntries(all);
          expect(await sent(body)).toBe(JSON.stringify(body));
        },
      ),
    );
  });

  it.each(["GET", "POST"] as const)(
    "does not follow a redirect of a %s, also where the caller asks for it",
    async (method) => {
      const other = await loopback((response) => response.end("{}"));
      const server = await loopback((response) => response.writeHead(307, { location: `${other.origin}/x` }).end());
      const { api } = new Magnific({ apiKey: "key", baseUrl: server.origin });
      const init = { redirect: "follow", body: { image: "AAAA" } } as const;
      const sending = method === "GET" ? api.GET(PATH, { redirect: "follow" }) : api.POST(PATH, init);
      await rejection(sending, RedirectError);
      expect([server.requests.length, other.requests]).toEqual([1, []]);
    },
  );

  it.each(["GET", "POST"] as const)("refuses to send a %s to another origin, which sees no request", async (method) => {
    const other = await loopback((response) => response.end("{}"));
    const { api } = new Magnific({ apiKey: "key", baseUrl: "http://127.0.0.1:9" });
    const init = { baseUrl: other.origin, body: { image: "AAAA" } };
    const sending = method === "GET" ? api.GET(PATH, { baseUrl: other.origin }) : api.POST(PATH, init);
    await rejection(sending, ConfigurationError);
    expect(other.requests).toEqual([]);
  });
});
