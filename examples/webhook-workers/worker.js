/** Receives webhooks and saves the results of completed tasks in an R2 bucket. */
import { Magnific, WebhookError } from "magnific-client";

export default {
  async fetch(request, env, context) {
    if (request.method !== "POST") return new Response(null, { status: 405 });
    const magnific = new Magnific({
      apiKey: env.MAGNIFIC_API_KEY,
      baseUrl: env.MAGNIFIC_BASE_URL,
      webhooks: { secret: env.MAGNIFIC_WEBHOOK_SECRET },
    });
    try {
      const { task } = await magnific.webhooks.unwrap(request); // before anything else reads the body
      if (task.status === "COMPLETED") context.waitUntil(save(task, env.RESULTS));
      return new Response(null, { status: 204 });
    } catch (error) {
      if (!(error instanceof WebhookError)) throw error;
      return new Response(null, { status: 400 });
    }
  },
};

/** Under the task's name: a delivery that comes twice writes the same object. */
async function save({ id, images }, bucket) {
  const image = await images[0]?.blob();
  if (image !== undefined) await bucket.put(`${id}.png`, image, { httpMetadata: { contentType: image.type } });
}
