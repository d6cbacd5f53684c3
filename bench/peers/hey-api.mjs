import { client as generated, postAiImageUpscalerPrecision } from "../node_modules/.generated/hey-api.mjs";
import { bodyOf } from "./request.mjs";

export function client(url) {
  generated.setConfig({ baseUrl: url, auth: "bench-key" });
  return async (image) => (await postAiImageUpscalerPrecision({ body: bodyOf(image) })).data.data.task_id;
}
