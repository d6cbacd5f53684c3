import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";

/** Posts a body over a connection of its own, follows nothing, and gives the answer's status. */
export function post(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = url.protocol === "https:" ? httpsRequest : httpRequest;
    const bytes = Buffer.from(body);
    const options = {
      method: "POST",
      agent: false,
      signal,
      headers: { ...headers, "content-length": String(bytes.byteLength), connection: "close" },
    };
    const sent = request(url, options, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on("error", reject);
    sent.end(bytes);
  });
}
