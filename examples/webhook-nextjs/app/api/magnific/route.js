/** Receives webhooks and saves the results of completed tasks. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Magnific, WebhookError } from "magnific-client";
import { after } from "next/server";

// Made with the first request, not while the application is built, where there is no key.
let magnific;

export async function POST(request) {
  magnific ??= new Magnific(); // MAGNIFIC_API_KEY, MAGNIFIC_WEBHOOK_SECRET
  try {
    const { task } = await magnific.webhooks.unwrap(request); // before anything else reads the body
    if (task.status === "COMPLETED") after(() => save(task));
    return new Response(null, { status: 204 });
  } catch (error) {
    if (!(error instanceof WebhookError)) throw error;
    return new Response(null, { status: 400 });
  }
}

/** Under the task's name: a delivery that comes twice writes the same file. */
async function save({ id, images }) {
  const { OUT = "results" } = process.env;
  await mkdir(OUT, { recursive: true });
  await images[0]?.save(join(OUT, `${id}.png`), { overwrite: true });
}
