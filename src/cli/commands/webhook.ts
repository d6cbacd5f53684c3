/** `magnific webhook listen` and `webhook sign`: deliveries, received and made. */
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { Command, Option } from "commander";
import { WebhookError } from "../../errors/webhook-error.js";
import { seenWebhooks } from "../../webhook/seen.js";
import { signWebhook } from "../../webhook/sign.js";
import type { SecretEncoding } from "../../webhook/signature.js";
import { unwrap } from "../../webhook/unwrap.js";
import type { WebhookOptions } from "../../webhook/verify.js";
import { EXIT, sentenceOf, UsageError } from "../exit.js";
import { untilInterrupted } from "../interrupt.js";
import { secretIn } from "../key.js";
import { jsonFlag, whole } from "../options.js";
import { proxyFetch } from "../proxy.js";
import { plain } from "../terminal.js";
import { example, type Shell } from "./command.js";

interface SecretFlags {
  readonly secretFile?: string;
  readonly encoding: SecretEncoding;
  readonly json?: boolean;
}

export function webhookCommand(shell: Shell): Command {
  return new Command("webhook")
    .summary("receive and sign webhook deliveries")
    .description("Receives deliveries to a webhook_url and checks them, or signs one for a test.")
    .addHelpText("after", "\nExample:\n  magnific webhook listen --port 8787")
    .addCommand(listenCommand(shell))
    .addCommand(signCommand(shell));
}

function withSecret(command: Command): Command {
  return command
    .option(
      "--secret-file <file>",
      "read the secret from this file, which only you may read (default: MAGNIFIC_WEBHOOK_SECRET)",
    )
    .addOption(
      new Option("--encoding <encoding>", "how the secret encodes the key").choices(["utf8", "base64"]).default("utf8"),
    )
    .addOption(jsonFlag());
}

function listenCommand(shell: Shell): Command {
  const command = new Command("listen")
    .summary("verify and print deliveries")
    .description(
      "Answers deliveries, and prints each genuine one. Others are answered with 400 and reported on stderr.",
    )
    .option("--port <port>", "the port", whole(0, 65_535), 8787)
    .option("--host <address>", "the address to listen on", "127.0.0.1")
    .option("--tolerance <seconds>", "how old a delivery may be", whole(0), 300)
    .option("--count <deliveries>", "exit after this many genuine deliveries", whole(1));
  withSecret(command);
  example(command, "MAGNIFIC_WEBHOOK_SECRET=… magnific webhook listen --port 8787 --json");
  type ListenFlags = SecretFlags & { port: number; host: string; tolerance: number; count?: number };
  return command.action(async (flags: ListenFlags) => {
    const secret = await secretOf(flags);
    const { tolerance, encoding } = flags;
    const interrupted = untilInterrupted();
    const done = new AbortController();
    let received = 0;
    const options: WebhookOptions = { secret, tolerance, encoding, seen: seenWebhooks() };
    const server = createServer((request, response) => {
      void answer(shell, request, response, options, flags).then((genuine) => {
        if (genuine && ++received === flags.count) done.abort();
      });
    });
    await new Promise<void>((ready, failed) => {
      server.once("error", (error: NodeJS.ErrnoException) =>
        failed(new UsageError(`Cannot listen on port ${flags.port} of ${flags.host} (${error.code}).`)),
      );
      server.listen(flags.port, flags.host, ready);
    });
    const { address, port } = server.address() as AddressInfo;
    const host = address.includes(":") ? `[${address}]` : address;
    shell.terminal.say(`Listening on http://${host}:${port}/ (Ctrl-C to stop)`);
    await new Promise<void>((ended) => {
      for (const signal of [interrupted, done.signal]) signal.addEventListener("abort", () => ended());
    });
    server.close();
    server.closeAllConnections();
    shell.exit(EXIT.ok);
  });
}

/** @returns Whether the delivery was genuine. */
async function answer(
  { terminal }: Shell,
  request: IncomingMessage,
  response: ServerResponse,
  options: WebhookOptions,
  { json }: SecretFlags,
): Promise<boolean> {
  try {
    const { id, timestamp, task } = await unwrap({ headers: request.headers, body: request }, options);
    const status = task.status === "UNKNOWN" ? task.wireStatus : task.status;
    if (json === true)
      terminal.json({
        event: "webhook",
        id,
        timestamp: timestamp.toISOString(),
        task: task.id,
        status,
        images: task.images,
      });
    else {
      terminal.out(`${timestamp.toISOString()}  ${plain(task.id)}  ${plain(status)}`);
      for (const url of task.images) terminal.out(`  ${plain(url)}`);
    }
    response.writeHead(204).end();
    return true;
  } catch (error) {
    const replayed = error instanceof WebhookError && error.fault === "replayed";
    terminal.say(`rejected: ${plain(sentenceOf(error))}`);
    // A repeated delivery that is answered with an error would only be repeated again.
    response.writeHead(replayed ? 204 : 400).end();
    request.resume();
    return false;
  }
}

function signCommand(shell: Shell): Command {
  const command = new Command("sign")
    .summary("sign a body as the provider would")
    .description("Prints the headers that make a body a genuine delivery, or sends the delivery to a URL of yours.")
    .argument("<body>", "a file with the body, or - for stdin")
    .option("--id <id>", "webhook-id (default: a random one)")
    .option("--send <url>", "send the delivery there and print the status of the response");
  withSecret(command);
  example(command, "magnific webhook sign delivery.json --send http://127.0.0.1:8787/");
  return command.action(async (path: string, flags: SecretFlags & { id?: string; send?: string }) => {
    const body = path === "-" ? await text(process.stdin) : await bodyIn(path);
    const signed = await signWebhook({ body, secret: await secretOf(flags), encoding: flags.encoding, id: flags.id });
    if (flags.send !== undefined) {
      await using proxied = await proxyFetch(process.env, flags.send);
      const request = { method: "POST", redirect: "manual", ...signed } as const;
      const { status } = await proxied.fetch(addressOf(flags.send), request).catch((error: unknown) => {
        const { cause } = error as { cause?: { code?: unknown } };
        throw new Error(`${flags.send} could not be reached (${String(cause?.code ?? "no connection")}).`);
      });
      if (flags.json === true) shell.terminal.json({ event: "sent", status, headers: signed.headers });
      else shell.terminal.out(String(status));
      shell.exit(status >= 200 && status < 300 ? EXIT.ok : EXIT.failed);
    } else if (flags.json === true) shell.terminal.json({ headers: signed.headers, body });
    else for (const [name, value] of Object.entries(signed.headers)) shell.terminal.out(`${name}: ${value}`);
  });
}

async function secretOf({ secretFile }: SecretFlags): Promise<string> {
  if (secretFile !== undefined) return await secretIn(secretFile);
  const secret = process.env.MAGNIFIC_WEBHOOK_SECRET;
  if (secret) return secret;
  throw new UsageError("There is no webhook secret: set MAGNIFIC_WEBHOOK_SECRET, or use --secret-file.");
}

async function bodyIn(path: string): Promise<string> {
  return await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${path} cannot be read (${error.code ?? error.message}).`);
  });
}

function addressOf(url: string): URL {
  if (!URL.canParse(url)) throw new UsageError(`${url} is not a valid URL.`);
  return new URL(url);
}
