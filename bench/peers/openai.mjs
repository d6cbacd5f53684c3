import OpenAI from "openai";
import { bodyOf, HEADERS, PATH } from "./request.mjs";

export function client(url) {
  const api = new OpenAI({ apiKey: "bench-key", baseURL: url, defaultHeaders: HEADERS });
  return async (image) => (await api.post(PATH, { body: bodyOf(image) })).data.task_id;
}
