/** The wire types the facade speaks of, named once. They come from the vendored document. */
import type { components, operations } from "../../generated/upscaler-precision/schema.js";
import type { HttpResponse } from "../http/read-response.js";

/** Body of `POST /v1/ai/image-upscaler-precision` as it goes over the wire. */
export type WireUpscaleRequest =
  operations["postAiImageUpscalerPrecision"]["requestBody"]["content"]["application/json"];

/** `#/components/schemas/task`: a list entry. */
export type WireTask = components["schemas"]["task"];

/** `#/components/schemas/task-detail`: a task with the URLs of its images. */
export type WireTaskDetail = components["schemas"]["task-detail"];

/** A response that was checked against the document, with the facts around it. */
export interface CheckedResponse<T> extends Partial<Pick<HttpResponse, "requestId" | "rate">> {
  readonly data: T;
  readonly status: number;
  readonly headers: Headers;
}
