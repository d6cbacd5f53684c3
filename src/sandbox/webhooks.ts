/** Deliveries to a task's `webhook_url`: signed, tried again, and gone wrong on demand. */

import { randomBytes } from "node:crypto";
import type { Time } from "../util/time.js";
import { type Log, type WebhookEntry, withoutSecrets } from "./log.js";
import type { Store } from "./store.js";
import type { TaskDetail } from "./task.js";
import type { WebhookBehaviour } from "./webhook-behaviour.js";
import { bodyOf, type PendingWebhook } from "./webhook-delivery.js";
import { post } from "./webhook-post.js";
import { webhookSignature } from "./webhook-signature.js";

/** How webhooks are delivered. What the provider does here is mostly undocumented; these are the sandbox's own ways. */
export interface WebhookOptions {
  /** What signs deliveries (its UTF-8 bytes are the key). Default: random, see `sandbox.webhookSecret`. */
  readonly secret?: string | undefined;
  /**
   * Where deliveries may go. "loopback": to this machine alone, anything else is logged and not sent. "any": wherever a
   * submit says. A function decides by the address. Default: "loopback".
   */
  readonly targets?: "loopback" | "any" | ((url: URL) => boolean) | undefined;
  /**
   * Milliseconds before each further try after an answer other than 2xx, or none. Default: `[1000, 5000, 30000]`;
   * `[]` tries once.
   */
  readonly retryDelaysMs?: readonly number[] | undefined;
  /** Milliseconds that a try may take. Default: 10,000. */
  readonly timeoutMs?: number | undefined;
  /** How long a delivery scripted as "late" is held back, in milliseconds. Default: 5,000. */
  readonly lateByMs?: number | undefined;
}

export type ResolvedWebhookOptions = { readonly [Name in keyof WebhookOptions]-?: NonNullable<WebhookOptions[Name]> };

/** What deliveries need of their surroundings. */
export interface WebhookContext {
  readonly time: Time;
  readonly log: Log;
  /** Keeps what is not delivered yet. */
  readonly store: Pick<Store, "webhooks" | "saveWebhook" | "removeWebhook">;
  /** Where the sandbox can be reached. */
  readonly origin: () => string;
}

export class Webhooks {
  readonly #options: ResolvedWebhookOptions;
  readonly #context: WebhookContext;
  readonly #waiting = new Set<() => void>();
  readonly #closing = new AbortController();

  constructor(options: ResolvedWebhookOptions, context: WebhookContext) {
    this.#options = options;
    this.#context = context;
  }

  /** Takes up the deliveries that an earlier run was left with. */
  async restore(): Promise<void> {
    const { store } = this.#context;
    for (const pending of await store.webhooks()) {
      if (this.#allowed(pending) !== undefined) this.#later(pending);
      else await store.removeWebhook(pending.id);
    }
  }

  /** Announces a task's status. Resolves when the delivery can no longer be forgotten, which is before it is sent. */
  async announce(detail: TaskDetail, target: string, behaviour: WebhookBehaviour): Promise<void> {
    const now = this.#context.time.now();
    const webhookId = randomId("msg_");
    const pending: PendingWebhook = {
      id: randomId(""),
      webhookId,
      target,
      detail,
      forged: false,
      attempt: 1,
      dueAt: behaviour === "late" ? now + this.#options.lateByMs : now,
    };
    if (this.#allowed(pending) === undefined) return;
    if (behaviour === "lose") return this.#notSent(pending, "lost, as scripted");
    const deliveries = [pending];
    if (behaviour === "duplicate") deliveries.push({ ...pending, id: randomId("") });
    if (behaviour === "forge")
      deliveries.push({ ...pending, id: randomId(""), webhookId: randomId("msg_"), forged: true });
    for (const delivery of deliveries) await this.#context.store.saveWebhook(delivery);
    for (const delivery of deliveries) this.#later(delivery);
  }

  /** Ends all waiting. What is not delivered yet stays with the store. */
  close(): void {
    this.#closing.abort();
    for (const cancel of this.#waiting) cancel();
    this.#waiting.clear();
  }

  /** The address, if a delivery may go there; else that is logged. */
  #allowed(pending: PendingWebhook): URL | undefined {
    const url = URL.canParse(pending.target) ? new URL(pending.target) : undefined;
    if (url !== undefined && this.#mayReach(url)) return url;
    this.#notSent(pending, "the sandbox sends webhooks to this machine only; option webhooks.targets");
    return undefined;
  }

  #mayReach(url: URL): boolean {
    if (url.protocol !== "http:" && url.protocol !== "https:") return false;
    const { targets } = this.#options;
    if (typeof targets === "function") return targets(url);
    return targets === "any" || isLoopback(url.hostname);
  }

  #notSent({ detail, webhookId, target }: PendingWebhook, reason: string): void {
    const { time, log } = this.#context;
    const facts = { taskId: detail.task_id, webhookId, target: withoutSecrets(target), attempt: 0 };
    log.add({ event: "webhook", at: time.now(), ...facts, outcome: "not_sent", reason });
  }

  #later(pending: PendingWebhook): void {
    if (this.#closing.signal.aborted) return;
    const { time } = this.#context;
    const left = pending.dueAt - time.now();
    if (left <= 0) {
      void this.#send(pending);
      return;
    }
    const cancel = time.after(left, () => {
      this.#waiting.delete(cancel);
      void this.#send(pending);
    });
    this.#waiting.add(cancel);
  }

  async #send(pending: PendingWebhook): Promise<void> {
    const { time, log, store, origin } = this.#context;
    const { webhookId, detail, attempt, forged } = pending;
    const url = new URL(pending.target);
    const body = bodyOf(pending, origin());
    const secret = forged ? randomId("") : this.#options.secret;
    const timestamp = String(Math.floor(time.now() / 1000));
    const headers = {
      "content-type": "application/json",
      "user-agent": "magnific-sandbox",
      "webhook-id": webhookId,
      "webhook-timestamp": timestamp,
      "webhook-signature": webhookSignature(secret, webhookId, timestamp, body),
    };
    log.counts.webhooks++;
    let result: Pick<WebhookEntry, "outcome" | "status" | "reason">;
    const limit = new AbortController();
    const settled = time.after(this.#options.timeoutMs, () => limit.abort());
    try {
      const status = await post(url, headers, body, AbortSignal.any([this.#closing.signal, limit.signal]));
      result = { outcome: status >= 200 && status < 300 ? "delivered" : "refused", status };
    } catch (error) {
      result = { outcome: "failed", reason: limit.signal.aborted ? "no answer in time" : reasonOf(error) };
    } finally {
      settled();
    }
    if (this.#closing.signal.aborted) return;
    const facts = { taskId: detail.task_id, webhookId, target: withoutSecrets(url.href), attempt };
    log.add({ event: "webhook", at: time.now(), ...facts, ...result });
    const delay = this.#options.retryDelaysMs[attempt - 1];
    if (result.outcome === "delivered" || delay === undefined) {
      await kept(store.removeWebhook(pending.id));
      return;
    }
    const next = { ...pending, attempt: attempt + 1, dueAt: time.now() + delay };
    const saved = store.saveWebhook(next);
    this.#later(next);
    await kept(saved);
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

/** A folder that can no longer be written to makes a restart repeat a try, and is no reason to stop trying. */
async function kept(written: Promise<void>): Promise<void> {
  await written.catch(() => {});
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}

function randomId(prefix: string): string {
  return prefix + randomBytes(12).toString("hex");
}
