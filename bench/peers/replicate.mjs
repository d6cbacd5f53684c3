import Replicate from "replicate";
import { bodyOf, HEADERS, PATH } from "./request.mjs";

export function client(url) {
  const api = new Replicate({ auth: "bench-key", baseUrl: url });
  return async (image) => {
    const response = await api.request(PATH, { method: "POST", headers: HEADERS, data: bodyOf(image) });
    return (await response.json()).data.task_id;
  };
}
