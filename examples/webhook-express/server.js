/** Receives webhooks and saves the results of completed tasks. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import express from "express";
import { Magnific, WebhookError } from "magnific-client";
import { seenWebhooks } from "magnific-client/webhook";

const { OUT = "results", PORT = "3000" } = process.env;
// The secret comes from MAGNIFIC_WEBHOOK_SECRET. A delivery that came before is refused as "replayed".
const magnific = new Magnific({ webhooks: { seen: seenWebhooks() } });
await mkdir(OUT, { recursive: true });

const app = express();

// The raw body: a parsed one cannot be verified. Before any express.json().
app.post("/magnific", express.raw({ type: "application/json" }), async (request, response) => {
  try {
    const { task } = await magnific.webhooks.unwrap({ headers: request.headers, body: request.body });
    // Answered at once, so that it is not retried; the task's id brings back whatever goes wrong from here on.
    response.sendStatus(204);
    if (task.status === "COMPLETED") await task.images[0]?.save(join(OUT, `${task.id}.png`), { overwrite: true });
  } catch (error) {
    if (error instanceof WebhookError) response.status(error.fault === "replayed" ? 204 : 400).end();
    else console.error(error);
  }
});

const server = app.listen(Number(PORT), "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${server.address().port}/magnific`);
});
