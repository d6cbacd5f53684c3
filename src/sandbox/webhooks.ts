/** Deliveries to a task's `webhook_url`: signed, tried again, and gone wrong on demand. */

import { randomBytes } from "node:crypto";
import type { Time } from "../time.js";
import { type Log, type WebhookEntry, withoutSecrets } from "./log.js";
import type { WebhookBehaviour } from "./webhook-behaviour.js";
import { post } from "./webhook-post.js";
import { webhookSignature } from "./webhook-signature.js";

/** How webhooks are delivered. What the provider does here is mostly undocumented; these are the sandbox's own ways. */
export interface WebhookOptions {
  /** What signs deliveries (its UTF-8 bytes are the key). Default: random, see `sandbox.webhookSecret`. */
  readonly secret?: string;
  /**
   * Where deliveries may go. "loopback": to this machine alone, anything else is logged and not sent. "any": wherever a
   * submit says. A function decides by the address. Default: "loopback".
   */
  readonly targets?: "loopback" | "any" | ((url: URL) => boolean);
  /**
   * Milliseconds before each further try after an answer other than 2xx, or none. Default: `[1000, 5000, 30000]`;
   * `[]` tries once.
   */
  readonly retryDelaysMs?: readonly number[];
  /** Milliseconds that a try may take. Default: 10,000. */
  readonly timeoutMs?: number;
  /** How long a delivery scripted as "late" is held back, in milliseconds. Default: 5,000. */
  readonly lateByMs?: number;
}

export type ResolvedWebhookOptions = Required<WebhookOptions>;

interface Delivery {
  readonly taskId: string;
  readonly webhookId: string;
  readonly url: URL;
  readonly body: string;
  readonly secret: string;
  readonly attempt: number;
}

export class Webhooks {
  readonly #options: ResolvedWebhookOptions;
  readonly #time: Time;
  readonly #log: Log;
  readonly #waiting = new Set<() => void>();
  readonly #closing = new AbortController();

  constructor(options: ResolvedWebhookOptions, time: Time, log: Log) {
    this.#options = options;
    this.#time = time;
    this.#log = log;
  }

  /** Announces a status; `body` is the JSON that is sent and signed. */
  announce(taskId: string, target: string, body: string, behaviour: WebhookBehaviour): void {
    const url = URL.canParse(target) ? new URL(target) : undefined;
    const webhookId = `msg_${randomBytes(12).toString("hex")}`;
    const untried = { event: "webhook", taskId, webhookId, target: withoutSecrets(target), attempt: 0 } as const;
    if (url === undefined || !this.#isAllowed(url)) {
      const reason = "the sandbox sends webhooks to this machine only; option webhooks.targets";
      this.#log.add({ ...untried, at: this.#time.now(), outcome: "not_sent", reason });
      return;
    }
    if (behaviour === "lose") {
      this.#log.add({ ...untried, at: this.#time.now(), outcome: "not_sent", reason: "lost, as scripted" });
      return;
    }
    const delivery: Delivery = { taskId, webhookId, url, body, secret: this.#options.secret, attempt: 1 };
    if (behaviour === "late") this.#later(this.#options.lateByMs, delivery);
    else void this.#send(delivery);
    if (behaviour === "duplicate") void this.#send(delivery);
    if (behaviour === "forge") {
      const forged = { ...delivery, webhookId: `msg_${randomBytes(12).toString("hex")}` };
      void this.#send({ ...forged, secret: randomBytes(16).toString("hex") });
    }
  }

  close(): void {
    this.#closing.abort();
    for (const cancel of this.#waiting) cancel();
    this.#waiting.clear();
  }

  #isAllowed(url: URL): boolean {
    if (url.protocol !== "http:" && url.protocol !== "https:") return false;
    const { targets } = this.#options;
    if (typeof targets === "function") return targets(url);
    return targets === "any" || isLoopback(url.hostname);
  }

  #later(ms: number, delivery: Delivery): void {
    const cancel = this.#time.after(ms, () => {
      this.#waiting.delete(cancel);
      void this.#send(delivery);
    });
    this.#waiting.add(cancel);
  }

  async #send(delivery: Delivery): Promise<void> {
    if (this.#closing.signal.aborted) return;
    const { taskId, webhookId, url, body, secret, attempt } = delivery;
    const timestamp = String(Math.floor(this.#time.now() / 1000));
    const headers = {
      "content-type": "application/json",
      "user-agent": "magnific-sandbox",
      "webhook-id": webhookId,
      "webhook-timestamp": timestamp,
      "webhook-signature": webhookSignature(secret, webhookId, timestamp, body),
    };
    this.#log.counts.webhooks++;
    let result: Pick<WebhookEntry, "outcome" | "status" | "reason">;
    const limit = new AbortController();
    const settled = this.#time.after(this.#options.timeoutMs, () => limit.abort());
    try {
      const status = await post(url, headers, body, AbortSignal.any([this.#closing.signal, limit.signal]));
      result = { outcome: status >= 200 && status < 300 ? "delivered" : "refused", status };
    } catch (error) {
      result = { outcome: "failed", reason: limit.signal.aborted ? "no answer in time" : reasonOf(error) };
    } finally {
      settled();
    }
    if (this.#closing.signal.aborted) return;
    const target = withoutSecrets(url.href);
    this.#log.add({ event: "webhook", at: this.#time.now(), taskId, webhookId, target, attempt, ...result });
    const delay = this.#options.retryDelaysMs[attempt - 1];
    if (result.outcome !== "delivered" && delay !== undefined)
      this.#later(delay, { ...delivery, attempt: attempt + 1 });
  }
}

/** Names that cannot lead off this machine. A name that merely resolves to loopback is not among them. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname)
  );
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
