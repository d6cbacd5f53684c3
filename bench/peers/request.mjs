/** The request that every client sends. */
export const PATH = "/v1/ai/image-upscaler-precision";
export const HEADERS = { "x-magnific-api-key": "bench-key" };
export const bodyOf = (image) => ({ image: image.toString("base64"), sharpen: 50 });
