/**
 * What every receiver of webhooks must do, tested against the sandbox: save the result of a genuine delivery once, and
 * refuse what is forged, old, altered or unsigned.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { Magnific } from "magnific-client";
import { startSandbox } from "magnific-client/sandbox";
import { signWebhook } from "magnific-client/webhook";

const PICTURE = new URL("../scripts/demo/astronaut.jpg", import.meta.url);
/** Advances by time alone: nobody polls. One delivery is also forged, and the last one is sent twice. */
const LIFE_CYCLE = [
  { status: "CREATED", ms: 100 },
  { status: "IN_PROGRESS", ms: 100, webhook: "forge" },
  { status: "COMPLETED", webhook: "duplicate" },
];

/**
 * @param {(settings: Record<string, string>) => Promise<{ url: string, saved: (name: string) => Promise<Uint8Array | undefined>, close: () => Promise<void> }>} start
 *   Starts the receiver with these environment variables.
 * @param {{ downloads: number }} most How often the result of a duplicated delivery may be fetched.
 */
export async function testReceiver(start, most) {
  const sandbox = await startSandbox({ lifeCycle: LIFE_CYCLE, webhooks: { retryDelaysMs: [] } });
  const { url: baseUrl, key: apiKey, webhookSecret: secret } = sandbox;
  let receiver;
  try {
    receiver = await start({
      MAGNIFIC_BASE_URL: baseUrl,
      MAGNIFIC_API_KEY: apiKey,
      MAGNIFIC_WEBHOOK_SECRET: secret,
    });
    const { url } = receiver;
    const magnific = new Magnific({ baseUrl, apiKey });
    const task = await magnific.submit({ image: await readFile(PICTURE), webhook_url: url });
    const name = `${task.id}.png`;
    await until(async () => (await receiver.saved(name)) !== undefined, "the result is saved");
    const bytes = await receiver.saved(name);
    assert.deepEqual([...bytes.subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47], "a PNG");
    await until(
      () => sandbox.log.filter(({ status, event }) => event === "webhook" && status === 204).length >= 3,
      "both are accepted",
    );
    assert.ok(sandbox.counts.downloads <= most.downloads, `${sandbox.counts.downloads} downloads`);
    assert.equal(sandbox.counts.reads, 0, "nobody polls");
    const forged = sandbox.log.filter((entry) => entry.event === "webhook" && entry.outcome === "refused");
    assert.deepEqual(
      forged.map(({ status }) => status),
      [400],
    );

    const body = JSON.stringify({ task_id: crypto.randomUUID(), status: "IN_PROGRESS", generated: [] });
    const post = async (signed, text = body) => (await fetch(url, { method: "POST", ...signed, body: text })).status;
    assert.equal(await post(await signWebhook({ body, secret })), 204, "a genuine one");
    assert.equal(await post(await signWebhook({ body, secret: "another" })), 400, "another secret");
    assert.equal(
      await post(await signWebhook({ body, secret }), body.replace("IN_PROGRESS", "COMPLETED")),
      400,
      "altered",
    );
    const old = new Date(Date.now() - 3_600_000);
    assert.equal(await post(await signWebhook({ body, secret, timestamp: old })), 400, "an old one");
    assert.equal(await post({ headers: { "content-type": "application/json" } }), 400, "without a signature");
    console.log("ok: the result was saved from the webhook alone; forged, altered, old and unsigned ones were refused");
  } finally {
    await receiver?.close();
    await sandbox.close();
  }
}

/**
 * Starts a server and waits until it prints its address.
 *
 * @param {string} program @param {readonly string[]} args @param {Record<string, string>} settings
 * @returns {Promise<{ origin: string, close: () => Promise<void> }>}
 */
export function startServer(program, args, settings) {
  const child = spawn(program, args, { env: { ...process.env, ...settings }, stdio: ["ignore", "pipe", "inherit"] });
  const gone = new Promise((resolve) => child.once("exit", resolve));
  const close = async () => {
    child.kill("SIGTERM");
    await gone;
  };
  return new Promise((resolve, reject) => {
    let said = "";
    child.stdout.on("data", (chunk) => {
      said += chunk;
      const [, port] = /(?:127\.0\.0\.1|localhost):(\d+)/.exec(said) ?? [];
      if (port !== undefined) resolve({ origin: `http://127.0.0.1:${port}`, close });
    });
    child.once("exit", (code) => reject(new Error(`${program} ${args.join(" ")} ended with ${code}: ${said}`)));
  });
}

/** @param {string} path @returns {Promise<Uint8Array | undefined>} */
export const fileOrNothing = (path) => readFile(path).catch(() => undefined);

async function until(condition, what) {
  for (let i = 0; i < 200; i++) {
    if (await condition()) return;
    await pause(50);
  }
  assert.fail(`Not within 10 s: ${what}.`);
}
