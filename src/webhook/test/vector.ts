/** A delivery from the provider's documentation of the algorithm; the two signatures are the two readings of the secret. */
import type { WebhookOptions } from "../index.js";

export const SECRET = "dGVzdC1zZWNyZXQ=";
export const BODY =
  '{"task_id":"046b6c7f-0b8a-43b9-b35d-6489e6daee91","status":"COMPLETED","generated":["https://ai-statics.freepik.com/completed_task_image.jpg"]}';
export const HEADERS = {
  "webhook-id": "msg_2kq",
  "webhook-timestamp": "1760749154",
  "webhook-signature": "v1,y7xPmEwPca2qlk5I19R+zmAd56J4sFswSCq5N8PwhPQ=",
};
export const BASE64_SIGNATURE = "v1,Fy4hVnqnw62/k19CwMYC5fdAOKXzH/209SI/A55sKYs=";
export const NOW = 1_760_749_154_000;
export const OPTIONS = { secret: SECRET, now: () => NOW } satisfies WebhookOptions;

export async function* chunks(...parts: unknown[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    if (part instanceof Error) throw part;
    yield part as Uint8Array;
  }
}
