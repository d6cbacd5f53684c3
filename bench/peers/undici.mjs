import { request } from "undici";
import { bodyOf, HEADERS, PATH } from "./request.mjs";

export function client(url) {
  const options = { method: "POST", headers: { ...HEADERS, "content-type": "application/json" } };
  return async (image) => {
    const response = await request(url + PATH, { ...options, body: JSON.stringify(bodyOf(image)) });
    return (await response.body.json()).data.task_id;
  };
}
