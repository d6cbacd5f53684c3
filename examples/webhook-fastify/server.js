/** Receives webhooks and saves the results of completed tasks. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import Fastify from "fastify";
import { Magnific, WebhookError } from "magnific-client";
import { seenWebhooks } from "magnific-client/webhook";

const { OUT = "results", PORT = "3000" } = process.env;
// The secret comes from MAGNIFIC_WEBHOOK_SECRET. A delivery that came before is refused as "replayed".
const magnific = new Magnific({ webhooks: { seen: seenWebhooks() } });
await mkdir(OUT, { recursive: true });

const app = Fastify();

// In a plugin of its own, so that the rest of the application still gets parsed JSON.
app.register(async (webhooks) => {
  // The raw body: a parsed one cannot be verified.
  webhooks.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) => done(null, body));

  webhooks.post("/magnific", async (request, reply) => {
    try {
      const { task } = await magnific.webhooks.unwrap({ headers: request.headers, body: request.body });
      if (task.status === "COMPLETED") {
        // Not waited for, so that the answer is not late; the task's id brings back whatever goes wrong here.
        task.images[0]
          ?.save(join(OUT, `${task.id}.png`), { overwrite: true })
          .catch((error) => request.log.error(error));
      }
      return reply.code(204).send();
    } catch (error) {
      if (!(error instanceof WebhookError)) throw error;
      return reply.code(error.fault === "replayed" ? 204 : 400).send();
    }
  });
});

console.log(`${await app.listen({ port: Number(PORT), host: "127.0.0.1" })}/magnific`);
