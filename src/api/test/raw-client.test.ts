import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createApi } from "../raw-client.js";

/** What goes over the wire for a body that no type has looked at. */
async function sent(body: unknown): Promise<string> {
  let text = "";
  const fetch = async (_url: unknown, init: RequestInit = {}): Promise<Response> => {
    text = await new Response(init.body).text();
    return Response.json({ data: {} });
  };
  const api = createApi({ apiKey: "key", baseUrl: "http://127.0.0.1:9", fetch });
  await api.POST("/v1/ai/image-upscaler-precision", { body: body as { image: string } });
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
});
