import createClient from "openapi-fetch";
import { bodyOf, HEADERS, PATH } from "./request.mjs";

export function client(url) {
  const api = createClient({ baseUrl: url, headers: HEADERS });
  return async (image) => (await api.POST(PATH, { body: bodyOf(image) })).data.data.task_id;
}
