import http from "node:http";
import got from "got";
import { bodyOf, HEADERS, PATH } from "./request.mjs";

export function client(url) {
  const api = got.extend({ headers: HEADERS, agent: { http: new http.Agent({ keepAlive: true }) } });
  return async (image) => (await api.post(url + PATH, { json: bodyOf(image) }).json()).data.task_id;
}
