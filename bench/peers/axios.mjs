import http from "node:http";
import axios from "axios";
import { bodyOf, HEADERS, PATH } from "./request.mjs";

export function client(url) {
  const api = axios.create({ baseURL: url, headers: HEADERS, httpAgent: new http.Agent({ keepAlive: true }) });
  return async (image) => (await api.post(PATH, bodyOf(image))).data.data.task_id;
}
