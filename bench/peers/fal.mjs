import { createFalClient } from "@fal-ai/client";
import { bodyOf, PATH } from "./request.mjs";

export function client(url) {
  const requestMiddleware = async (request) => ({ ...request, url: url + PATH });
  const api = createFalClient({ credentials: "bench-key", suppressLocalCredentialsWarning: true, requestMiddleware });
  return async (image) => (await api.run("bench/upscale", { input: bodyOf(image) })).data.data.task_id;
}
