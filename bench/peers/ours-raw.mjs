import { createApi } from "magnific-client";
import { bodyOf, PATH } from "./request.mjs";

export function client(url, fetch) {
  const api = createApi({ apiKey: "bench-key", baseUrl: url, ...(fetch && { fetch }) });
  return async (image) => (await api.POST(PATH, { body: bodyOf(image) })).data.data.task_id;
}
