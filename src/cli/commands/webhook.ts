/** `magnific webhook listen` and `webhook sign`: deliveries, received and made. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Command } from "commander";
import { WebhookError } from "../../errors/webhook-error.js";
import { wireStatusOf } from "../../task/task-status.js";
import { seenWebhooks } from "../../webhook/seen.js";
import { signWebhook } from "../../webhook/sign.js";
import type { SecretEncoding } from "../../webhook/signature.js";
import { unwrap, type WebhookOptions } from "../../webhook/verify.js";
import { EXIT, sentenceOf, UsageError } from "../exit.js";
import { untilAborted, untilInterrupted } from "../interrupt.js";
import { secretIn, textIn } from "../key.js";
import { choiceOf, jsonFlag, whole } from "../options.js";
import { proxyFetch } from "../proxy.js";
import { plain } from "../terminal.js";
import { type Shell, subcommand, tell } from "./command.js";

interface SecretFlags {
  readonly secretFile?: string;
  readonly encoding?: SecretEncoding;
}

export function webhookCommand(shell: Shell): Command {
  return subcommand(
    "webhook",
    "receive and sign webhook deliveries",
    "Receives deliveries to a webhook_url and checks them, or signs one for a test.",
    "magnific webhook listen --port 8787",
  )
    .addCommand(listenCommand(shell))
    .addCommand(signCommand(shell));
}

function withSecret(command: Command): Command {
  const source = "read the secret from this file, which only you may read (default: MAGNIFIC_WEBHOOK_SECRET)";
  return command
    .option("--secret-file <file>", source)
    .addOption(
      choiceOf("--encoding <encoding>", "how the secret encodes the key (default: base64 after whsec_, else utf8)", [
        "utf8",
        "base64",
      ]),
    )
    .addOption(jsonFlag());
}

function listenCommand(shell: Shell): Command {
  const command = subcommand(
    "listen",
    "verify and print deliveries",
    "Answers deliveries, and prints each genuine one. Others are answered with 400 and reported on stderr.",
    "MAGNIFIC_WEBHOOK_SECRET=… magnific webhook listen --port 8787 --json",
  )
    .option("--port <port>", "the port", whole(0, 65_535), 8787)
    .option("--host <address>", "the address to listen on", "127.0.0.1")
    .option("--tolerance <seconds>", "how old a delivery may be", whole(0), 300)
    .option("--count <deliveries>", "exit after this many genuine deliveries", whole(1));
  type ListenFlags = SecretFlags & { port: number; host: string; tolerance: number; count?: number };
  return withSecret(command).action(async (flags: ListenFlags) => {
    const secret = await secretOf(flags);
    const { tolerance, encoding } = flags;
    const interrupted = untilInterrupted();
    const done = new AbortController();
    let received = 0;
    const options: WebhookOptions = { secret, tolerance, encoding, seen: seenWebhooks() };
    const server = createServer((request, response) => {
      void answer(shell, request, response, options).then((genuine) => {
        if (genuine && ++received === flags.count) done.abort();
      });
    });
    await once(server.listen(flags.port, flags.host), "listening").catch(({ code }: NodeJS.ErrnoException) => {
      throw new UsageError(`Cannot listen on port ${flags.port} of ${flags.host} (${code}).`);
    });
    const { address, port } = server.address() as AddressInfo;
    const host = address.includes(":") ? `[${address}]` : address;
    shell.terminal.say(`Listening on http://${host}:${port}/ (Ctrl-C to stop)`);
    await untilAborted(AbortSignal.any([interrupted, done.signal]));
    server.close();
    server.closeAllConnections();
    shell.exit(EXIT.ok);
  });
}

/** @returns Whether the delivery was genuine. */
async function answer(
  shell: Shell,
  request: IncomingMessage,
  response: ServerResponse,
  options: WebhookOptions,
): Promise<boolean> {
  try {
    const { id, timestamp, task } = await unwrap({ headers: request.headers, body: request }, options);
    const { images } = task;
    const [time, status] = [timestamp.toISOString(), wireStatusOf(task)];
    const lines = [`${time}  ${plain(task.id)}  ${plain(status)}`, ...images.map((url) => `  ${plain(url)}`)];
    tell(shell, { event: "webhook", id, timestamp: time, task: task.id, status, images }, ...lines);
    response.writeHead(204).end();
    return true;
  } catch (error) {
    const replayed = error instanceof WebhookError && error.fault === "replayed";
    shell.terminal.say(`rejected: ${plain(sentenceOf(error))}`);
    // A repeated delivery that is answered with an error would only be repeated again.
    response.writeHead(replayed ? 204 : 400).end();
    request.resume();
    return false;
  }
}

function signCommand(shell: Shell): Command {
  const command = subcommand(
    "sign",
    "sign a body as the provider would",
    "Prints the headers that make a body a genuine delivery, or sends the delivery to a URL of yours.",
    "magnific webhook sign delivery.json --send http://127.0.0.1:8787/",
  )
    .argument("<body>", "a file with the body, or - for stdin")
    .option("--id <id>", "webhook-id (default: a random one)")
    .option("--send <url>", "send the delivery there and print the status of the response");
  return withSecret(command).action(async (path: string, flags: SecretFlags & { id?: string; send?: string }) => {
    const body = path === "-" ? await text(process.stdin) : await textIn(path);
    const signed = await signWebhook({ body, secret: await secretOf(flags), encoding: flags.encoding, id: flags.id });
    const { headers } = signed;
    if (flags.send === undefined) {
      tell(shell, { headers, body }, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`));
      return;
    }
    if (!URL.canParse(flags.send)) throw new UsageError(`${flags.send} is not a valid URL.`);
    const fetch = await proxyFetch(process.env, flags.send);
    const request = { method: "POST", redirect: "manual", ...signed } as const;
    const { status } = await fetch(flags.send, request).catch((error: unknown) => {
      const { cause } = error as { cause?: { code?: unknown } };
      throw new Error(`${flags.send} could not be reached (${String(cause?.code ?? "no connection")}).`);
    });
    tell(shell, { event: "sent", status, headers }, String(status));
    shell.exit(status >= 200 && status < 300 ? EXIT.ok : EXIT.failed);
  });
}

async function secretOf({ secretFile }: SecretFlags): Promise<string> {
  if (secretFile !== undefined) return await secretIn(secretFile);
  const secret = process.env.MAGNIFIC_WEBHOOK_SECRET;
  if (secret) return secret;
  throw new UsageError("There is no webhook secret: set MAGNIFIC_WEBHOOK_SECRET, or use --secret-file.");
}
