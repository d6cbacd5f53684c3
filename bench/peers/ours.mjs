import { Magnific } from "magnific-client";

export function client(url, fetch) {
  const magnific = new Magnific({ apiKey: "bench-key", baseUrl: url, rate: false, ...(fetch && { fetch }) });
  return async (image) => (await magnific.submit({ image, sharpen: 50 })).id;
}
