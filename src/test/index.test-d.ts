import { describe, expectTypeOf, it } from "vitest";
import type { DEFAULT_FIELDS } from "../contract/default.js";
import { type CompletedTask, Magnific, type Task, type TaskHandle, type UpscaleRequest } from "../index.js";
import { imageFile } from "../node.js";

declare const image: Uint8Array;
const magnific: Magnific = new Magnific({ apiKey: "key" });

type Fields = typeof DEFAULT_FIELDS;
/** The fields whose facts in the document are these. */
type FieldsWith<Facts> = { [Name in keyof Fields]: Fields[Name] extends Facts ? Name : never }[keyof Fields];
/** A request without its image, as small as the document allows. */
declare const required: Omit<Pick<UpscaleRequest, FieldsWith<{ required: true }>>, "image">;

describe("a request", () => {
  it("needs what the document requires, the image first of all", () => {
    expectTypeOf(magnific.submit({ ...required, image })).resolves.toEqualTypeOf<TaskHandle>();
    // @ts-expect-error: an image is required
    magnific.submit({});
    // @ts-expect-error: an image is required
    magnific.upscale(required);
  });

  it("takes the document's fields by their wire names and types, and no other", () => {
    expectTypeOf<keyof UpscaleRequest>().toEqualTypeOf<keyof Fields>();
    expectTypeOf<Required<UpscaleRequest>[FieldsWith<{ type: "integer" }>]>().toEqualTypeOf<number>();
    expectTypeOf<Required<UpscaleRequest>[FieldsWith<{ type: "boolean" }>]>().toEqualTypeOf<boolean>();
    expectTypeOf<Required<UpscaleRequest>["webhook_url"]>().toEqualTypeOf<string>();
    // @ts-expect-error: not the wire name
    magnific.submit({ ...required, image, webhookUrl: "https://a.example" });
    // @ts-expect-error: text is wanted
    magnific.submit({ ...required, image, webhook_url: 1 });
    // @ts-expect-error: a field of another operation
    magnific.upscale({ ...required, image, scale_factor: 2 });
  });

  it("takes an image in each of its forms", () => {
    magnific.submit({ ...required, image: new ArrayBuffer(1) });
    magnific.submit({ ...required, image: new Blob([]) });
    magnific.submit({ ...required, image: new Response() });
    magnific.submit({ ...required, image: new ReadableStream<Uint8Array>() });
    magnific.submit({ ...required, image: (async function* () {})() as AsyncIterable<Uint8Array> });
    magnific.submit({ ...required, image: "AAAA" });
    imageFile("a.png").then((file) => magnific.submit({ ...required, image: file }));
    // @ts-expect-error: a promise must be awaited
    magnific.submit({ ...required, image: imageFile("a.png") });
    // @ts-expect-error: a number is not an image
    magnific.submit({ ...required, image: 7 });
    // @ts-expect-error: nor is a URL
    magnific.submit({ ...required, image: new URL("https://example.com/a.png") });
  });
});

describe("options", () => {
  it("are known by name", () => {
    magnific.submit(
      { ...required, image },
      { signal: new AbortController().signal, timeout: 1, retry: 0, store: false },
    );
    // @ts-expect-error: how it is waited for is not an option of a submit
    magnific.submit({ ...required, image }, { onStatus: () => undefined });
    // @ts-expect-error: a typing mistake
    new Magnific({ apikey: "key" });
    // @ts-expect-error: a typing mistake
    new Magnific({ retry: { limits: 1 } });
  });
});

describe("a result", () => {
  it("of an upscale has at least one image", () => {
    expectTypeOf(magnific.upscale({ ...required, image })).resolves.toEqualTypeOf<CompletedTask>();
    expectTypeOf<CompletedTask["images"][0]>().toHaveProperty("save");
  });

  it("is narrowed by its status", () => {
    const look = (task: Task): void => {
      // @ts-expect-error: a task that is not completed has none
      task.images;
      if (task.status === "COMPLETED") expectTypeOf(task.images[0].url).toEqualTypeOf<string>();
    };
    expectTypeOf(look).returns.toBeVoid();
  });
});

describe("the raw client", () => {
  it("is typed by the document", () => {
    magnific.api.POST("/v1/ai/image-upscaler-precision", { body: { ...required, image: "AAAA" } });
    magnific.api.GET("/v1/ai/image-upscaler-precision/{task-id}", { params: { path: { "task-id": "x" } } });
    // @ts-expect-error: no such path
    magnific.api.GET("/v1/ai/no-such-operation");
    // @ts-expect-error: the path's parameter is required
    magnific.api.GET("/v1/ai/image-upscaler-precision/{task-id}");
  });
});
