import { describe, expectTypeOf, it } from "vitest";
import { type CompletedTask, Magnific, type Task, type TaskHandle, type UpscaleRequest } from "../index.js";
import { imageFile } from "../node.js";

declare const image: Uint8Array;
const magnific: Magnific = new Magnific({ apiKey: "key" });

describe("a request", () => {
  it("needs nothing but an image", () => {
    expectTypeOf(magnific.submit({ image })).resolves.toEqualTypeOf<TaskHandle>();
    expectTypeOf<UpscaleRequest>().toHaveProperty("sharpen").toEqualTypeOf<number | undefined>();
    // @ts-expect-error: an image is required
    magnific.submit({});
    // @ts-expect-error: an image is required
    magnific.upscale({ sharpen: 3 });
  });

  it("takes the document's fields by their wire names and types, and no other", () => {
    magnific.submit({
      image,
      sharpen: 1,
      smart_grain: 2,
      ultra_detail: 3,
      filter_nsfw: true,
      webhook_url: "https://a.example",
    });
    // @ts-expect-error: a typing mistake
    magnific.submit({ image, sharpn: 1 });
    // @ts-expect-error: not the wire name
    magnific.submit({ image, smartGrain: 1 });
    // @ts-expect-error: a number is wanted
    magnific.submit({ image, sharpen: "1" });
    // @ts-expect-error: a field of another operation
    magnific.upscale({ image, scale_factor: 2 });
  });

  it("takes an image in each of its forms", () => {
    magnific.submit({ image: new ArrayBuffer(1) });
    magnific.submit({ image: new Blob([]) });
    magnific.submit({ image: new Response() });
    magnific.submit({ image: new ReadableStream<Uint8Array>() });
    magnific.submit({ image: (async function* () {})() as AsyncIterable<Uint8Array> });
    magnific.submit({ image: "AAAA" });
    imageFile("a.png").then((file) => magnific.submit({ image: file }));
    // @ts-expect-error: a promise must be awaited
    magnific.submit({ image: imageFile("a.png") });
    // @ts-expect-error: a number is no image
    magnific.submit({ image: 7 });
    // @ts-expect-error: nor is a URL
    magnific.submit({ image: new URL("https://example.com/a.png") });
  });
});

describe("options", () => {
  it("are known by name", () => {
    magnific.submit({ image }, { signal: new AbortController().signal, timeout: 1, retry: 0, store: false });
    // @ts-expect-error: how it is waited for is no option of a submit
    magnific.submit({ image }, { onStatus: () => undefined });
    // @ts-expect-error: a typing mistake
    new Magnific({ apikey: "key" });
    // @ts-expect-error: a typing mistake
    new Magnific({ retry: { limits: 1 } });
  });
});

describe("a result", () => {
  it("of an upscale has at least one image", () => {
    expectTypeOf(magnific.upscale({ image })).resolves.toEqualTypeOf<CompletedTask>();
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
    magnific.api.POST("/v1/ai/image-upscaler-precision", { body: { image: "AAAA" } });
    magnific.api.GET("/v1/ai/image-upscaler-precision/{task-id}", { params: { path: { "task-id": "x" } } });
    // @ts-expect-error: no such path
    magnific.api.GET("/v1/ai/no-such-operation");
    // @ts-expect-error: the path's parameter is required
    magnific.api.GET("/v1/ai/image-upscaler-precision/{task-id}");
  });
});
