/** The wire types the facade speaks of, named once. They come from the vendored document. */
import type { components, operations } from "../../generated/schema.js";

/** Body of `POST /v1/ai/image-upscaler-precision` as it goes over the wire. */
export type WireUpscaleRequest =
  operations["postAiImageUpscalerPrecision"]["requestBody"]["content"]["application/json"];

/** `#/components/schemas/task`: a list entry. */
export type WireTask = components["schemas"]["task"];

/** `#/components/schemas/task-detail`: a task with the URLs of its images. */
export type WireTaskDetail = components["schemas"]["task-detail"];
