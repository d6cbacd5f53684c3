import ky from "ky";
import { bodyOf, HEADERS, PATH } from "./request.mjs";

export function client(url) {
  const api = ky.create({ headers: HEADERS });
  return async (image) => (await api.post(url + PATH, { json: bodyOf(image) }).json()).data.task_id;
}
